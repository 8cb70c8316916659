import { GRID_ROLES, KontenaError, MASTER_ROLES, mayDo, type RoleSpec } from '../model/index.js';
import { type Action, ACTIONS, type ActionName, type ByteStream, type Caller, type Control, type Resource, type Store, type Target, type View } from '../ports/index.js';
import type { Revocations } from './revocations.js';
import { fullName, instancesMeant, withoutKind } from './names.js';
import { rolesOf } from './rights.js';

export interface GateOptions {
  readonly store: Store;
  readonly caller: Caller;
  readonly revocations: Revocations;
}

type AnyCall = (...asked: readonly unknown[]) => unknown;
type AnyActions = Readonly<Record<string, Readonly<Record<string, Action<readonly unknown[]>>>>>;

/**
 * What a caller may ask, and nothing else: each call asks for its right first, as the table of its group names it, and
 * what lasts is cut when that is taken back. A refusal is thrown at the call.
 */
export function gated(control: Control, options: GateOptions): Control {
  const actions = ACTIONS as unknown as AnyActions;
  const behind = (group: string, calls: object): object =>
    Object.fromEntries(Object.entries(calls as Record<string, AnyCall>).map(([name, call]) => [name, guarded(call, actions[group]?.[name] as Action<readonly unknown[]>, options)]));
  return Object.fromEntries(Object.entries(control).map(([group, calls]: [string, object]) => [group, behind(group, calls)])) as unknown as Control;
}

function guarded(call: AnyCall, { action, on }: Action<readonly unknown[]>, options: GateOptions): AnyCall {
  return (...asked) => {
    const require = (): void => requireRight(options, typeof action === 'string' ? action : action(...asked), on(...asked));
    require();
    const signal = asked.at(-1);
    if (!(signal instanceof AbortSignal)) return call(...asked);
    const held = options.revocations.hold(require, signal);
    const answer = call(...asked.slice(0, -1), held.signal);
    if (isItems(answer)) return whileHeld(answer, held);
    return isBytes(answer) ? { ...answer, received: () => whileHeld(answer.received(), held) } : answer;
  };
}

const isItems = (answer: unknown): answer is AsyncIterable<unknown> => typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
const isBytes = (answer: unknown): answer is ByteStream => typeof answer === 'object' && answer !== null && 'received' in answer;

/** What comes while the right to it lasts. @throws KontenaError why it does no longer */
async function* whileHeld<T>(items: AsyncIterable<T>, held: ReturnType<Revocations['hold']>): AsyncGenerator<T> {
  try {
    for await (const item of items) {
      held.requireStill();
      yield item;
    }
    held.requireStill();
  } finally {
    held.release();
  }
}

/** @throws KontenaError KON_FORBIDDEN, which says what right is missing and which roles have it */
function requireRight({ store, caller }: GateOptions, action: ActionName, target: Target): void {
  if (target.isEach === true) return;
  const roles = rolesOf(store, caller, target.grid);
  if (mayDo(roles, action, isNarrowed(roles) ? stackMeant(store, target) : undefined)) return;
  const { grid, name } = target;
  const where = grid === undefined ? 'on the master' : `in grid ${grid}${name === undefined ? '' : `, for ${name}`}`;
  throw new KontenaError('KON_FORBIDDEN', `${caller.name} may not ${action} ${where}: ${holders(action, grid)} may`);
}

/** `developer, operator and grid-admin`. */
function holders(action: string, grid: string | undefined): string {
  const known = Object.entries({ ...(grid === undefined ? {} : GRID_ROLES), ...MASTER_ROLES });
  const names = known.flatMap(([name, role]) => (mayDo([role], action) ? [name] : []));
  return names.length === 1 ? (names[0] as string) : `${names.slice(0, -1).join(', ')} and ${names.at(-1) as string}`;
}

const isNarrowed = (roles: readonly RoleSpec[]): boolean => roles.some(({ stacks }) => stacks !== undefined);

/** The stack of what was named; of what cannot be told, its first word, which is as good as any that nobody may see. */
function stackMeant(store: Store, { grid, kind, name }: Target): string | undefined {
  if (grid === undefined || kind === undefined || name === undefined) return undefined;
  if (kind === 'any') return stackOf('instance', anyMeant(name, store.view(grid)));
  return stackOf(kind, fullName(kind, name, store.view(grid)));
}

function anyMeant(name: string, view: View): string {
  try {
    return instancesMeant(name, view).name;
  } catch {
    return withoutKind('stack', withoutKind('service', withoutKind('instance', name)));
  }
}

/** Which stack something belongs to by its name, a route to that of the service that is served; undefined for what belongs to none. */
function stackOf(kind: string, name: string): string | undefined {
  if (kind === 'route') return name.slice(name.indexOf(':') + 1).split('/')[0];
  return kind === 'stack' || kind === 'service' || kind === 'instance' ? name.split('/')[0] : undefined;
}

/** Whether somebody may be shown this item of a list. */
export function sees({ store, caller }: Pick<GateOptions, 'store' | 'caller'>, verb: 'list' | 'watch', { kind, grid, name }: Pick<Resource, 'kind' | 'grid' | 'name'>): boolean {
  const lower = kind.toLowerCase();
  return mayDo(rolesOf(store, caller, grid), `${lower}.${verb}`, stackOf(lower, name));
}
