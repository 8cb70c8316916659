import type { ServiceCalls } from '../../../ports/index.js';
import { defined } from '../../convert/plain.js';
import { appliedTo } from '../../convert/stacks.js';
import { gridOf } from '../../convert/words.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';
import { operated } from './operated.js';

export const serviceCalls = ({ ask }: Serving<ServiceCalls>): Pick<ControlServer, 'scale' | 'updateService' | 'startService' | 'stopService' | 'restartService' | 'redeployService'> => ({
  scale: ask('scale', async (scale, request) => appliedTo(await scale(gridOf(request), request.service, request.instances))),
  updateService: ask('update', async (update, { service, image, env, unset, instances, ...request }) => appliedTo(await update(gridOf(request), service, defined({ image, env, unset, instances })))),
  startService: ask('start', operated),
  stopService: ask('stop', operated),
  restartService: ask('restart', operated),
  redeployService: ask('redeploy', operated),
});
