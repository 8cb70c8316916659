import type { ServiceCalls } from '../../../ports/index.js';
import { appliedTo } from '../../convert/stacks.js';
import { gridOf } from '../../convert/words.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const serviceCalls = ({ ask }: Serving<ServiceCalls>): Pick<ControlServer, 'scale'> => ({
  scale: ask('scale', async (scale, request) => appliedTo(await scale(gridOf(request), request.service, request.instances))),
});
