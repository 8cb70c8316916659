import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KontenaError, type ServiceSpec } from '../model/index.js';
import type { Log, Memory } from '../ports/index.js';
import { Node, noTables, SERVICE } from '../testing/agent-node.js';
import { FakeEngineRegistry } from '../testing/fake-engine-registry.js';
import { FakeInside } from '../testing/fake-inside.js';
import { noOwnLog } from '../testing/fake-log-rings.js';
import { FakeRandom } from '../testing/fake-random.js';
import { noDialer } from '../testing/no-dialer.js';
import type { FakeRuntime } from '../testing/fake-runtime.js';
import { minimalService } from '../testing/runtime-contract.js';
import { Agent } from './index.js';

const shell = (text: string): Partial<ServiceSpec> => ({ command: ['/bin/sh', '-c', text] });

let node: Node;
beforeEach(() => {
  node = new Node();
});
afterEach(() => {
  node.kill();
});

const A = 'todo/web.1@5';
const B = 'todo/web.2@5';

describe('an instance that is wanted', () => {
  test('is created and started, and each phase is told once', async () => {
    await node.start();
    await node.assign([A]);
    expect(node.done()).toEqual([`create ${A}`, `start ${A}`]);
    expect(node.news()).toEqual(['engine answers', `${A} pending (the engine has no network for this grid yet)`, `${A} pending`, `${A} creating`, `${A} starting`, `${A} running`]);
    expect(node.report(A)).toMatchObject({ isGone: false, report: { phase: 'running', restarts: 0, container: expect.stringContaining('todo.web-1.5'), since: 1_000_000 } });
  });

  test('at rest costs no write in ten minutes, and only the full looks', async () => {
    await node.start();
    await node.assign([A, B]);
    node.done();
    node.news();
    const calls = node.runtime.calls;
    await node.pass(600_000);
    expect(node.done()).toEqual([]);
    expect(node.news()).toEqual([]);
    expect(node.runtime.calls - calls).toBe(10);
  });

  test('is pulled once for all who need it, and only where it is missing', async () => {
    node.runtime.images.clear();
    node.runtime.registry.add('web:1');
    node.runtime.faults = { takesMs: (call) => (call === 'pull' ? 5_000 : 0) };
    await node.start();
    await node.assign([A, B]);
    expect(node.report(A)?.report.phase).toBe('pulling');
    await node.pass(5_000);
    expect(node.running).toEqual([A, B]);
    expect(node.done().filter((write) => write.startsWith('pull'))).toEqual(['pull web:1']);
  });

  test('that is replaced is away no longer than its container takes: its new image was fetched before', async () => {
    await node.start();
    await node.assign([A]);
    node.runtime.registry.add('web:2');
    node.runtime.faults = { takesMs: (call) => (call === 'pull' ? 30_000 : 0) };
    const services = { [SERVICE]: node.spec, 'todo/web@9': minimalService('web:2') };
    await node.assign([A], { containers: { services } });
    await node.pass(30_000);
    expect([node.running, node.runtime.images.has('web:2')]).toEqual([[A], true]);
    await node.assign([], { containers: { services, instances: [{ name: 'todo/web.1@9', service: 'todo/web@9', wanted: 'running' }] } });
    expect(node.running).toEqual(['todo/web.1@9']);
  });

  test('whose image is nowhere has failed, says why, and is tried again after 1, 4 and 9 seconds', async () => {
    node.runtime.images.clear();
    await node.start();
    await node.assign([A]);
    expect(node.report(A)?.report).toMatchObject({ phase: 'failed', reason: 'cannot pull web:1: manifest unknown' });
    await node.pass(15_000);
    expect(node.done()).toEqual(['pull web:1', 'pull web:1', 'pull web:1', 'pull web:1']);
    node.runtime.registry.add('web:1');
    await node.pass(16_000);
    expect(node.report(A)?.report).toMatchObject({ phase: 'running' });
    expect(node.report(A)?.report).not.toHaveProperty('reason');
  });

  test('whose image was removed by hand is pulled again', async () => {
    node.runtime.registry.add('web:1');
    await node.start();
    await node.assign([A]);
    node.runtime.images.clear();
    await node.assign([A, B]);
    await node.pass(1_000);
    expect(node.running).toEqual([A, B]);
  });

  test('whose port is taken has failed and comes up when the port is free', async () => {
    node.spec = minimalService('web:1', { ports: [{ ip: '0.0.0.0', nodePort: 80, containerPort: 80, protocol: 'tcp' }] });
    await node.start();
    await node.assign([A]);
    await node.assign([A, B]);
    expect(node.report(B)?.report).toMatchObject({ phase: 'failed', reason: `cannot start ${B}: port 80 of the node is taken` });
    await node.assign([B]);
    await node.pass(1_000);
    expect(node.report(B)?.report.phase).toBe('running');
  });
});

