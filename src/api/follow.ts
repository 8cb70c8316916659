import { type Entry, KontenaError, type Revision, servicesToldOf } from '../model/index.js';
import type { Changed, Clock, Overtaken, Progress, Store, View } from '../ports/index.js';
import { Bell, restAfter } from './bell.js';
import { withoutKind } from './names.js';
import { notFound } from './not-found.js';
import { StackProgress } from './progress.js';
import { requireGrid } from './require-grid.js';
import { SHAPES } from './shapes/index.js';

interface Followed {
  readonly grid: string;
  readonly stack: string;
  /** Of the declaration; 0 follows whatever is declared, also what takes its place. */
  readonly revision: Revision;
}

/**
 * What happens to a stack until everything declared is running, something will not, or something else is declared: ends with
 * `done`, `failed` or `overtaken`, or when aborted.
 *
 * @throws KontenaError KON_NOT_FOUND when there is no such stack, KON_REVISION_UNKNOWN when it cannot have been declared at that revision
 */
export async function* followStack(store: Store, clock: Clock, { grid, stack: typed, revision }: Followed, signal: AbortSignal): AsyncGenerator<Progress> {
  const view = store.view(grid);
  requireGrid(view);
  const stack = withoutKind('stack', typed);
  if (view.get('Stack', stack) === undefined) throw notFound({ what: 'stack', typed: stack, grid, known: view.list('Stack').map(({ name }) => name) });
  if (revision > 0 && !store.knows(revision)) {
    const why = revision > store.revision ? `is yet to come: the newest is ${store.revision}` : 'was lost when the master was restored from a backup';
    throw new KontenaError('KON_REVISION_UNKNOWN', `revision ${revision} ${why}`);
  }

  const bell = new Bell(clock);
  const progress = new StackProgress(stack);
  const changes = new Changes(stack);
  const stop = store.watch((all) => {
    for (const changed of all) if (changed.grid === grid && changes.add(changed, store.view(grid))) bell.ring();
  });
  try {
    while (!signal.aborted) {
      const overtaken = overtakenBy(store.view(grid).get('Stack', stack), revision);
      if (overtaken !== undefined) {
        yield overtaken;
        return;
      }
      const began = clock.now();
      const { events, wakeAt } = progress.look(store.view(grid), began, changes.take());
      const rest = restAfter(began, clock.now());
      yield* events;
      const last = events.at(-1)?.type;
      if (last === 'done' || last === 'failed') return;
      await bell.next(signal, { when: wakeAt, rest });
    }
  } finally {
    stop();
  }
}

const overtakenBy = (now: Entry<'Stack'> | undefined, followed: Revision): Overtaken | undefined =>
  now === undefined || followed === 0 || now.revision <= followed ? undefined : { type: 'overtaken', stack: now.name, revision: now.revision, by: now.updatedBy };

/** Which services of a stack may be other than they were. */
class Changes {
  readonly #stack: string;
  #services: Set<string> | 'all' = 'all';

  constructor(stack: string) {
    this.#stack = stack;
  }

  /** Whether the stack is concerned. */
  add({ kind, name }: Changed, view: View): boolean {
    if (kind === 'Node' || kind === 'Pulse' || name === this.#stack) {
      this.#services = 'all';
      return true;
    }
    if (kind === 'Balancing') return this.#concerns(servicesToldOf(view, name).filter((service) => service.startsWith(`${this.#stack}/`)));
    if (!name.startsWith(`${this.#stack}/`)) return false;
    const concerned = SHAPES.service.watches[kind]?.(name, view) ?? [];
    if (concerned === 'all') this.#services = 'all';
    else this.#concerns(concerned);
    return true;
  }

  #concerns(services: readonly string[]): boolean {
    if (this.#services !== 'all') for (const service of services) this.#services.add(service);
    return services.length > 0;
  }

  take(): ReadonlySet<string> | 'all' {
    const taken = this.#services;
    this.#services = new Set();
    return taken;
  }
}
