import type { RegistryCalls } from '../../../ports/index.js';
import { gridOf } from '../../convert/words.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const registryCalls = ({ ask }: Serving<RegistryCalls>): Pick<ControlServer, 'writeRegistry'> => ({
  writeRegistry: ask('write', async (write, { host, user, password, ...request }) => {
    const { usedBy, ...kept } = await write(gridOf(request), { host, user, password });
    return { ...kept, usedBy: [...usedBy] };
  }),
});
