import type { RoleCalls } from '../../../ports/index.js';
import type * as wire from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const roleCalls = ({ ask }: Serving<RoleCalls>): Pick<wire.ControlServer, 'createRole'> => ({
  createRole: ask('create', (create, { name, allow, stacks }) => create({ name, allow, ...(stacks.length === 0 ? {} : { stacks }) })),
});