describe('a container that ends', () => {
  test('is started again at once, then after 1, 4, 9 … seconds, and says how it ended', async () => {
    node.spec = minimalService('web:1', shell('echo no configuration; exit 3'));
    await node.start();
    await node.assign([A]);
    const starts = (): number => node.done().filter((write) => write.startsWith('start')).length;
    expect(starts()).toBe(2);
    expect(node.report(A)?.report).toMatchObject({ phase: 'failed', reason: 'ended with exit code 3', exitCode: 3, output: ['no configuration', 'no configuration'], restarts: 2 });
    const perSecond: number[] = [];
    for (let second = 1; second <= 60; second += 1) {
      await node.pass(1_000);
      if (starts() > 0) perSecond.push(second);
    }
    expect(perSecond).toEqual([1, 5, 14, 30, 55]);
    expect(node.runtime.containers).toHaveLength(1);
  });

  test('with code 0 is started again too', async () => {
    await node.start();
    await node.assign([A]);
    node.runtime.exit(A, 0);
    await node.pass(0);
    expect(node.report(A)?.report).toMatchObject({ phase: 'running', restarts: 1, exitCode: 0 });
  });

  test('with code 0, again and again, is not told of as a failure of its program', async () => {
    node.spec = minimalService('web:1', shell('exit 0'));
    await node.start();
    await node.assign([A]);
    expect(node.report(A)?.report).toMatchObject({ phase: 'failed', restarts: 2, reason: 'the program ended by itself with exit code 0; a service is kept running, so it is started again: let it stay in the foreground' });
  });

  test('after 10 seconds up begins its back-off anew', async () => {
    await node.start();
    await node.assign([A]);
    for (let times = 1; times <= 5; times += 1) {
      await node.pass(10_000);
      node.runtime.exit(A, 1);
      await node.pass(0);
      expect(node.report(A)?.report).toMatchObject({ phase: 'running', restarts: times });
    }
  });

  test('and was removed by hand is created again', async () => {
    await node.start();
    await node.assign([A]);
    node.done();
    node.runtime.removeByHand(A);
    await node.pass(0);
    expect(node.done().slice(-2)).toEqual([`create ${A}`, `start ${A}`]);
    expect(node.report(A)?.report.phase).toBe('running');
  });

  test('before it ever started, and then half made: is made whole before it starts', async () => {
    const refused = (what: string): KontenaError => new KontenaError('KON_ENGINE_REFUSED', what);
    node.runtime.faults = { fails: (call) => (call === 'start' ? refused('not now') : undefined) };
    await node.start();
    await node.assign([A]);
    node.runtime.removeByHand(A);
    node.runtime.faults = {
      fails: (call) => {
        if (call !== 'create') return undefined;
        node.runtime.faults = {};
        node.runtime.place({ instance: A, service: SERVICE, spec: node.spec, grid: 'g', node: 'n1', secrets: {} }, 'created');
        return refused('no room for its files');
      },
    };
    await node.pass(1_000);
    node.done();
    await node.pass(30_000);
    expect(node.done()).toEqual([`create ${A}`, `start ${A}`]);
  });

  test('unnoticed, since the engine did not tell, is found by the full look', async () => {
    await node.start();
    await node.assign([A]);
    await node.pass(30_000);
    node.runtime.reboot();
    await node.pass(60_000);
    expect(node.running).toEqual([A]);
  });
});

