import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceSpec, StackSpec } from '../../src/model/index.js';
import { kontenactl, must } from '../docker/harness/index.js';
import type { FakeAgent } from './fake-agents.js';
import { LoneMaster } from './lone-master.js';
import { median, quantile, seconds, type Measurement } from './measure.js';

const APPLIES = 100;
/** Applies before those that count: a master that has just started runs code that is not compiled yet. */
const WARM_UPS = 5;
const STARTS = 15;

const SERVICE: ServiceSpec = {
  image: 'bench:1', instances: 1, stateful: false, env: [], labels: {}, ports: [], links: [], network: 'bridge', extraHosts: [], dns: [], volumes: [], volumesFrom: [], tmpfs: [],
  affinity: [], deploy: { strategy: 'ha', minHealth: 0.8, order: 'stop-first', onFailure: 'pause', settleSeconds: 0 },
  hooks: { preStart: [], postStart: [], preStop: [] }, secrets: [], certificates: [], privileged: false, readOnly: false, capAdd: [], capDrop: [], securityOpt: [], groupAdd: [],
  devices: [], sysctls: {}, ulimits: [], stopGraceSeconds: 10,
};

/** A stack of so many like services. */
export const stackOf = (name: string, services: number, instances: number): StackSpec => ({
  name, volumes: {}, labels: [], metadata: {}, variables: {},
  services: Object.fromEntries(Array.from({ length: services }, (_, index) => [`s${index + 1}`, { ...SERVICE, instances }])),
});

/** What a master costs that has nothing to do, and what the first look at it costs. */
export async function benchIdleMaster(say: (line: string) => void): Promise<readonly Measurement[]> {
  const master = await LoneMaster.start(10);
  try {
    const { revision } = await master.control.stacks.apply({ grid: 'default', stack: stackOf('idle', 100, 3), dryRun: false });
    for await (const { type } of master.control.stacks.follow('default', 'idle', revision, AbortSignal.timeout(60_000))) if (type === 'done') break;
    await sleep(30_000); // what the deploy left behind is collected
    const { revision: before } = await master.control.master.info();
    const { megabytes, percent } = await master.usage(60);
    const { revision: after } = await master.control.master.info();
    say(`idle: ${megabytes.toFixed(0)} MB, ${percent.toFixed(2)} %`);
    return [
      { group: 'idle master', what: 'resident memory, 10 nodes and 100 services', value: megabytes, unit: 'MB', bound: { sort: 'at most', value: 130 } },
      { group: 'idle master', what: 'of one core, over a minute', value: percent, unit: '%', bound: { sort: 'at most', value: 1 } },
      { group: 'idle master', what: 'history entries in that minute', value: after - before, unit: '', bound: { sort: 'at most', value: 0 } },
      ...(await benchCommand(master)),
    ];
  } finally {
    await master.stop();
  }
}

/** `kontenactl get services` and an empty program, taking turns. */
async function benchCommand(master: LoneMaster): Promise<readonly Measurement[]> {
  const [ours, empty]: [number[], number[]] = [[], []];
  for (let round = 0; round < STARTS; round++) {
    empty.push(await seconds(() => must(process.execPath, ['-e', '0'], { env: { PATH: process.env['PATH'] } })));
    ours.push(await seconds(() => kontenactl(master.home, ['get', 'services'])));
  }
  return [
    { group: 'command', what: 'kontenactl get services', value: median(ours) * 1000, unit: 'ms' },
    { group: 'command', what: 'node -e 0', value: median(empty) * 1000, unit: 'ms' },
    { group: 'command', what: 'the first / the second', value: median(ours) / median(empty), unit: 'times', bound: { sort: 'at most', value: 7 } },
  ];
}

/** From asking to apply 200 services of five instances to the moment the last of 1,000 agents has been told of its own. */
export async function benchFanOut(say: (line: string) => void): Promise<readonly Measurement[]> {
  const [nodes, services] = [1_000, 200];
  let onAssign: (agent: FakeAgent) => void = () => undefined;
  const master = await LoneMaster.start(nodes, (agent) => onAssign(agent));
  say(`${nodes} agents are connected`);
  const times: number[] = [];
  try {
    for (let round = 1 - WARM_UPS; round <= APPLIES; round++) {
      const name = `r${round + WARM_UPS}`;
      const toldAll = new Promise<void>((resolve) => {
        const told = new Set<string>();
        onAssign = (agent) => {
          if (agent.running.some((instance) => instance.startsWith(`${name}/`))) told.add(agent.name);
          if (told.size === nodes) resolve();
        };
      });
      const taken = await seconds(async () => {
        await master.control.stacks.apply({ grid: 'default', stack: stackOf(name, services, nodes / services), dryRun: false });
        await toldAll;
      });
      if (round > 0) times.push(taken);
      say(`apply ${round}: ${(taken * 1000).toFixed(0)} ms`);
      await removed(master, name);
    }
  } finally {
    await master.stop();
  }
  return [
    { group: 'fan-out', what: 'apply to the last of 1,000 agents told, median', value: median(times) * 1000, unit: 'ms' },
    { group: 'fan-out', what: 'the same, p99 of 100', value: quantile(times, 0.99) * 1000, unit: 'ms', bound: { sort: 'at most', value: 250 } },
  ];
}

/** What taking a stack away leaves to do when its instances are gone: its services, its rollout, and memory to collect. */
const REST_MS = 250;

/** Takes a stack away and waits until nothing of it is left, so that each apply meets the same cluster, at rest. */
async function removed(master: LoneMaster, name: string): Promise<void> {
  await master.control.resources.remove('default', 'stack', name);
  while (master.agents.some(({ running }) => running.length > 0)) await sleep(50);
  const left = async (): Promise<number> => {
    let count = 0;
    for await (const instance of master.control.resources.list({ grid: 'default', kind: 'instance' })) count += instance.name.startsWith(`${name}/`) ? 1 : 0;
    return count;
  };
  while ((await left()) > 0) await sleep(50);
  await sleep(REST_MS);
}
