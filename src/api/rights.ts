import { GRID_ROLES, type Instant, isoTime, KontenaError, lackedOf, MASTER_ROLES, memberOfGroup, type MemberBody, type RoleSpec } from '../model/index.js';
import { ACTION_NAMES, type Caller, type Store } from '../ports/index.js';
import { FIRST_GRID } from './first-grid.js';

const EVERYTHING: readonly RoleSpec[] = Object.values(MASTER_ROLES).filter(({ allow }) => allow.includes('*'));

/** The roles somebody has: on the master, and in a grid where one is named. */
export function rolesOf(store: Store, caller: Caller, grid: string | undefined): readonly RoleSpec[] {
  if (isUnbounded(store, caller)) return EVERYTHING;
  if (caller.token !== undefined) return rolesOfToken(store, caller.token, grid);
  const home = store.view(FIRST_GRID);
  return membersOf(store, caller).flatMap((member) => {
    const ofMaster = home.get('Member', member)?.body.masterRoles ?? [];
    const inGrid = grid === undefined ? [] : (store.view(grid).get('Member', member)?.body.roles ?? []);
    return [...ofMaster, ...inGrid].flatMap((role) => specOf(store, role) ?? []);
  });
}

/** Whether somebody may do everything, by no role: parts of the master, its own credential, and those of before there were roles. */
export function isUnbounded(store: Store, { name, keyFingerprint, token, session }: Caller): boolean {
  if (keyFingerprint === undefined) return true;
  const credential = token === undefined && session === undefined ? store.view(FIRST_GRID).get('Credential', name)?.body : undefined;
  return credential !== undefined && credential.isByRoles !== true;
}

/** As which members somebody counts: a person by name and by every group. */
function membersOf(store: Store, { name, session }: Caller): readonly string[] {
  const home = store.view(FIRST_GRID);
  if (session === undefined) return home.get('Credential', name) === undefined ? [] : [name];
  const groups = home.get('Session', session)?.body.groups;
  return groups === undefined ? [] : [name, ...groups.map(memberOfGroup)];
}

/** Every role that somebody has, with the grid where it counts. */
export function rolesByName(store: Store, caller: Caller): readonly { readonly role: string; readonly grid?: string }[] {
  const { token } = caller;
  const role = token === undefined ? undefined : store.view(token.grid).get('Token', token.id)?.body.robot?.role;
  const had = token !== undefined ? (role === undefined ? [] : [{ role, grid: homeOfRole(role, token.grid) }]) : membersOf(store, caller).flatMap((member) => memberships(store, member));
  return had.map(({ role: name, grid }) => ({ role: name, ...(grid === undefined ? {} : { grid }) }));
}

/** A program has the one role that its token was made with, where it was made. */
function rolesOfToken(store: Store, { grid, id }: NonNullable<Caller['token']>, asked: string | undefined): readonly RoleSpec[] {
  const role = store.view(grid).get('Token', id)?.body.robot?.role;
  if (role === undefined || (MASTER_ROLES[role] === undefined && grid !== asked)) return [];
  return [specOf(store, role) ?? []].flat();
}

/** What a role allows; undefined for one that there is not. */
export const specOf = (store: Store, role: string): RoleSpec | undefined =>
  MASTER_ROLES[role] ?? GRID_ROLES[role] ?? store.view(FIRST_GRID).get('Role', role)?.body;

/**
 * Nobody gives, or takes back, more than they have: else whoever may make credentials could make one that may do all.
 *
 * @throws KontenaError KON_FORBIDDEN
 */
export function requireAsMuch(store: Store, caller: Caller, grid: string | undefined, role: string): void {
  const spec = specOf(store, role);
  const lacked = spec === undefined ? [] : lackedOf(rolesOf(store, caller, grid), spec, ACTION_NAMES);
  if (lacked.length === 0) return;
  const more = lacked.length > EXAMPLES ? ` and ${lacked.length - EXAMPLES} more` : '';
  throw new KontenaError('KON_FORBIDDEN', `${caller.name} cannot decide who is ${role}: nobody gives or takes back what they may not do themselves, and that is ${lacked.slice(0, EXAMPLES).join(', ')}${more}`);
}

/** Nor does a program give what outlasts its own token. @throws KontenaError KON_FORBIDDEN */
export function requireAsLong(store: Store, { name, token }: Caller, endsAt: Instant): void {
  const own = token === undefined ? undefined : store.view(token.grid).get('Token', token.id)?.body.expiresAt;
  if (own === undefined || endsAt <= own) return;
  throw new KontenaError('KON_FORBIDDEN', `${name} ends at ${isoTime(own)}, and cannot give what is good for longer`);
}

const EXAMPLES = 3;

/** Where a role counts that is given in a grid: undefined for those on the master. */
export const homeOfRole = (role: string, grid: string): string | undefined => (MASTER_ROLES[role] === undefined ? grid : undefined);

/** Every role that a credential has, with the grid where it has it. */
export function memberships(store: Store, name: string): readonly { readonly role: string; readonly grid: string | undefined }[] {
  return store.grids().flatMap((grid) => {
    const { roles = [], masterRoles = [] }: Partial<MemberBody> = store.view(grid).get('Member', name)?.body ?? {};
    return [...roles.map((role) => ({ role, grid })), ...masterRoles.map((role) => ({ role, grid: undefined }))];
  });
}
