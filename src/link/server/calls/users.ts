import type { UserCalls } from '../../../ports/index.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const userCalls = ({ ask }: Serving<UserCalls>): Pick<ControlServer, 'addUser' | 'setPassword' | 'changeOwnPassword' | 'disableUser'> => ({
  addUser: ask('add', (add, request) => add(request)),
  setPassword: ask('setPassword', (set, request) => set(request)),
  changeOwnPassword: ask('changeOwnPassword', (change, request) => change(request)),
  disableUser: ask('disable', (disable, request) => disable(request)),
});
