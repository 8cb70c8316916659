import type { ServiceState } from './service-state.js';

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
  if (other.slots.some(({ still }) => still !== undefined)) return true;
  if (other.declared !== waiting.declared) return false;
  return other.goal.reverted !== undefined || other.slots.some(({ availability, isSettled }) => availability !== 'available' || !isSettled);
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
