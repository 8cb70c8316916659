import { type Entry, isoTime, KontenaError, type LogLine, messageOf } from '../model/index.js';
import type { Changed, Clock, LogQuery, Nodes, Store } from '../ports/index.js';
import { Merge } from './merge.js';
import { instancesMeant } from './names.js';
import { requireGrid } from './require-grid.js';

interface Means {
  readonly store: Store;
  readonly clock: Clock;
  readonly nodes: Nodes;
}

interface Asked {
  readonly grid: string;
  readonly name: string;
  readonly query: LogQuery;
}

/** Streams opened for one question: more than anyone reads at once, few enough for the nodes. */
const MOST_STREAMS = 1000;

/**
 * What the containers of an instance, or of all instances of a service or a stack, wrote. Followed, instances that
 * come later are heard too. Of several, one that cannot be read has a line that says so, as long as another can.
 *
 * @throws KontenaError KON_NOT_FOUND, KON_INVALID for too many instances, or why none of those asked for can be read
 */
export async function* readLogs(means: Means, { grid, name, query }: Asked, signal: AbortSignal): AsyncGenerator<LogLine> {
  const { store, clock, nodes } = means;
  const view = store.view(grid);
  requireGrid(view);
  const meant = instancesMeant(name, view);
  const isLasting = query.follow && meant.kind !== 'instance';
  const ending = new AbortController();
  const merge = new Merge<LogLine>(isLasting);
  const heard = new Set<string>();
  const unread: LogLine[] = [];
  let isAnyRead = false;

  const open = async function* (entry: Entry<'Instance'>): AsyncGenerator<LogLine> {
    try {
      for await (const line of nodes.logs({ grid, name: entry.body.node }, entry.name, query, ending.signal)) {
        yield* readable();
        yield line;
      }
      yield* readable();
    } catch (error) {
      if (ending.signal.aborted) return;
      if (!(error instanceof KontenaError)) throw error;
      unread.push({ instance: entry.name, stream: 'stderr', at: isoTime(clock.now()), line: `(no logs: ${messageOf(error)})` });
      if (isAnyRead) yield* readable();
      else if (unread.length === heard.size) throw error;
    }
  };
  /** From the first that can be read on, what is said of those that cannot. */
  const readable = (): readonly LogLine[] => {
    isAnyRead = true;
    return unread.splice(0);
  };
  const listen = (entry: Entry<'Instance'>): void => {
    if (heard.has(entry.name)) return;
    heard.add(entry.name);
    merge.add(open(entry));
  };
  const listenToNew = (changed: Changed): void => {
    if (changed.grid !== grid || changed.kind !== 'Instance' || !changed.name.startsWith(prefixOf(meant))) return;
    const entry = store.view(grid).get('Instance', changed.name);
    if (entry !== undefined) listen(entry);
  };
  const finish = (): void => {
    ending.abort();
    merge.release();
  };

  const entries = view.list('Instance', prefixOf(meant));
  if (entries.length > MOST_STREAMS) throw new KontenaError('KON_INVALID', `${name} has ${entries.length} instances: ask for the logs of a service or an instance`);
  entries.forEach(listen);
  const stop = isLasting ? store.watch((all) => all.forEach(listenToNew)) : undefined;
  signal.addEventListener('abort', finish, { once: true });
  if (signal.aborted) finish();
  try {
    yield* merge.read();
  } finally {
    stop?.();
    signal.removeEventListener('abort', finish);
    ending.abort();
  }
}

/** The beginning of the names of all instances that are meant. */
function prefixOf({ kind, name }: ReturnType<typeof instancesMeant>): string {
  switch (kind) {
    case 'instance':
      return name;
    case 'service':
      return `${name}.`;
    case 'stack':
      return `${name}/`;
  }
}