describe('an instance that is not wanted', () => {
  test.each([
    ['is to stop', [`-${A}`]],
    ['is no longer assigned', []],
  ])('because it %s is stopped and removed, and said to be gone', async (_title, names) => {
    await node.start();
    await node.assign([A]);
    node.done();
    node.news();
    await node.assign(names);
    expect(node.done()).toEqual([`stop ${A}`, `remove ${A}`]);
    expect(node.news()).toEqual([`${A} stopping`, `${A} stopped gone`]);
  });

  test('and never was there is said to be gone', async () => {
    await node.start();
    await node.assign([`-${A}`]);
    expect(node.done()).toEqual([]);
    expect(node.report(A)).toMatchObject({ isGone: true, report: { phase: 'stopped' } });
  });

  test('gives up the pull that only it waited for', async () => {
    node.runtime.images.clear();
    node.runtime.faults = { takesMs: (call) => (call === 'pull' ? 600_000 : 0) };
    await node.start();
    await node.assign([A]);
    await node.assign([]);
    expect(node.news().at(-1)).toBe(`${A} stopped gone`);
  });

  test('and that the engine cannot stop is tried again with patience', async () => {
    await node.start();
    await node.assign([A]);
    node.runtime.faults = { fails: (call) => (call === 'stop' ? new KontenaError('KON_ENGINE_REFUSED', 'cannot stop') : undefined) };
    node.done();
    await node.assign([]);
    await node.pass(15_000);
    expect(node.done()).toEqual([`stop ${A}`, `stop ${A}`, `stop ${A}`, `stop ${A}`]);
    node.runtime.faults = {};
    await node.pass(30_000);
    expect(node.running).toEqual([]);
  });
});

describe('rounds of one slot', () => {
  const NEWER = 'todo/web.1@9';

  test('do not overlap: the older is gone before the newer starts', async () => {
    node.runtime.faults = { takesMs: (call) => (call === 'stop' ? 8_000 : 0) };
    await node.start();
    await node.assign([A]);
    node.done();
    await node.assign([NEWER]);
    await node.pass(7_000);
    expect(node.running).toEqual([A]);
    expect(node.report(NEWER)?.report).toMatchObject({ phase: 'pending', reason: `${A} is removed first` });
    await node.pass(2_000);
    expect(node.running).toEqual([NEWER]);
    expect(node.done()).toEqual([`stop ${A}`, `create ${NEWER}`, `remove ${A}`, `start ${NEWER}`]);
  });

  test('overlap where both are wanted', async () => {
    await node.start();
    await node.assign([A]);
    await node.assign([A, NEWER]);
    expect(node.running).toEqual([A, NEWER]);
  });
});

