import type { InstanceChecks } from '../model/index.js';
import type { Caller, InstanceCalls, Nodes, Random } from '../ports/index.js';
import { forwardPort } from './forward.js';
import { sees } from './gate.js';
import { lookInside, openFiles, openProgram } from './inside.js';
import { readLogs } from './logs.js';
import { fullName } from './names.js';
import { notFound } from './not-found.js';
import { requireGrid } from './require-grid.js';
import { instanceStatistics, type StatisticsMeans } from './statistics.js';

interface Means extends StatisticsMeans {
  readonly random: Random;
  readonly nodes: Nodes;
}

/** What reaches into the containers of instances. */
export const instanceCalls = (means: Means, caller: Caller): InstanceCalls => ({
  logs: (grid, name, search, signal) => readLogs(means, { grid, name, search }, signal),
  forward: (grid, target, signal) => forwardPort(means, grid, target, signal),
  exec: (grid, target, signal) => openProgram(means, grid, target, signal),
  attach: (grid, name, signal) => openProgram(means, grid, { name }, signal),
  look: (grid, at, signal) => lookInside(means, grid, at, signal),
  pack: (grid, at, signal) => openFiles(means, grid, { ...at, way: 'pack' }, signal).received(),
  unpack: (grid, at, signal) => openFiles(means, grid, { ...at, way: 'unpack' }, signal),
  statistics: (grid, query) => instanceStatistics(means, grid, query, (name) => sees({ ...means, caller }, 'statistics', { kind: 'instance', grid, name })),
  checks: (grid, instance, signal) => checksOf(means, grid, instance, signal),
});

/** What an instance last answered: its node knows. @throws KontenaError KON_NOT_FOUND, KON_NODE_UNREACHABLE, KON_CONTAINER_MISSING */
async function checksOf({ store, nodes }: Pick<Means, 'store' | 'nodes'>, grid: string, typed: string, signal: AbortSignal): Promise<InstanceChecks> {
  const view = store.view(grid);
  requireGrid(view);
  const entry = view.get('Instance', fullName('instance', typed, view));
  if (entry === undefined) throw notFound({ what: 'instance', typed, grid, known: view.list('Instance').map(({ name }) => name) });
  return nodes.ask<'checks'>({ grid, name: entry.body.node }, { kind: 'checks', instance: entry.name }, signal);
}
