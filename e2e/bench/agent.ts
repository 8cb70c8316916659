import { linuxCounts } from '../../src/machine-statistics/index.js';
import { Cluster, eventually, openBed, processesWith, type Engine } from '../docker/harness/index.js';
import type { Measurement } from './measure.js';
import { usageOf } from './usage.js';

const INSTANCES = 50;
const OVER_SECONDS = 60;
/** What statistics are asked to bear, and how often they are read. */
const READ = 200;
const EVERY_SECONDS = 10;
const ROUNDS = 20;

/** Ends at once when asked to. */
const STAY = "trap 'exit 0' TERM\nwhile true; do busybox sleep 3600 & wait; done";

/** What an agent uses that has 50 instances and nothing to do; and what reading the statistics of 200 containers takes. */
export async function benchAgent(say: (line: string) => void): Promise<readonly Measurement[]> {
  const bed = await openBed(1);
  const engine = bed.engines[0]!;
  let cluster: Cluster | undefined;
  try {
    const image = await bed.registry.push(engine, 'bench:1', STAY);
    cluster = await Cluster.start(bed);
    await cluster.apply({ stack: 'bench', services: { web: { image, instances: INSTANCES } } });
    await eventually('all of them run', async () => ((await engine.running()).length >= INSTANCES ? true : undefined), 120_000, 500);
    const [agent] = processesWith(cluster.agentData(engine));
    say(`${INSTANCES} instances run; looking at their agent for ${OVER_SECONDS} s`);
    const { megabytes, percent } = await usageOf(agent!.pid, OVER_SECONDS);
    return [
      { group: 'agent', what: `memory with ${INSTANCES} instances, idle`, value: megabytes, unit: 'MB', bound: { sort: 'at most', value: 110 } },
      { group: 'agent', what: 'processor, of one core', value: percent, unit: '%', bound: { sort: 'at most', value: 2 } },
      { group: 'agent', what: `statistics of ${READ} containers every ${EVERY_SECONDS} s, of one core`, value: await readingShare(engine), unit: '%', bound: { sort: 'at most', value: 5 } },
    ];
  } finally {
    await cluster?.stop();
    await bed.close();
  }
}

/** Reads the machine and 200 times one of the containers, as an agent does. Returns the share of a core, in percent. */
async function readingShare(engine: Engine): Promise<number> {
  const ids = (await engine.docker(['ps', '-q', '--no-trunc'])).split('\n').filter((id) => id !== '');
  const counts = linuxCounts({ dataFolder: () => '/' });
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) {
    const machine = await counts.machine();
    for (let at = 0; at < READ; at += 1) {
      if (counts.container(ids[at % ids.length]!, machine) === undefined) throw new Error(`the kernel counts nothing of container ${ids[at % ids.length]!}`);
    }
  }
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / 1e6 / ROUNDS / EVERY_SECONDS) * 100;
}
