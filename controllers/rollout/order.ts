import { isReady, type ServiceState } from './service-state.js';

/** By the service that begins; states are made anew for each plan. Where nothing has instances, every path would be walked. */
const answers = new WeakMap<ServiceState, { readonly after: string | undefined }>();

/**
 * The service that `state`, which nothing ran of yet, must wait for before it begins: one that it links to and that does
 * not serve as it is declared. Of services that link to each other none waits for the other.
 */
export function beginsAfter(state: ServiceState, all: ReadonlyMap<string, ServiceState>): string | undefined {
  if (!state.isNew) return undefined;
  const known = answers.get(state);
  if (known !== undefined) return known.after;
  const after = state.linksTo.find((name) => {
    const other = all.get(name);
    return other !== undefined && !reaches(name, state.name, all) && !isServed(other, all);
  });
  answers.set(state, { after });
  return after;
}

/** One without slots has nothing to serve, once it may begin and nodes were looked for. */
function isServed(other: ServiceState, all: ReadonlyMap<string, ServiceState>): boolean {
  if (other.isStopped) return true;
  if (other.goal.reverted !== undefined) return false;
  if (other.slots.length === 0) return other.placesUntil === undefined && beginsAfter(other, all) === undefined;
  return other.slots.every((slot) => slot.still === undefined && isReady(slot));
}

/**
 * The service that `state` must wait for before its running slots are replaced: one that it links to, whose own replacing
 * is under way. Services that link to each other wait for neither, or both would for ever; what goes back waits for nobody.
 */
export function mustWaitFor(state: ServiceState, all: ReadonlyMap<string, ServiceState>): string | undefined {
  if (state.goal.reverted !== undefined) return undefined;
  return state.linksTo.find((name) => {
    const other = all.get(name);
    return other !== undefined && isReplacing(other, state) && !reaches(name, state.name, all);
  });
}

/**
 * A rollout declared in the same breath is over when all its slots serve, and never when it went back: what was declared
 * with it was made for it. An older one is over when no slot is behind: it may have failed long since.
 */
function isReplacing(other: ServiceState, waiting: ServiceState): boolean {
  if (other.isStopped) return false;
  if (other.slots.some(({ still }) => still !== undefined)) return true;
  if (other.declared !== waiting.declared) return false;
  return other.goal.reverted !== undefined || !other.slots.every(isReady);
}

function reaches(from: string, to: string, all: ReadonlyMap<string, ServiceState>): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === to) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...(all.get(name)?.linksTo ?? []));
  }
  return false;
}
