import type { ServiceCalls } from '../../../ports/index.js';
import { defined } from '../../convert/plain.js';
import { appliedTo, verbFrom } from '../../convert/stacks.js';
import { gridOf } from '../../convert/words.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const serviceCalls = ({ ask }: Serving<ServiceCalls>): Pick<ControlServer, 'scale' | 'updateService' | 'operateService'> => ({
  scale: ask('scale', async (scale, request) => appliedTo(await scale(gridOf(request), request.service, request.instances))),
  updateService: ask('update', async (update, { service, image, env, unset, instances, ...request }) => appliedTo(await update(gridOf(request), service, defined({ image, env, unset, instances })))),
  operateService: ask('operate', async (operate, request) => appliedTo(await operate(gridOf(request), request.name, verbFrom(request.verb)))),
});
