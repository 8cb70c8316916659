import { drop, GRID_ROLES, isName, KontenaError, MASTER_ROLES, put, requireActions, type Revision } from '../model/index.js';
import { ACTION_NAMES, type Author, type RoleCalls, type RoleRequest, type Store } from '../ports/index.js';
import type { AuthorIn } from './author-in.js';
import { FIRST_GRID } from './first-grid.js';
import { notFound } from './not-found.js';

/** What may be asked of roles. */
export const roleCalls = ({ store }: { readonly store: Store }, author: AuthorIn): RoleCalls => ({
  create: async (request) => createRole(store, author(FIRST_GRID), request),
});

const isBuiltIn = (name: string): boolean => GRID_ROLES[name] !== undefined || MASTER_ROLES[name] !== undefined;

async function createRole(store: Store, author: Author, { name, allow, stacks }: RoleRequest): Promise<{ readonly revision: Revision }> {
  if (!isName(name)) throw new KontenaError('KON_INVALID', `"${name}" cannot name a role: letters, digits, - and _, at most 63 of them, are wanted`);
  if (isBuiltIn(name)) throw new KontenaError('KON_CONFLICT', `${name} is a role of Kontena's own, and stays what it is`);
  requireActions(allow, ACTION_NAMES);
  for (const pattern of stacks ?? []) if (!/^[\w*-]+$/.test(pattern)) throw new KontenaError('KON_INVALID', `"${pattern}" is no pattern of names of stacks: letters, digits, -, _ and * are wanted, as in web-*`);
  const { revision } = await store.update(author, () => ({ steps: [put('Role', name, { allow, ...(stacks === undefined ? {} : { stacks }) }, 'said what it may do')] }));
  return { revision };
}

/** Whoever has it may do nothing by it from then on. @throws KontenaError KON_NOT_FOUND, KON_CONFLICT for one that is not made by people */
export async function removeRole(store: Store, author: Author, name: string): Promise<{ readonly revision: Revision }> {
  if (isBuiltIn(name)) throw new KontenaError('KON_CONFLICT', `${name} is a role of Kontena's own, and cannot be removed`);
  const { revision } = await store.update({ ...author, grid: FIRST_GRID }, (view) => {
    if (view.get('Role', name) === undefined) throw notFound({ what: 'role', typed: name, known: [...Object.keys(GRID_ROLES), ...view.list('Role').map((entry) => entry.name)] });
    return { steps: [drop('Role', name, 'removed')] };
  });
  return { revision };
}
