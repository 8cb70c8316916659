import { VOLUME_SCOPES } from '../../../model/index.js';
import type { VolumeCalls } from '../../../ports/index.js';
import { gridOf, oneOf } from '../../convert/words.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';
import { never } from './never.js';

export const volumeCalls = ({ ask }: Serving<VolumeCalls>): Pick<ControlServer, 'declareVolume' | 'removeVolume'> => ({
  declareVolume: ask('declare', (declare, { name, scope, driver, driverOpts, isNew, ...request }) =>
    declare(gridOf(request), { name, scope: oneOf('scope', VOLUME_SCOPES, scope), driver, driverOpts, isNew })),
  removeVolume: ask('remove', async (remove, request) => {
    const { revision, removed, left } = await remove(gridOf(request), request.name, { withData: request.withData }, never);
    return { revision, removed: removed.map((one) => ({ ...one, reason: '' })), left: left.map(({ name = '', ...rest }) => ({ name, ...rest })) };
  }),
});
