import { Cluster, eventually, openBed } from '../docker/harness/index.js';
import type { Measurement } from './measure.js';

const NODES = 3;
/** Of a service that is replaced again and again: each time, so many addresses come and go. */
const INSTANCES = 12;
const TIMES = 4;
const P99_MS = 300;
const STAY = "trap 'exit 0' TERM\nwhile true; do busybox sleep 3600 & wait; done";

interface Served {
  readonly count: number;
  readonly medianMs?: number;
  readonly p99Ms?: number;
}

/** From the report of a changed endpoint to the moment that the servers of names of three real nodes answer with it, as `network status` says. */
export async function benchServed(say: (line: string) => void): Promise<readonly Measurement[]> {
  const bed = await openBed(NODES);
  let cluster: Cluster | undefined;
  try {
    const image = await bed.registry.push(bed.engines[0]!, 'stay:1', STAY);
    cluster = await Cluster.start(bed);
    const web = { image, instances: INSTANCES, deploy: { min_health: 0, settle: 0 } };
    for (let time = 1; time <= TIMES; time += 1) {
      await cluster.apply({ stack: 'names', services: { web: { ...web, environment: [`TIME=${String(time)}`] } } }, '--timeout', '3m');
      say(`deployed ${String(time)} of ${String(TIMES)} times`);
    }
    const { count, medianMs = Infinity, p99Ms = Infinity } = await eventually('all changes were told of', () => allOf(cluster!, INSTANCES * TIMES * NODES));
    return [
      { group: 'served', what: 'changes of endpoints, each at each of three nodes', value: count, unit: '' },
      { group: 'served', what: 'served by the servers of names within, median', value: medianMs, unit: 'ms' },
      { group: 'served', what: 'the same, p99', value: p99Ms, unit: 'ms', bound: { sort: 'at most', value: P99_MS } },
    ];
  } finally {
    await cluster?.stop();
    await bed.close();
  }
}

/** Undefined before so many were counted: nodes tell of them with their answers to pings. */
async function allOf(cluster: Cluster, count: number): Promise<Served | undefined> {
  const { items } = JSON.parse(await cluster.must(['network', 'status', '-o', 'json'])) as { readonly items: readonly Partial<Served>[] };
  const served = items.find((item): item is Served => item.count !== undefined);
  return served === undefined || served.count < count ? undefined : served;
}
