import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Change, drop, groupBy, type Instant, type Kind, later, type Millis, put, type Writer } from '../../src/model/index.js';
import type { Clock, Logged, Store } from '../../src/ports/index.js';
import { systemRandom } from '../../src/random.js';
import { KEEP_DECISIONS_MS, openStore } from '../../src/store/index.js';
import { SimCluster, simStack } from '../../src/testing/cluster.js';
import { FakeRandom } from '../../src/testing/fake-random.js';
import { serviceSpec } from '../../src/testing/world.js';
import type { Measurement } from './measure.js';

const DAYS = Number(process.env['BENCH_YEAR_DAYS'] ?? '365');
const DEPLOYS_A_DAY = 100;
const SERVICES = 100;
const INSTANCES = 10;
const IMAGES = ['app:1', 'app:2', 'app:3'];
const NEWEST = 'app:3';
/** Steps in which a day is compacted. */
const STEPS_A_DAY = 84;
const DAY_MS: Millis = 24 * 3_600_000;
const BEGAN = 1_700_000_000_000 as Instant;

const MAX_MEGABYTES = 1_000;
const MAX_START_SECONDS = 2;
const MAX_PAUSE_MS = 50;

/** What a deploy wrote, to be written again under other names. */
interface Written {
  readonly writer: Writer;
  readonly kind: Kind;
  readonly name: string;
  readonly body: string | undefined;
  readonly why: string;
}

