import { KontenaError, type StackSpec } from '../../../model/index.js';
import type { StackCalls } from '../../../ports/index.js';
import { appliedTo, progressTo } from '../../convert/stacks.js';
import { gridOf } from '../../convert/words.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';
import { operated } from './operated.js';

export const stackCalls = ({ ask, stream }: Serving<StackCalls>): Pick<ControlServer, 'apply' | 'startStack' | 'stopStack' | 'restartStack' | 'redeployStack' | 'follow'> => ({
  apply: ask('apply', async (apply, request) => {
    const { stack, dryRun, origin, secrets, volumes } = request;
    if (stack === undefined) throw new KontenaError('KON_INVALID', 'the request to apply holds no stack');
    // The api looks at every member of it: whatever a client sends arrives here.
    return appliedTo(await apply({ grid: gridOf(request), stack: stack as StackSpec, dryRun, secrets, ...(volumes.length === 0 ? {} : { volumes }), ...(origin === '' ? {} : { origin }) }));
  }),
  startStack: ask('start', operated),
  stopStack: ask('stop', operated),
  restartStack: ask('restart', operated),
  redeployStack: ask('redeploy', operated),
  follow: stream('follow', async function* (follow, request, signal) {
    for await (const progress of follow(gridOf(request), request.stack, request.revision, signal)) yield progressTo(progress);
  }),
});
