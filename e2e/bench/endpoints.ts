import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../docker/harness/index.js';
import type { FakeAgent } from './fake-agents.js';
import { LoneMaster } from './lone-master.js';
import { stackOf } from './master.js';
import { quantile, type Measurement } from './measure.js';

const NODES = 1_000;
const SERVICES = 200;
/** Room for many nodes of a few instances. */
const GRID = { name: 'large', subnet: '10.96.0.0/12', nodePrefix: 28 };
/** Instances that change each second, and for how long. */
const CHANGES_PER_SECOND = 20;
const SECONDS = 20;

/** Bytes that have passed the loopback interface: all that master and agents say to each other, TLS and acknowledgements with it. */
const loopbackBytes = (): number => Number(/^\s*lo:\s*(\d+)/m.exec(readFileSync('/proc/net/dev', 'utf8'))?.[1]);

/** From the report of an instance that became healthy or unhealthy to the moment that each of 1,000 nodes has it in its table, and what that costs. */
export async function benchEndpoints(say: (line: string) => void): Promise<readonly Measurement[]> {
  const changedAt = new Map<string, number>();
  const lengths: number[] = [];
  const master = await LoneMaster.start(NODES, undefined, GRID);
  try {
    for (const agent of master.agents) {
      agent.onTable = (rows) => {
        const now = performance.now();
        for (const { instance } of rows) {
          const at = changedAt.get(instance);
          if (at !== undefined) lengths.push(now - at);
        }
      };
      agent.haveNetwork({ publicKey: randomBytes(32).toString('base64'), port: 51_820, addresses: ['192.0.2.1'], implementation: 'wireguard', routes: [], problems: [] });
    }
    await eventually('every node has its part of the subnet', () => (master.agents.every(({ lease }) => lease !== undefined) ? true : undefined), 120_000, 200);
    const { revision } = await master.control.stacks.apply({ grid: GRID.name, stack: stackOf('names', SERVICES, NODES / SERVICES), dryRun: false });
    for await (const { type } of master.control.stacks.follow(GRID.name, 'names', revision, AbortSignal.timeout(120_000))) if (type === 'done') break;
    await sleep(3_000);
    say(`${String(NODES)} instances are known to ${String(NODES)} nodes`);

    const before = loopbackBytes();
    const began = performance.now();
    for (let count = 0; count < CHANGES_PER_SECOND * SECONDS; count += 1) {
      await sleep(Math.max(0, began + (count * 1_000) / CHANGES_PER_SECOND - performance.now()));
      const agent = master.agents[count % NODES] as FakeAgent;
      for (const instance of agent.running) {
        changedAt.set(instance, performance.now());
        agent.turn(instance);
      }
    }
    await sleep(2_000);
    const perNode = (loopbackBytes() - before) / NODES / SECONDS;
    return [
      { group: 'endpoints', what: `a change is known to each of ${String(NODES)} nodes, median`, value: quantile(lengths, 0.5), unit: 'ms' },
      { group: 'endpoints', what: 'the same, p99', value: quantile(lengths, 0.99), unit: 'ms', bound: { sort: 'at most', value: 1_000 } },
      { group: 'endpoints', what: 'changes that reached a node, of those made', value: lengths.length / (CHANGES_PER_SECOND * SECONDS * NODES), unit: '', bound: { sort: 'at least', value: 0.999 } },
      { group: 'endpoints', what: `on the wire for each node, ${String(CHANGES_PER_SECOND)} changes a second`, value: perNode / 1_000, unit: 'kB/s', bound: { sort: 'at most', value: 50 } },
    ];
  } finally {
    await master.stop();
  }
}
