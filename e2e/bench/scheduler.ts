import { performance } from 'node:perf_hooks';
import { CONTROLLERS } from '../../controllers/index.js';
import type { Instant } from '../../src/model/index.js';
import type { Controller } from '../../src/reconcile/index.js';
import { world, type World } from '../../src/testing/world.js';

const NODES = 1_000;
const SERVICES = 100;
const INSTANCES = 100;
const ROUNDS = 5;
const MIB = 1024 * 1024;
const NOW = 1_000_000 as Instant;

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** How fast the scheduler thinks: planning alone, no store, no wire. Medians of five rounds, each on a grid of its own. */
export function benchScheduler(): Promise<readonly Figure[]> {
  const rounds = Array.from({ length: ROUNDS }, () => round(grid()));
  return Promise.resolve([
    { name: 'scheduler: place 100 services of 100 instances on 1,000 nodes', value: median(rounds.map(({ placingMs }) => (SERVICES * INSTANCES * 1000) / placingMs)), unit: 'placements/s' },
    { name: 'scheduler: look at a service of 100 instances at rest', value: median(rounds.map(({ restMs }) => (restMs * 1000) / SERVICES)), unit: 'µs' },
    { name: 'scheduler: leave a lost node with 10 instances of 10 services', value: median(rounds.map(({ lossMs }) => lossMs)), unit: 'ms' },
  ]);
}

const names = Array.from({ length: SERVICES }, (_, index) => `bench/service-${String(index)}`);

/** Nodes in three zones; services that ask for cores, memory and a label that nine of ten nodes have. */
function grid(): World {
  const given = world();
  for (let node = 0; node < NODES; node += 1) {
    given.node(`node-${String(node)}`, { labels: [`az=${String(node % 3)}`, node % 10 === 0 ? 'slow' : 'fast'], cpus: 16, memoryMiB: 32_768 });
  }
  for (const name of names) given.service(`${name}@1`, { instances: INSTANCES, cpus: 0.5, memoryBytes: 256 * MIB, affinity: ['label==fast'] });
  return given;
}

function round(given: World): { readonly placingMs: number; readonly restMs: number; readonly lossMs: number } {
  const scheduler = CONTROLLERS.find(({ name }) => name === 'scheduler') as Controller;
  const placingMs = planAll(scheduler, given, SERVICES * INSTANCES);
  for (const { name } of given.list('Instance')) given.report(name, 'running');
  const restMs = planAll(scheduler, given, 0);

  const node = given.list('Instance')[0]?.body.node ?? '';
  given.with('Health', node, { phase: 'offline', since: 0 as Instant, wasLost: true });
  const began = performance.now();
  for (const service of scheduler.watches.Health?.(node, given) ?? []) scheduler.plan(service, given, NOW);
  return { placingMs, restMs, lossMs: performance.now() - began };
}

/** Milliseconds of planning; what is planned is applied outside of the time. */
function planAll(scheduler: Controller, given: World, expected: number): number {
  let spentMs = 0;
  let steps = 0;
  for (const name of names) {
    const began = performance.now();
    const plan = scheduler.plan(name, given, NOW);
    spentMs += performance.now() - began;
    steps += plan.steps.length;
    given.apply(plan.steps);
  }
  if (steps !== expected) throw new Error(`the scheduler planned ${String(steps)} steps, not ${String(expected)}`);
  return spentMs;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
