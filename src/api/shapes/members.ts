import { GRID_ROLES, MASTER_ROLES, type RoleSpec } from '../../model/index.js';
import type { Resource, View } from '../../ports/index.js';
import { namesOf, resource, type Shape } from './resource.js';

/** Who may do what in a grid. */
export const members: Shape = {
  names: (view) => namesOf(view, 'Member'),
  describe: (view, name) => {
    const entry = view.get('Member', name);
    return entry === undefined ? undefined : resource('Member', view.grid, entry, { spec: entry.body, status: {} });
  },
  watches: { Member: (name) => [name] },
};

const OWN: Readonly<Record<string, RoleSpec>> = { ...GRID_ROLES, ...MASTER_ROLES };

/** Roles of Kontena's own and those that people made; the former are as old as the grid they are shown in. */
export const roles: Shape = {
  names: (view) => [...Object.keys(OWN), ...namesOf(view, 'Role')],
  describe: (view, name) => described(view, name),
  watches: { Role: (name) => [name] },
};

function described(view: View, name: string): Resource | undefined {
  const own = OWN[name];
  const entry = own === undefined ? view.get('Role', name) : view.get('Grid', view.grid);
  if (entry === undefined) return undefined;
  const { allow, stacks } = own ?? (entry.body as RoleSpec);
  return resource('Role', view.grid, { ...entry, name }, { spec: { allow, stacks }, status: { isOwn: own === undefined, isOfMaster: MASTER_ROLES[name] !== undefined } });
}