describe('an agent that starts', () => {
  const request = (instance: string): Parameters<FakeRuntime['place']>[0] => ({ instance, service: SERVICE, spec: node.spec, grid: 'g', node: 'n1', secrets: {} });

  test('touches nothing until it knows what is wanted', async () => {
    node.runtime.place(request(A));
    await node.start();
    await node.pass(300_000);
    expect(node.done()).toEqual([]);
    expect(node.agent.snapshot()).toEqual([]);
  });

  test('waits for what the vault withholds, then makes the container with it', async () => {
    const services = { [SERVICE]: { ...node.spec, secrets: [{ secret: 'pw', name: 'PW', type: 'env' as const, version: 2 }] } };
    await node.start();
    await node.assign([A], { containers: { services } });
    expect([node.done(), node.report(A)?.report]).toEqual([[], expect.objectContaining({ phase: 'pending', reason: 'the vault does not give secret pw' })]);
    await node.assign([A], { containers: { services, secrets: { 'Secret/pw@2': 'open sesame' } } });
    expect(node.running).toEqual([A]);
    await node.assign([A], { containers: { services } });
    expect([node.running, node.report(A)?.report.phase]).toEqual([[A], 'running']);
  });

  test('answers certificate authorities as it is told, and says what keeps it from that', async () => {
    await node.start();
    await node.assign([A], { answers: { challenges: { token: 'answer' } } });
    expect(node.answers.answers).toEqual({ token: 'answer' });
    node.answers.tell({ what: 'port 80', reason: 'taken', remedy: 'free it' });
    expect(node.agent.network()?.problems).toContainEqual({ what: 'port 80', reason: 'taken', remedy: 'free it' });
    node.answers.tell(undefined);
    expect(node.agent.network()?.problems.map(({ what }) => what)).not.toContain('port 80');
    await node.assign([A]);
    expect(node.answers.answers).toEqual({});
  });

  test('removes what no assignment knows', async () => {
    node.runtime.place(request(A));
    node.runtime.place(request(B), 'created');
    await node.start();
    await node.assign([]);
    expect(node.runtime.containers).toEqual([]);
  });

  test('after its own death touches nothing of what runs as it should', async () => {
    await node.start();
    await node.assign([A, B]);
    node.kill();
    node.done();
    await node.pass(5_000);
    node.news();
    await node.start();
    expect(node.done()).toEqual([]);
    expect(node.news()).toEqual(['engine answers', `${A} running`, `${B} running`]);
    expect(node.report(A)?.report.since).toBe(1_000_000);
  });

  test('after a restart of the machine brings everything back without a master', async () => {
    await node.start();
    await node.assign([A, B]);
    node.kill();
    node.runtime.reboot();
    await node.start();
    expect(node.running).toEqual([A, B]);
    expect(node.done().slice(-2).sort()).toEqual([`start ${A}`, `start ${B}`]);
  });

  test('has the truth to tell before it is asked, once it is prepared', async () => {
    await node.start();
    await node.assign([A, B]);
    node.kill();
    const process = node.runtime.newProcess();
    node.kill = process.end;
    const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const memory: Memory = { load: () => Promise.resolve(node.remembered), save: () => Promise.resolve() };
    const agent = new Agent({
      runtime: process.runtime, inside: new FakeInside(), volumes: node.volumes, dialer: noDialer, clock: node.clock, random: new FakeRandom(1), log, memory, tableMemory: noTables, network: node.network.parts('g', 'n1'), makeNameServer: node.names.make, makeAnswerServer: node.answers.make, proxy: node.proxy, registry: new FakeEngineRegistry(), logs: { rings: node.logs, own: noOwnLog, maxBytes: 1000 }, counts: node.counts, datagrams: node.datagrams, node: { grid: 'g', name: 'n1' }, agentVersion: '1',
    });
    await agent.prepare();
    expect(agent.snapshot().map(({ name, report }) => [name, report.phase])).toEqual([[A, 'running'], [B, 'running']]);
    const said: boolean[] = [];
    agent.reportTo({ changed: () => undefined, engine: (isAnswering) => void said.push(isAnswering), factsChanged: () => undefined, networkChanged: () => undefined, balancingChanged: () => undefined, statisticsChanged: () => undefined });
    expect(said).toEqual([true]);
    await agent.stop();
  });

  test('waits two seconds for an engine that does not answer, not longer', async () => {
    const { runtime, clock } = node;
    runtime.faults = { takesMs: () => 60_000 };
    const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const memory: Memory = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };
    const agent = new Agent({ runtime, inside: new FakeInside(), volumes: node.volumes, dialer: noDialer, clock, random: new FakeRandom(1), log: quiet, memory, tableMemory: noTables, network: node.network.parts('g', 'n1'), makeNameServer: node.names.make, makeAnswerServer: node.answers.make, proxy: node.proxy, registry: new FakeEngineRegistry(), logs: { rings: node.logs, own: noOwnLog, maxBytes: 1000 }, counts: node.counts, datagrams: node.datagrams, node: { grid: 'g', name: 'n1' }, agentVersion: '1' });
    let isPrepared = false;
    void agent.prepare().then(() => (isPrepared = true));
    await node.pass(1_900);
    expect(isPrepared).toBe(false);
    await node.pass(200);
    expect(isPrepared).toBe(true);
    await agent.stop();
  });

  test('stops what now belongs to another node before it starts anything', async () => {
    await node.start();
    await node.assign([A]);
    node.done();
    node.agent.snapshot(); // the link connects again
    node.runtime.faults = { takesMs: (call) => (call === 'stop' ? 5_000 : 0) };
    await node.assign([B]);
    await node.pass(4_000);
    expect(node.running).toEqual([A]);
    expect(node.report(B)?.report.phase).toBe('pending');
    await node.pass(2_000);
    expect(node.running).toEqual([B]);
  });

  describe('stops first what the master says does not belong here, whatever came between', () => {
    const C = 'todo/web.3@5';
    const between: readonly (readonly [string, () => Promise<void>])[] = [
      ['a hook that ended', () => node.pass(5_000)],
      ['an engine that came back', async () => {
        node.runtime.setAway(true);
        await node.pass(0);
        node.runtime.setAway(false);
        await node.pass(10_000);
      }],
    ];
    test.each(between)('%s', async (_title, comes) => {
      node.spec = minimalService('web:1', { hooks: { preStart: [{ name: 'migrate', command: 'exit 0', instances: [2], oneshot: true }], postStart: [], preStop: [] } });
      node.runtime.faults = { takesMs: (call) => (call === 'runOnce' || call === 'stop' ? 5_000 : 0) };
      await node.start();
      await node.assign([A, B]);
      expect(node.running).toEqual([A]);
      node.agent.snapshot(); // the link connects again, while the hook runs
      await comes();
      expect(node.running).toEqual([A, B]);
      await node.assign([B, C]);
      await node.pass(4_000);
      expect(node.running).toEqual([A, B]);
      await node.pass(2_000);
      expect(node.running).toEqual([B, C]);
    });
  });

  test('is not held up for ever by what cannot be stopped', async () => {
    await node.start();
    await node.assign([A]);
    node.agent.snapshot();
    node.runtime.faults = { fails: (call) => (call === 'stop' ? new KontenaError('KON_ENGINE_REFUSED', 'cannot stop') : undefined) };
    await node.assign([B]);
    expect(node.running).toEqual([A, B]);
  });

  test('whose memory is damaged says so and waits for the master', async () => {
    node.runtime.place(request(A));
    Object.defineProperty(node, 'remembered', { get: () => { throw new KontenaError('KON_FILE_UNREADABLE', 'damaged'); }, set: () => undefined });
    await node.start();
    await node.pass(60_000);
    expect(node.logged.join()).toContain('nothing is touched until the master speaks');
    expect(node.running).toEqual([A]);
  });
});

