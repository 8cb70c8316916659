import { KontenaError, type Revision } from '../model/index.js';
import type { Changed, Clock, Progress, Store } from '../ports/index.js';
import { Bell } from './bell.js';
import { withoutKind } from './names.js';
import { StackProgress } from './progress.js';
import { requireGrid } from './require-grid.js';

interface Followed {
  readonly grid: string;
  readonly stack: string;
  /** Of the declaration: an older one than the store's is followed as the store's. */
  readonly revision: Revision;
}

/**
 * What happens to a stack until everything declared is running, or something will not: ends with `done` or `failed`, or when aborted.
 *
 * @throws KontenaError KON_NOT_FOUND when there is no such stack, KON_REVISION_UNKNOWN when it was never declared at that revision
 */
export async function* followStack(store: Store, clock: Clock, { grid, stack: typed, revision }: Followed, signal: AbortSignal): AsyncGenerator<Progress> {
  const view = store.view(grid);
  requireGrid(view);
  const stack = withoutKind('stack', typed);
  if (view.get('Stack', stack) === undefined) throw new KontenaError('KON_NOT_FOUND', `there is no stack ${stack} in grid ${grid}`);
  if (revision > store.revision) throw new KontenaError('KON_REVISION_UNKNOWN', `revision ${revision} is yet to come: the newest is ${store.revision}`);

  const bell = new Bell(clock);
  const progress = new StackProgress(stack);
  const stop = store.watch((all) => {
    if (all.some((changed) => changed.grid === grid && concerns(changed, stack))) bell.ring();
  });
  try {
    while (!signal.aborted) {
      const { events, wakeAt } = progress.look(store.view(grid), clock.now());
      yield* events;
      const last = events.at(-1)?.type;
      if (last === 'done' || last === 'failed') return;
      await bell.next(signal, wakeAt);
    }
  } finally {
    stop();
  }
}

function concerns({ kind, name }: Changed, stack: string): boolean {
  if (kind === 'Node' || kind === 'Pulse' || kind === 'Health') return true;
  return name === stack || name.startsWith(`${stack}/`);
}

