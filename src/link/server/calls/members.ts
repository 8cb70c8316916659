import type { MemberCalls } from '../../../ports/index.js';
import { gridOf } from '../../convert/words.js';
import type * as wire from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const memberCalls = ({ ask }: Serving<MemberCalls>): Pick<wire.ControlServer, 'addMember' | 'removeMember'> => ({
  addMember: ask('add', (add, request) => add(gridOf(request), { name: request.name, role: request.role })),
  removeMember: ask('remove', (remove, request) => remove(gridOf(request), { name: request.name, ...(request.role === '' ? {} : { role: request.role }) })),
});
