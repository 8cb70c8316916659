import { drop, GRID_ROLES, groupOfMember, isGroupName, KontenaError, MASTER_ROLES, type MemberBody, put, type Revision } from '../model/index.js';
import type { Caller, MemberCalls, Membership, Store, View } from '../ports/index.js';
import type { AuthorIn } from './author-in.js';
import { FIRST_GRID } from './first-grid.js';
import { notFound } from './not-found.js';
import { requireGrid } from './require-grid.js';
import { homeOfRole, memberships, requireAsMuch, specOf } from './rights.js';

interface Means {
  readonly store: Store;
}

/** What may be asked of members. */
export const memberCalls = ({ store }: Means, author: AuthorIn, caller: Caller): MemberCalls => ({
  add: async (grid, membership) => {
    requireSomebody(store, membership.name);
    return addMember(store, author, caller, { ...membership, grid });
  },
  remove: async (grid, membership) => removeMember(store, author, caller, { ...membership, grid }),
});

interface Place extends Membership {
  readonly grid: string;
}

/** @throws KontenaError KON_NOT_FOUND, KON_FORBIDDEN */
export async function addMember(store: Store, author: AuthorIn, caller: Caller, { name, role, grid }: Place): Promise<{ readonly revision: Revision }> {
  requireMayGive(store, caller, { name, role, grid });
  const isOfMaster = MASTER_ROLES[role] !== undefined;
  const { revision } = await store.update(author(isOfMaster ? FIRST_GRID : grid), (view) => {
    const body = view.get('Member', name)?.body ?? { roles: [] };
    const next: MemberBody = isOfMaster ? { ...body, masterRoles: withRole(body.masterRoles, role) } : { ...body, roles: withRole(body.roles, role) };
    return { steps: [put('Member', name, next, `${role} was given`)] };
  });
  return { revision };
}

/** @throws KontenaError KON_NOT_FOUND for a grid or role that there is not, KON_FORBIDDEN */
export function requireMayGive(store: Store, caller: Caller, { role, grid }: Place): void {
  requireGrid(store.view(grid));
  if (specOf(store, role) === undefined) {
    const own = store.view(FIRST_GRID).list('Role').map((entry) => entry.name);
    const known = [...Object.keys(GRID_ROLES), ...Object.keys(MASTER_ROLES), ...own];
    throw new KontenaError('KON_NOT_FOUND', `there is no role ${role}; there are ${known.join(', ')}`);
  }
  requireAsMuch(store, caller, homeOfRole(role, grid), role);
}

const withRole = (roles: readonly string[] = [], role: string): readonly string[] => (roles.includes(role) ? roles : [...roles, role].sort());

async function removeMember(store: Store, author: AuthorIn, caller: Caller, { name, role, grid }: { readonly name: string; readonly role?: string; readonly grid: string }): Promise<{ readonly revision: Revision }> {
  requireGrid(store.view(grid));
  const had = memberships(store, name).filter((one) => (role === undefined ? one.grid === grid : one.role === role && (one.grid ?? grid) === grid));
  if (had.length === 0) throw noSuch(store.view(grid), name, role);
  for (const one of had) requireAsMuch(store, caller, one.grid, one.role);
  const home = had.some((one) => one.grid === undefined) ? FIRST_GRID : grid;
  const { revision } = await store.update(author(home), (view) => {
    const body = view.get('Member', name)?.body;
    if (body === undefined) throw noSuch(view, name, role);
    const gone = new Set(had.map((one) => one.role));
    const roles = body.roles.filter((one) => !gone.has(one));
    const masterRoles = (body.masterRoles ?? []).filter((one) => !gone.has(one));
    if (roles.length === 0 && masterRoles.length === 0) return { steps: [drop('Member', name, 'taken out')] };
    return { steps: [put('Member', name, { roles, ...(masterRoles.length === 0 ? {} : { masterRoles }) }, `${[...gone].join(', ')} was taken back`)] };
  });
  return { revision };
}

function noSuch(view: View, name: string, role: string | undefined): KontenaError {
  const known = view.list('Member').map((entry) => entry.name);
  if (role !== undefined && known.includes(name)) return new KontenaError('KON_NOT_FOUND', `${name} is no ${role} in grid ${view.grid}`);
  return notFound({ what: 'member', typed: name, grid: view.grid, known });
}

/** Of a group nobody here knows whether there is one: its provider says so when somebody signs in. */
function requireSomebody(store: Store, name: string): void {
  const group = groupOfMember(name);
  if (group !== undefined && !isGroupName(group)) throw new KontenaError('KON_INVALID', 'a group has a name of 1 to 200 characters that can be printed');
  const view = store.view(FIRST_GRID);
  if (group !== undefined || view.get('Credential', name) !== undefined || view.get('User', name) !== undefined) return;
  throw notFound({ what: 'user or credential', typed: name, known: [...view.list('User'), ...view.list('Credential')].map((entry) => entry.name) });
}
