import { KontenaError } from './errors.js';

/** What one may do. */
export interface RoleSpec {
  /** Actions: `stack.apply`, or all upon something: `stack.*`, or all there is: `*`. */
  readonly allow: readonly string[];
  /** Patterns of names, `web-*`: what belongs to other stacks is left out. What belongs to no stack is not concerned. */
  readonly stacks?: readonly string[];
}

const READ = ['list', 'watch', 'history'];
const reading = (...kinds: readonly string[]): readonly string[] => kinds.flatMap((kind) => READ.map((verb) => `${kind}.${verb}`));

const VIEWER = [
  ...reading('grid', 'node', 'stack', 'service', 'instance', 'route', 'source', 'secret', 'certificate', 'volume', 'registry'),
  'stack.follow', 'instance.logs', 'instance.checks', 'instance.statistics', 'node.statistics', 'event.read', 'network.status', 'network.look-up', 'volume.follow',
];
const VERBS = ['start', 'stop', 'restart', 'redeploy'].flatMap((verb) => [`stack.${verb}`, `service.${verb}`]);
const DEVELOPER = [
  ...VIEWER, ...VERBS, 'stack.apply', 'stack.remove', 'service.scale', 'service.update', 'source.report', 'secret.write', 'secret.remove', 'certificate.write', 'certificate.request', 'certificate.remove',
  'volume.declare', 'registry.write', 'registry.remove', 'instance.forward', 'instance.exec', 'instance.attach', 'instance.look', 'instance.pack', 'instance.unpack',
];
const OPERATOR = [...DEVELOPER, 'secret.read', 'certificate.read', 'volume.remove', 'volume.read', 'volume.write', 'volume.move', 'volume.call-off', 'node.update', 'node.rotate-keys', 'node.logs'];
const GRID_ADMIN = [...OPERATOR, 'node.remove', ...reading('token', 'member'), 'token.create', 'token.create-robot', 'token.remove', 'audit.read', 'member.add', 'member.remove'];

/** The roles that one has in a grid, by name; each may all that the one before it may. */
export const GRID_ROLES: Readonly<Record<string, RoleSpec>> = {
  viewer: { allow: VIEWER },
  developer: { allow: DEVELOPER },
  operator: { allow: OPERATOR },
  'grid-admin': { allow: GRID_ADMIN },
};

/** The roles that one has on the master, and so in every grid. */
export const MASTER_ROLES: Readonly<Record<string, RoleSpec>> = {
  'user-admin': { allow: [...reading('grid', 'credential', 'member', 'user', 'session'), 'credential.create', 'credential.remove', 'user.add', 'user.set-password', 'user.disable', 'user.remove', 'session.remove', 'member.add', 'member.remove'] },
  'master-admin': { allow: ['*'] },
};

/** What whoever is let in may do: see which master this is, what its roles are and who they are themselves, and renew, change or end what is theirs. */
const EVERYONE: readonly string[] = ['master.info', 'credential.renew', 'session.who', 'session.end', 'user.change-own-password', ...reading('role')];

/**
 * Whether somebody with these roles may do this to what belongs to that stack. Of something that belongs to none, and of a
 * list whose items are looked at one by one, there is no stack. Pure, and asked for each call and each item.
 */
export const mayDo = (roles: readonly RoleSpec[], action: string, stack?: string): boolean =>
  EVERYONE.includes(action) || roles.some((role) => allows(role, action, stack));

/** What of a role somebody with these roles lacks to give it: nobody gives more than they have. What is narrowed to a pattern may be given with that same pattern alone. */
export function lackedOf(roles: readonly RoleSpec[], given: RoleSpec, actions: readonly string[]): readonly string[] {
  const isHeld = (action: string, pattern: string): boolean => roles.some((role) => allowsAction(role, action) && (role.stacks === undefined || role.stacks.includes(pattern)));
  return actions.filter((action) => allowsAction(given, action) && !(given.stacks ?? ['*']).every((pattern) => isHeld(action, pattern)));
}

function allows(role: RoleSpec, action: string, stack: string | undefined): boolean {
  if (!allowsAction(role, action)) return false;
  return role.stacks === undefined || stack === undefined || role.stacks.some((pattern) => matches(pattern, stack));
}

function allowsAction({ allow }: RoleSpec, action: string): boolean {
  return allow.some((allowed) => allowed === '*' || allowed === action || (allowed.endsWith('.*') && action.startsWith(allowed.slice(0, -1))));
}

/** `*` is any part of a name; nothing else is special. Linear: parts are found one after the other, from the left. */
function matches(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === name;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let from = first.length;
  for (const part of rest) {
    const at = name.indexOf(part, from);
    if (at < 0 || at + part.length > name.length - last.length) return false;
    from = at + part.length;
  }
  return true;
}

/** @throws KontenaError KON_INVALID for an action that there is not, with those there are */
export function requireActions(allow: readonly string[], actions: readonly string[]): void {
  if (allow.length === 0) throw new KontenaError('KON_INVALID', 'a role that allows nothing is none: name actions, `stack.apply`, with --allow');
  for (const one of allow) {
    if (one === '*') throw new KontenaError('KON_INVALID', 'a role of one\'s own cannot allow `*`: that is master-admin; name actions, `stack.apply`, or all upon something, `stack.*`');
    if (!actions.some((action) => allowsAction({ allow: [one] }, action))) {
      const [upon = ''] = one.split('.');
      const near = actions.filter((action) => action.startsWith(`${upon}.`));
      throw new KontenaError('KON_INVALID', `there is no action ${one}; ${near.length > 0 ? `upon ${upon} there are ${near.join(', ')}` : `there are ${[...new Set(actions.map((action) => `${action.split('.')[0]}.*`))].join(', ')}`}`);
    }
  }
}