describe('assignments', () => {
  test.each([
    ['of another cluster', { cluster: 'other', revision: 99 }, 'another cluster'],
    ['of an epoch before', { epoch: 0, revision: 99 }, 'before the master was restored'],
    ['of an older revision', { revision: 0 }, 'older than those in force'],
    ['of another grid', { grid: 'other', revision: 99 }, 'another grid'],
    ['that lack a service', { containers: { services: {}, instances: [{ name: A, service: SERVICE, wanted: 'running' }] }, revision: 99 } as const, 'services that they do not bring'],
  ])('%s are not obeyed', async (_title, over, reason) => {
    await node.start();
    await node.assign([A]);
    await node.assign([], over);
    expect(node.running).toEqual([A]);
    expect(node.remembered?.containers.instances).toHaveLength(1);
    expect(node.logged.join()).toContain(reason);
  });

  test('of a later epoch are obeyed, whatever their revision', async () => {
    await node.start();
    await node.assign([A], { revision: 50 });
    await node.assign([B], { epoch: 2, revision: 3 });
    expect(node.running).toEqual([B]);
  });

  test('are remembered before they are acted on', async () => {
    await node.start();
    node.saveMs = 50;
    let wasRemembered: boolean | undefined;
    node.runtime.faults = {
      fails: (call) => {
        if (call === 'create') wasRemembered = node.remembered !== undefined;
        return undefined;
      },
    };
    await node.assign([A]);
    await node.pass(50);
    expect(wasRemembered).toBe(true);
  });

  test('that make an instance of something else replace its container', async () => {
    await node.start();
    await node.assign([A]);
    const other = { containers: { services: { 'todo/web@8': node.spec }, instances: [{ name: A, service: 'todo/web@8', wanted: 'running' }] }, epoch: 2 } as const;
    await node.assign([], other);
    expect(node.runtime.containers).toMatchObject([{ service: 'todo/web@8', state: 'running' }]);
  });
});

