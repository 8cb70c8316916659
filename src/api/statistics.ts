import { elapsedMs, type Entry, isoTime, KontenaError, type Instant, slotOf } from '../model/index.js';
import type { Clock, Fared, InstanceStatistics, NodeSaid, Statistics, StatisticsOfNode, StatisticsQuery, Store, View } from '../ports/index.js';
import { belongs, instancesMeant, withoutKind } from './names.js';
import { requireGrid } from './require-grid.js';
import { requireNode } from './require-node.js';
import { silence } from './shapes/silence.js';

export interface StatisticsMeans {
  readonly store: Store;
  readonly clock: Clock;
  readonly statistics: Statistics;
}

/** Looked up in one turn: with their history, some milliseconds' work. */
const BATCH = 100;

/** What the instances use that are to run, or those that are meant, in the order of their names. @throws KontenaError KON_NOT_FOUND, KON_INVALID */
export async function* instanceStatistics(means: StatisticsMeans, grid: string, { name, since }: StatisticsQuery, isSeen: (name: string) => boolean): AsyncGenerator<InstanceStatistics> {
  const view = means.store.view(grid);
  requireGrid(view);
  const meant = name === undefined ? undefined : instancesMeant(name, view).name;
  const from = momentOf(since);
  const shown = view.list('Instance').filter((entry) => belongs(entry.name, meant) && isThere(entry, view) && isSeen(entry.name));
  yield* eachOf(shown, ({ name: instance, body: { node } }) => {
    const said = means.statistics.newest(grid, node);
    const usage = said?.said.instances[instance];
    return { name: instance, node, ...(usage === undefined ? {} : { usage }), ...fared(means, view, { node, what: slotOf(instance), said: usage && said, from }) };
  });
}

/** What the nodes use. @throws KontenaError KON_NOT_FOUND, KON_INVALID */
export async function* nodeStatistics(means: StatisticsMeans, grid: string, { name, since }: StatisticsQuery): AsyncGenerator<StatisticsOfNode> {
  const view = means.store.view(grid);
  requireGrid(view);
  const nodes = name === undefined ? view.list('Node') : [requireNode(withoutKind('node', name), view)];
  const from = momentOf(since);
  yield* eachOf(nodes, ({ name: node }) => {
    const said = means.statistics.newest(grid, node);
    return { name: node, ...(said === undefined ? {} : { usage: said.said.node }), ...fared(means, view, { node, what: `node/${node}`, said, from }) };
  });
}

async function* eachOf<From, To>(all: readonly From[], describe: (one: From) => To): AsyncGenerator<To> {
  for (let from = 0; from < all.length; from += BATCH) {
    yield* all.slice(from, from + BATCH).map(describe);
    await Promise.resolve();
  }
}

/** It is to run, or still does. */
const isThere = ({ name, body }: Entry<'Instance'>, view: View): boolean => body.wanted === 'running' || view.get('Report', name)?.body.phase === 'running';

interface Asked {
  readonly node: string;
  readonly what: string;
  readonly said: NodeSaid | undefined;
  readonly from: Instant | undefined;
}

function fared({ clock, statistics }: StatisticsMeans, view: View, { node, what, said, from }: Asked): Fared {
  const reason = silence(node, view);
  return {
    ...(said === undefined ? {} : { at: isoTime(said.at), ageMs: Math.max(0, elapsedMs(said.at, clock.now())) }),
    ...(reason === undefined ? {} : { silence: reason }),
    ...(from === undefined ? {} : { history: statistics.since(view.grid, what, from) }),
  };
}

/** @throws KontenaError KON_INVALID */
function momentOf(iso: string | undefined): Instant | undefined {
  const moment = iso === undefined ? undefined : Date.parse(iso);
  if (Number.isNaN(moment)) throw new KontenaError('KON_INVALID', `"${String(iso)}" is no moment: ISO 8601 is wanted`);
  return moment as Instant | undefined;
}
