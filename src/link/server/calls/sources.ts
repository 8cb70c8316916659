import type { SourceCalls } from '../../../ports/index.js';
import { defined } from '../../convert/plain.js';
import { gridOf } from '../../convert/words.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const sourceCalls = ({ ask }: Serving<SourceCalls>): Pick<ControlServer, 'reportSource'> => ({
  reportSource: ask('report', async (report, request) => {
    const { directory, file, stack, error, isGone } = request;
    await report(gridOf(request), { directory, file, isGone, ...defined({ stack, error }) });
    return {};
  }),
});