describe('an engine that goes away', () => {
  test('is said to be away once, and everything is looked at when it is back', async () => {
    await node.start();
    await node.assign([A, B]);
    node.news();
    node.runtime.setAway(true);
    node.runtime.reboot();
    await node.pass(30_000);
    expect(node.news()).toEqual([expect.stringContaining('engine away')]);
    node.runtime.setAway(false);
    await node.pass(6_000);
    expect(node.running).toEqual([A, B]);
    expect(node.news()[0]).toBe('engine answers');
  });

  test('and is back at once is no news', async () => {
    await node.start();
    await node.assign([A]);
    node.news();
    node.runtime.setAway(true);
    node.runtime.setAway(false);
    await node.pass(1_000);
    expect(node.news()).toEqual(['engine answers']);
    node.runtime.exit(A, 1);
    await node.pass(0);
    expect(node.running).toEqual([A]);
  });

  test('while something is asked of it does not count as a failure of the instance', async () => {
    await node.start();
    node.runtime.faults = { takesMs: (call) => (call === 'start' ? 1_000 : 0) };
    await node.assign([A]);
    node.runtime.setAway(true);
    await node.pass(2_000);
    expect(node.news().filter((said) => said.includes('failed'))).toEqual([]);
    node.runtime.setAway(false);
    await node.pass(10_000);
    expect(node.running).toEqual([A]);
  });

  test('and was never there is told, and the facts come with it', async () => {
    node.runtime.setAway(true);
    await node.start();
    expect(node.agent.facts()).toMatchObject({ agentVersion: '1.2.3', engineVersion: '', cpus: 0 });
    node.runtime.setAway(false);
    await node.pass(1_000);
    expect(node.agent.facts()).toMatchObject({ engineApiVersion: '1.41', cpus: 4 });
  });
});

describe('whether a container serves', () => {
  test('it has not started until its port answers', async () => {
    node.spec = minimalService('web:1', { deploy: { ...node.spec.deploy, waitForPort: 80 } });
    let isOpen = false;
    node.runtime.answer = () => (isOpen ? undefined : 'port 80 does not answer');
    await node.start();
    await node.assign([A]);
    await node.pass(10_000);
    expect(node.report(A)?.report).toMatchObject({ phase: 'starting', reason: 'port 80 does not answer' });
    isOpen = true;
    await node.pass(1_000);
    expect(node.report(A)?.report.phase).toBe('running');
  });

  test('a port that never answers is a failure after a minute', async () => {
    node.spec = minimalService('web:1', { deploy: { ...node.spec.deploy, waitForPort: 80 } });
    node.runtime.answer = () => 'port 80 does not answer';
    await node.start();
    await node.assign([A]);
    await node.pass(59_000);
    expect(node.report(A)?.report.phase).toBe('starting');
    await node.pass(2_000);
    expect(node.report(A)?.report.phase).toBe('failed');
  });

  test('an unhealthy container starts again, once it failed as often as is allowed', async () => {
    const healthCheck = { protocol: 'http', port: 80, uri: '/', timeoutSeconds: 5, intervalSeconds: 20, initialDelaySeconds: 10, retries: 2 } as const;
    node.spec = minimalService('web:1', { healthCheck });
    await node.start();
    await node.assign([A]);
    expect(node.report(A)?.report).toMatchObject({ phase: 'running', health: 'starting' });
    await node.pass(10_000);
    expect(node.report(A)?.report.health).toBe('healthy');
    node.runtime.answer = () => 'GET :80/ answered 500';
    node.done();
    await node.pass(20_000);
    expect(node.done()).toEqual([]);
    node.news();
    await node.pass(20_000);
    expect(node.done()).toEqual([`stop ${A}`, `start ${A}`]);
    expect(node.news()).toEqual([`${A} failed (unhealthy: GET :80/ answered 500)`, `${A} starting`, `${A} running`]);
    expect(node.report(A)?.report).toMatchObject({ restarts: 1, health: 'starting' });
  });

  test('a command can be the check', async () => {
    const healthCheck = { protocol: 'command', command: ['/bin/sh', '-c', 'exit 1'], timeoutSeconds: 5, intervalSeconds: 20, initialDelaySeconds: 1, retries: 1 } as const;
    node.spec = minimalService('web:1', { healthCheck });
    await node.start();
    await node.assign([A]);
    await node.pass(1_500);
    expect(node.report(A)?.report.restarts).toBe(1);
  });
});

test('starts ten containers at a time', async () => {
  let now = 0;
  let most = 0;
  const { runtime } = node;
  const start = runtime.start.bind(runtime);
  runtime.start = async (instance) => {
    now += 1;
    most = Math.max(most, now);
    await start(instance);
    now -= 1;
  };
  runtime.faults = { takesMs: (call) => (call === 'start' ? 300 : 0) };
  await node.start();
  await node.assign(Array.from({ length: 25 }, (_, i) => `todo/web.${String(i + 1)}@5`));
  await node.pass(1_000);
  expect(node.running).toHaveLength(25);
  expect(most).toBe(10);
});
