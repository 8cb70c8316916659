import { Cluster, openBed } from '../docker/harness/index.js';
import { EngineAlone, Ours, Swarm } from './contenders.js';
import type { Contender } from './contender.js';
import { median, seconds, type Measurement } from './measure.js';

const ROUNDS = 3;
const SCENARIOS = ['deploy 20', 'deploy 50', 'replace a killed one', 'remove 50', 'update 10'] as const;
type Scenario = (typeof SCENARIOS)[number];

/** Ends at once when asked to. */
const STAY = "trap 'exit 0' TERM\nwhile true; do busybox sleep 3600 & wait; done";

/** The same work on the same engine by the engine's API alone, by us and by Docker Swarm, taking turns. */
export async function benchEngine(say: (line: string) => void): Promise<readonly Measurement[]> {
  const bed = await openBed(1);
  const engine = bed.engines[0]!;
  let cluster: Cluster | undefined;
  let closeOurs = (): void => undefined;
  try {
    const [first, second] = [await bed.registry.push(engine, 'bench:1', STAY), await bed.registry.push(engine, 'bench:2', `${STAY}\n# another`)];
    for (const image of [first, second]) await engine.docker(['pull', '-q', image]);
    cluster = await Cluster.start(bed);
    const swarm = new Swarm(engine);
    const ours = new Ours(cluster, engine);
    closeOurs = () => ours.close();
    const alone = new EngineAlone(engine);
    await alone.prepare();
    const contenders: readonly Contender[] = [alone, ours, swarm];
    const taken = new Map<string, number[]>();

    for (let round = 1; round <= ROUNDS; round++) {
      for (const contender of contenders) {
        if (contender === swarm) await swarm.join();
        for (const [scenario, time] of await compete(contender, first, second)) {
          const key = `${contender.name}/${scenario}`;
          taken.set(key, [...(taken.get(key) ?? []), time]);
          say(`round ${round}: ${contender.name}, ${scenario}: ${time.toFixed(2)} s`);
        }
        if (contender === swarm) await swarm.leave();
      }
    }
    return results(contenders, (contender, scenario) => median(taken.get(`${contender}/${scenario}`) ?? []));
  } finally {
    closeOurs();
    await cluster?.stop();
    await bed.close();
  }
}

async function compete(contender: Contender, first: string, second: string): Promise<readonly (readonly [Scenario, number])[]> {
  const times: [Scenario, number][] = [];
  const time = async (scenario: Scenario, work: () => Promise<unknown>): Promise<void> => void times.push([scenario, await seconds(work)]);
  await time('deploy 20', () => contender.deploy(20, first));
  await contender.remove();
  await time('deploy 50', () => contender.deploy(50, first));
  await time('replace a killed one', () => contender.replace());
  await time('remove 50', () => contender.remove());
  await contender.deploy(10, first);
  await time('update 10', () => contender.update(10, second));
  await contender.remove();
  return times;
}

function results(contenders: readonly Contender[], of: (contender: string, scenario: Scenario) => number): readonly Measurement[] {
  const times = SCENARIOS.flatMap((scenario) => contenders.map(({ name }) => ({
    group: scenario, what: name, value: of(name, scenario), unit: 's',
    ...(name === 'kontena' && scenario === 'replace a killed one' ? { bound: { sort: 'at most', value: 1 } as const } : {}),
  })));
  const ratio = (scenario: Scenario, other: string, most: number): Measurement => ({
    group: scenario, what: `kontena / ${other}`, value: of('kontena', scenario) / of(other, scenario), unit: 'times', bound: { sort: 'at most', value: most },
  });
  return [...times, ratio('deploy 50', 'engine alone', 1.25), ratio('remove 50', 'engine alone', 1.25), ratio('update 10', 'docker swarm', 1)];
}
