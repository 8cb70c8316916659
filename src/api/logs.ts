import { TimeMerge } from '../merge/index.js';
import { isoTime, fullMoment, KontenaError, type LogBatch, type LogLine, type LogSearch, type LogSubject, messageOf } from '../model/index.js';
import type { Changed, Clock, Nodes, Store, View } from '../ports/index.js';
import { instancesMeant, parseSlot, withoutKind } from './names.js';
import { requireGrid } from './require-grid.js';

interface Means {
  readonly store: Store;
  readonly clock: Clock;
  readonly nodes: Pick<Nodes, 'logs'>;
}

interface Asked {
  readonly grid: string;
  readonly name: string;
  readonly search: LogSearch;
}

/**
 * What was written by an instance, a slot, or all of a service or a stack, in the order of time over all nodes. Followed, nodes
 * that come later are heard too. Of several, one that cannot be read has a line that says so, as long as another can.
 *
 * @throws KontenaError KON_NOT_FOUND, KON_INVALID for what is no regular expression, or why no node that was asked can be read
 */
export async function* readLogs(means: Means, { grid, name, search }: Asked, signal: AbortSignal): AsyncGenerator<readonly LogLine[]> {
  const { store } = means;
  const view = store.view(grid);
  requireGrid(view);
  const subject = subjectMeant(name, view);
  const prefix = prefixOf(subject);
  const reading = new Reading(search, (node, over) => means.nodes.logs({ grid, name: node }, { subject, search }, over), (about, error) => unread(means.clock, about, error));
  const listenToNew = (changed: Changed): void => {
    if (changed.grid !== grid || changed.kind !== 'Instance' || !changed.name.startsWith(prefix)) return;
    const node = store.view(grid).get('Instance', changed.name)?.body.node;
    if (node !== undefined) reading.hear(node);
  };
  for (const node of nodesOf(view, prefix, search)) reading.hear(node);
  const stop = search.follow ? store.watch((all) => all.forEach(listenToNew)) : undefined;
  try {
    yield* reading.read(signal);
  } finally {
    stop?.();
  }
}

/** The log of nodes' agents, each under its node's name. @throws KontenaError as {@link readLogs} */
export async function* readAgentLogs({ clock, nodes }: Means, { grid, names, search }: { readonly grid: string; readonly names: readonly string[]; readonly search: LogSearch }, own: AsyncIterable<LogBatch> | undefined, signal: AbortSignal): AsyncGenerator<readonly LogLine[]> {
  const subject: LogSubject = { kind: 'agent', name: '' };
  const reading = new Reading(search, (node, over) => nodes.logs({ grid, name: node }, { subject, search }, over), (about, error) => unread(clock, `node/${about}`, error));
  if (own !== undefined) reading.add(own);
  for (const name of names) reading.hear(name);
  yield* reading.read(signal);
}

/** What is said in place of a log that cannot be read. */
const unread = (clock: Clock, instance: string, error: KontenaError): LogLine =>
  ({ instance, stream: 'start', at: fullMoment(isoTime(clock.now())), line: `(no logs: ${messageOf(error)})` });

type Open = (node: string, over: AbortSignal) => AsyncIterable<LogBatch>;

/** The logs of several nodes, each heard once. */
class Reading {
  readonly #open: Open;
  readonly #inPlace: (node: string, error: KontenaError) => LogLine;
  readonly #merge: TimeMerge;
  readonly #ending = new AbortController();
  readonly #heard = new Set<string>();
  readonly #unread: LogLine[] = [];
  #isAnyRead = false;

  constructor({ follow }: LogSearch, open: Open, inPlace: (node: string, error: KontenaError) => LogLine) {
    this.#open = open;
    this.#inPlace = inPlace;
    this.#merge = new TimeMerge(follow);
  }

  hear(node: string): void {
    if (this.#heard.has(node)) return;
    this.#heard.add(node);
    this.#merge.add(this.#ofNode(node));
  }

  add(log: AsyncIterable<LogBatch>): void {
    this.#isAnyRead = true;
    this.#merge.add(log);
  }

  async *read(signal: AbortSignal): AsyncGenerator<readonly LogLine[]> {
    const finish = (): void => {
      this.#ending.abort();
      this.#merge.release();
    };
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
    try {
      for await (const { lines } of this.#merge.read()) if (lines.length > 0) yield lines;
    } finally {
      signal.removeEventListener('abort', finish);
      this.#ending.abort();
    }
  }

  async *#ofNode(node: string): AsyncGenerator<LogBatch> {
    try {
      for await (const batch of this.#open(node, this.#ending.signal)) {
        yield* this.#readable();
        yield batch;
      }
      yield* this.#readable();
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      if (!(error instanceof KontenaError) || error.code === 'KON_INVALID') throw error;
      this.#unread.push(this.#inPlace(node, error));
      if (this.#isAnyRead) yield* this.#readable();
      else if (this.#unread.length === this.#heard.size) throw error;
    }
  }

  /** From the first that can be read on, what is said of those that cannot. */
  *#readable(): Iterable<LogBatch> {
    this.#isAnyRead = true;
    const lines = this.#unread.splice(0);
    if (lines.length > 0) yield { lines, isCaughtUp: false };
  }
}

/** Nodes with an instance of what is meant; all, where rounds are looked for that may have run anywhere. */
function nodesOf(view: View, prefix: string, { isPrevious }: LogSearch): ReadonlySet<string> {
  const instances = view.list('Instance', prefix);
  if (isPrevious === true || instances.length === 0) return new Set(view.list('Node').map(({ name }) => name));
  return new Set(instances.map(({ body }) => body.node));
}

/** What a name given to `logs` means. @throws KontenaError KON_NOT_FOUND */
function subjectMeant(typed: string, view: View): LogSubject {
  const name = withoutKind('instance', typed);
  const slot = parseSlot(name);
  if (slot !== undefined && view.list('Instance', `${name}@`).length > 0) return { kind: 'slot', name };
  return instancesMeant(typed, view);
}

/** The beginning of the names of all instances that are meant. */
function prefixOf({ kind, name }: LogSubject): string {
  switch (kind) {
    case 'instance':
    case 'agent':
      return name;
    case 'slot':
      return `${name}@`;
    case 'service':
      return `${name}.`;
    case 'stack':
      return `${name}/`;
  }
}