/** A year of deploys, each replacing ten instances: how large the store becomes, how fast it opens, and for how long compaction keeps others waiting. */
export async function benchYear(say: (line: string) => void): Promise<readonly Measurement[]> {
  const deploy = await recordDeploy();
  const directory = mkdtempSync(join(tmpdir(), 'kontena-bench-year-'));
  const file = join(directory, 'store.sqlite');
  try {
    const { store, clock } = open(file);
    let [pauseMs, commitMs] = [0, 0];
    for (let day = 0; day < DAYS; day += 1) {
      await writeDay(store, clock, deploy, day);
      pauseMs = Math.max(pauseMs, await longestPause(() => store.compact(later(clock.now(), -KEEP_DECISIONS_MS))));
      commitMs = Math.max(commitMs, await longestPause(() => writeAlone(store, day)));
      if ((day + 1) % 30 === 0) say(`day ${day + 1}: ${store.revision} rows, ${megabytes(file).toFixed(0)} MB`);
    }
    const rows = store.revision;
    await store.close();
    const size = megabytes(file);
    const begun = performance.now();
    const again = open(file).store;
    const startSeconds = (performance.now() - begun) / 1000;
    const { brokenAt } = again.verify();
    await again.close();
    if (brokenAt !== undefined) throw new Error(`the chain of the history breaks at ${brokenAt}`);
    return [
      { group: 'year', what: `rows of ${DAYS} days, ${DEPLOYS_A_DAY} deploys of ${INSTANCES} instances each`, value: rows, unit: 'rows' },
      { group: 'year', what: 'the store after them', value: size, unit: 'MB', bound: { sort: 'at most', value: MAX_MEGABYTES } },
      { group: 'year', what: 'opening it', value: startSeconds, unit: 's', bound: { sort: 'at most', value: MAX_START_SECONDS } },
      { group: 'year', what: 'longest pause of a compaction', value: pauseMs, unit: 'ms', bound: { sort: 'at most', value: MAX_PAUSE_MS } },
      { group: 'year', what: 'longest pause of single commits, as many as its steps', value: commitMs, unit: 'ms' },
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What a real master writes for the third deploy of a service, which also clears away the first: the rows of a simulated cluster. */
async function recordDeploy(): Promise<readonly (readonly Written[])[]> {
  const cluster = new SimCluster({ file: join(tmpdir(), `kontena-bench-deploy-${process.pid}.sqlite`), random: new FakeRandom(1), waitsForDisk: () => true });
  try {
    await cluster.start({ default: ['n1', 'n2', 'n3'] });
    for (const { runtime } of cluster.nodes.values()) for (const image of IMAGES) runtime.images.add(image);
    await cluster.pass(5_000);
    const befores: number[] = [];
    for (const image of IMAGES) {
      befores.unshift(cluster.store?.revision ?? 0);
      const stack = simStack('shop', { web: serviceSpec({ image, instances: INSTANCES }) });
      await cluster.ask((control) => control.stacks.apply({ grid: 'default', stack, dryRun: false, secrets: {} }));
      await cluster.pass(2 * 60_000);
    }
    return commitsOf(cluster.store?.history({ after: befores[0] ?? 0 }) ?? [], befores);
  } finally {
    await cluster.stop();
  }
}

/** The rows that one plan wrote, together; names of this deploy end in `@0`, those of the one before in `@1`, and so on. */
function commitsOf(rows: readonly Logged[], befores: readonly number[]): readonly (readonly Written[])[] {
  const commits = groupBy(rows, ({ at, writer }) => `${at} ${writer}`);
  return [...commits.values()].map((commit) => commit.map(({ writer, change: { kind, name, body, why } }) => ({
    writer, kind, why, name: name.replace(/@(\d+)$/, (_, revision: string) => `@${befores.findIndex((before) => Number(revision) > before)}`),
    body: body === undefined ? undefined : JSON.stringify(body),
  })));
}

/** A day's deploys at once, so that they share their fsyncs, as a busy master's do. */
async function writeDay(store: Store, clock: DayClock, deploy: readonly (readonly Written[])[], day: number): Promise<void> {
  clock.day = day;
  for (const commit of deploy) {
    await Promise.all(Array.from({ length: DEPLOYS_A_DAY }, (_, index) => {
      const number = day * DEPLOYS_A_DAY + index;
      const [service, round] = [number % SERVICES, Math.floor(number / SERVICES)];
      const writer = commit[0]?.writer ?? 'api';
      return store.update({ writer, grid: 'default' }, () => ({ steps: commit.map((written) => asChange(written, `s${service}`, round)) }));
    }));
  }
}

/** Single commits, a row each: what the disk and whatever else the machine does come to, without any compaction. */
async function writeAlone(store: Store, day: number): Promise<void> {
  for (let step = 0; step < STEPS_A_DAY; step += 1) {
    await store.update({ writer: 'node-health', grid: 'default' }, () => ({ steps: [put('Health', 'n1', { phase: 'online', since: (day * STEPS_A_DAY + step) as Instant, wasLost: false }, 'alone')] }));
  }
}

function asChange({ kind, name, body, why }: Written, stack: string, round: number): Change {
  const named = name.replace('shop', stack).replace(/@(\d)$/, (_, ago: string) => `@${IMAGES.length + round - Number(ago)}`);
  if (body === undefined) return drop(kind, named, why);
  return { kind, name: named, body: JSON.parse(body.replaceAll('shop', stack).replaceAll(NEWEST, `${NEWEST}.${round}`)) as object, why } as Change;
}

/** The longest time for which `work` kept the event loop from turning, in milliseconds. */
async function longestPause(work: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return Number.isFinite(delay.max) ? delay.max / 1e6 : 0;
}

type DayClock = Clock & { day: number };

/** Days pass when told to; whoever waits is woken at once. */
function open(file: string): { readonly store: Store; readonly clock: DayClock } {
  const clock: DayClock = {
    day: 0,
    now: () => later(BEGAN, clock.day * DAY_MS),
    wall: () => clock.now(),
    neverBefore: () => undefined,
    at: (_when, wake) => {
      const soon = setImmediate(wake);
      return () => clearImmediate(soon);
    },
    soon: (run) => void setImmediate(run),
  };
  const onFatal = (error: Error): never => {
    throw error;
  };
  return { store: openStore(file, { clock, random: systemRandom, onFatal }), clock };
}

const megabytes = (file: string): number => ['', '-wal'].reduce((sum, suffix) => sum + (statSync(`${file}${suffix}`, { throwIfNoEntry: false })?.size ?? 0), 0) / 1e6;
