import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type Assignments, type Change, DEFAULT_BALANCER, DEFAULT_ROUTE, EMPTY_HISTOGRAM, type ErrorCode, type FactsBody, type Instant, type InstanceReport, KontenaError, type LogBatch, type LogSearch, type LogSubject, type Millis, NO_ANSWERS, NO_BALANCERS, NO_NETWORK, NO_REGISTRY, type NodeBody, drop, put,
  type InstanceBody, type RouteBody, type ServiceSpec,
} from '../../model/index.js';
import type { Changed, Clock, Log, Store } from '../../ports/index.js';
import { openStore } from '../../store/index.js';
import { FakeClock, settled } from '../../testing/fake-clock.js';
import { FakeRandom } from '../../testing/fake-random.js';
import type { FromMaster, FromNode } from './messages.js';
import { MasterSessions } from './master-sessions.js';
import { NodeSession, redialMs } from './node-session.js';
import type { Wire } from './wire.js';
import { SilentAgent } from '../../testing/silent-agent.js';
import { testVault } from '../../testing/test-vault.js';

/** One end of a wire whose other end is the test: it sees what is sent, says what comes, and lets the wire be full. */
class HeldWire<Out, In> implements Wire<Out, In> {
  readonly sent: Out[] = [];
  closedWith: { readonly code: ErrorCode | undefined } | undefined;
  isFull = false;
  say: (message: In) => void = () => undefined;
  drain: () => void = () => undefined;
  #close: (error: KontenaError | undefined) => void = () => undefined;

  send(message: Out): boolean {
    if (this.closedWith === undefined) this.sent.push(message);
    return !this.isFull;
  }
  onMessage(listener: (message: In) => void): void {
    this.say = listener;
  }
  onDrain(listener: () => void): void {
    this.drain = () => {
      this.isFull = false;
      listener();
    };
  }
  onClose(listener: (error: KontenaError | undefined) => void): void {
    this.#close = listener;
  }
  close(error?: KontenaError): void {
    if (this.closedWith !== undefined) return;
    this.closedWith = { code: error?.code };
    this.#close(error);
  }
  /** What was sent since last asked. */
  take(): Out[] {
    return this.sent.splice(0);
  }
}

class Lines implements Log {
  readonly lines: string[] = [];
  info = (message: string): void => void this.lines.push(message);
  warn = (message: string): void => void this.lines.push(message);
  error = (message: string): void => void this.lines.push(message);
}

/** A clock that can be made to stand still while the world goes on, as a stopped process does. */
class PausingClock implements Clock {
  readonly inner = new FakeClock(1_000_000);
  #missedMs = 0;
  now(): Instant {
    return (this.inner.now() + this.#missedMs) as Instant;
  }
  wall(): Instant {
    return this.now();
  }
  neverBefore(moment: Instant): void {
    this.inner.neverBefore(moment);
  }
  at(when: Instant, wake: () => void): () => void {
    return this.inner.at((when - this.#missedMs) as Instant, wake);
  }
  soon(run: () => void): void {
    this.inner.soon(run);
  }
  /** Nothing rings for so long. */
  pause(byMs: Millis): void {
    this.#missedMs += byMs;
  }
}

const FACTS: FactsBody = {
  agentVersion: 'a', engineVersion: 'e', engineApiVersion: '1.41', operatingSystem: 'o', kernel: 'k', architecture: 'x', cpus: 2, memoryBytes: 4, volumeDrivers: [], networkDrivers: [], addresses: [],
};
const SPEC = {
  image: 'redis:7', instances: 1, stateful: false, env: [], labels: {}, ports: [], links: [], network: 'bridge', extraHosts: [], dns: [], volumes: [], volumesFrom: [],
  tmpfs: [], affinity: [], deploy: { strategy: 'ha', minHealth: 0.8, order: 'stop-first', onFailure: 'pause', settleSeconds: 0 },
  hooks: { preStart: [], postStart: [], preStop: [] }, secrets: [], certificates: [], privileged: false, readOnly: false, capAdd: [], capDrop: [], securityOpt: [],
  groupAdd: [], devices: [], sysctls: {}, ulimits: [], stopGraceSeconds: 10,
} as const satisfies ServiceSpec;

const report = (name: string, change: Partial<InstanceReport['report']> = {}): InstanceReport => ({ name, isGone: false, report: { phase: 'running', since: 1 as Instant, restarts: 0, ...change } });
const gone = (name: string): InstanceReport => ({ ...report(name), isGone: true });
const node = (keyFingerprint: string): NodeBody => ({ number: 1, labels: [], availability: 'active', keyFingerprint });
const instance = (slot: number, on: string): Change =>
  put('Instance', `todo/web.${slot}@${slot + 1}`, { service: 'todo/web', slot, revision: 1, node: on, wanted: 'running', reserves: { cpus: 0, memoryBytes: 0, ports: [] } }, 'test');

describe('the master', () => {
  let clock: PausingClock;
  let store: Store;
  let log: Lines;
  let sessions: MasterSessions;
  let changed: Changed[];

  const write = (writer: 'api' | 'stack' | 'rollout' | 'scheduler' | 'hooks' | 'load-balancer' | 'acme', ...steps: Change[]): Promise<unknown> => store.update({ writer, grid: 'g' }, () => ({ steps }));
  const observed = (kind: 'Report' | 'Pulse' | 'Facts', name: string): unknown => store.view('g').get(kind, name)?.body;
  const pulse = (): unknown => store.view('g').get('Pulse', 'n1')?.body.state;

  beforeEach(async () => {
    clock = new PausingClock();
    log = new Lines();
    changed = [];
    store = openStore(':memory:', { clock, random: new FakeRandom(), onFatal: () => undefined });
    await write('api', put('Node', 'n1', node('k1'), 'test'), put('Node', 'n2', node('k2'), 'test'));
    await write('stack', put('Service', 'todo/web@1', { spec: SPEC, isCurrent: true }, 'test'));
    await write('scheduler', instance(1, 'n1'), instance(2, 'n2'));
    sessions = new MasterSessions({ store, vault: testVault(store), clock, log, balancerImage: 'haproxy:lts' });
    sessions.start();
    store.watch((all) => changed.push(...all));
  });
  afterEach(async () => {
    sessions.close();
    expect(clock.inner.pending).toBe(0);
    await store.close();
  });

  function accept(name = 'n1', keyFingerprint = 'k1'): HeldWire<FromMaster, FromNode> {
    const wire = new HeldWire<FromMaster, FromNode>();
    sessions.accept({ grid: 'g', name, keyFingerprint }, wire);
    return wire;
  }
  function open(...reports: InstanceReport[]): HeldWire<FromMaster, FromNode> {
    const wire = accept();
    wire.say({ type: 'hello', facts: FACTS, engine: { isAnswering: true } });
    wire.say({ type: 'snapshot', reports, isLast: true });
    return wire;
  }
  const assignments = (wire: HeldWire<FromMaster, FromNode>): Assignments[] => wire.take().flatMap((message) => (message.type === 'assignments' ? [message.assignments] : []));
  const answer = (wire: HeldWire<FromMaster, FromNode>): void => {
    for (const message of wire.take()) if (message.type === 'ping') wire.say({ type: 'pong', sequence: message.sequence, served: [] });
  };
  /** Time goes by, second by second, with every ping answered. */
  async function live(wire: HeldWire<FromMaster, FromNode>, ms: Millis): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      clock.inner.advance(1000);
      answer(wire);
    }
    await settled();
  }

  test('has heard of no node when it starts', () => {
    expect([pulse(), observed('Pulse', 'n2')]).toEqual(['unheard', { state: 'unheard', since: 1_000_000 }]);
  });

  test('says the values that the services of a node open, and leaves out what it cannot have', async () => {
    const item = { kind: 'Secret', name: 'pw' } as const;
    const secrets = [{ secret: 'pw', name: 'PW', type: 'env' as const, version: 2 }, { secret: 'gone', name: 'G', type: 'env' as const, version: 1 }];
    await store.update({ writer: 'api', grid: 'g' }, () => ({ steps: [], sealed: [{ name: 'Secret/pw@2', bytes: testVault(store).seal('g', item, 'open sesame')(2) }] }));
    await write('stack', put('Service', 'todo/web@1', { spec: { ...SPEC, secrets }, isCurrent: true }, 'test'));
    const wire = open(report('todo/web.1@2'));
    expect(assignments(wire).map((told) => told.containers.secrets)).toEqual([{ 'Secret/pw@2': 'open sesame' }]);
    await store.update({ writer: 'api', grid: 'g' }, () => ({ steps: [], sealed: [{ name: 'Secret/gone@1', bytes: testVault(store).seal('g', { kind: 'Secret', name: 'gone' }, 'found')(1) }] }));
    await write('stack', put('Service', 'todo/web@1', { spec: { ...SPEC, secrets }, isCurrent: false }, 'test'));
    await settled();
    expect(assignments(wire).map((told) => told.containers.secrets)).toEqual([{ 'Secret/pw@2': 'open sesame', 'Secret/gone@1': 'found' }]);
  });

  describe('of a node with a balancer', () => {
    const at = put('Route', 'todo/web:shop/api', { balancer: 'todo/web', service: 'shop/api', spec: { ...DEFAULT_ROUTE, basicAuth: { kind: 'Secret', name: 'users', version: 1 } }, isServed: true }, 'test');
    const balancing = (): unknown => store.view('g').list('Balancing').map(({ name, body }) => `${name} ${body.node}`);
    beforeEach(async () => {
      const sealed = { name: 'Secret/users@1', bytes: testVault(store).seal('g', { kind: 'Secret', name: 'users' }, 'user ada')(1) };
      await store.update({ writer: 'api', grid: 'g' }, () => ({ steps: [], sealed: [sealed] }));
      await write('stack', put('Service', 'todo/web@1', { spec: { ...SPEC, balancer: DEFAULT_BALANCER }, isCurrent: true }, 'test'));
    });

    test('says what it serves, with what that opens, and says so again when that changes', async () => {
      const wire = open(report('todo/web.1@2'));
      expect(assignments(wire).map(({ balancers }) => balancers)).toEqual([{ ...NO_BALANCERS, balancers: { 'todo/web': { spec: DEFAULT_BALANCER, instances: ['todo/web.1@2'], routes: {} } } }]);
      await write('load-balancer', at);
      await settled();
      expect(assignments(wire).map(({ balancers: { balancers, secrets } }) => [Object.keys(balancers['todo/web']?.routes ?? {}), secrets])).toEqual([[['todo/web:shop/api'], { 'Secret/users@1': 'user ada' }]]);
      await write('load-balancer', put('Route', 'todo/web:shop/api', { ...(at.body as RouteBody), isServed: false, reason: '*/ belongs to x/y' }, 'test'));
      await settled();
      expect(assignments(wire).map(({ balancers: { balancers, secrets } }) => [balancers['todo/web']?.routes, secrets])).toEqual([[{}, {}]]);
    });

    test.each([['kontena/lb:1', 'haproxy:lts'], ['registry.example.com/kontena/lb', 'haproxy:lts'], ['haproxy:2.8', 'haproxy:2.8']])('of one called %s, what is run is %s', async (image, run) => {
      await write('stack', put('Service', 'todo/web@1', { spec: { ...SPEC, image, balancer: DEFAULT_BALANCER }, isCurrent: true }, 'test'));
      const wire = open(report('todo/web.1@2'));
      expect(assignments(wire).map(({ containers: { services } }) => services['todo/web@1']?.image)).toEqual([run]);
      await write('stack', put('Service', 'other/web@1', { spec: SPEC, isCurrent: true }, 'test'));
      await write('scheduler', instance(2, 'n2'));
      await settled();
      expect(assignments(wire)).toEqual([]);
    });

    test('what is served has time to end what is open', async () => {
      const wire = open(report('todo/web.1@2'));
      wire.take();
      await write('load-balancer', put('Route', 'infra/lb:todo/web', { balancer: 'infra/lb', service: 'todo/web', spec: { ...DEFAULT_ROUTE, drainSeconds: 7 }, isServed: true }, 'test'));
      await settled();
      expect(assignments(wire).map(({ containers: { instances } }) => instances[0]?.drainSeconds)).toEqual([7]);
    });

    test('what is to stop waits no longer than until its balancers have done with it', async () => {
      const ofWeb = instance(1, 'n1').body as InstanceBody;
      const wire = open(report('todo/web.1@2'));
      await write('load-balancer', put('Route', 'infra/lb:todo/web', { balancer: 'infra/lb', service: 'todo/web', spec: { ...DEFAULT_ROUTE, drainSeconds: 7 }, isServed: true }, 'test'));
      await write('stack', put('Service', 'infra/lb@1', { spec: { ...SPEC, balancer: DEFAULT_BALANCER }, isCurrent: true }, 'test'));
      await write('scheduler', put('Instance', 'infra/lb.1@9', { ...ofWeb, service: 'infra/lb' }, 'test'));
      const says = (isDrained: boolean): void => wire.say({ type: 'balancing', balancers: { 'infra/lb.1@9': { reloads: 0, routes: { 'infra/lb:todo/web': { servers: { 'todo/web.1@2': { isUp: false, isDrained } }, requestsPerSecond: 0, errorsPerSecond: 0 } } } } });
      const seconds = async (): Promise<number | undefined> => {
        await settled();
        return assignments(wire).map(({ containers: { instances } }) => instances.find(({ name }) => name === 'todo/web.1@2')?.drainSeconds).at(-1);
      };
      says(true);
      expect(await seconds()).toBe(7);
      says(false);
      await write('scheduler', put('Instance', 'todo/web.1@2', { ...ofWeb, wanted: 'stopped' }, 'test'));
      expect(await seconds()).toBe(7);
      says(true);
      expect(await seconds()).toBe(0);
    });

    test('believes what is said of its own balancers, until it is no longer said', async () => {
      const wire = open(report('todo/web.1@2'));
      const status = { reloads: 0, routes: {} };
      wire.say({ type: 'balancing', balancers: { 'todo/web.1@2': status, 'todo/web.2@3': status, 'no/body.1@1': status } });
      expect(balancing()).toEqual(['todo/web.1@2 n1']);
      await write('scheduler', drop('Instance', 'todo/web.1@2', 'test'));
      await settled();
      expect(balancing()).toEqual([]);
      await write('scheduler', instance(1, 'n1'));
      wire.say({ type: 'balancing', balancers: { 'todo/web.1@2': status } });
      wire.say({ type: 'balancing', balancers: {} });
      expect(balancing()).toEqual([]);
    });
  });

  test('says what must run and believes what is there', () => {
    const wire = open(report('todo/web.1@2'));
    expect(assignments(wire)).toEqual([
      { ...store.identity, revision: store.revision, grid: 'g', containers: { services: { 'todo/web@1': SPEC }, instances: [{ name: 'todo/web.1@2', service: 'todo/web@1', wanted: 'running' }], secrets: {}, volumes: {} }, network: { subnet: '10.81.0.0/16', restricted: [] }, names: { links: {} }, balancers: NO_BALANCERS, answers: NO_ANSWERS, registry: NO_REGISTRY, statistics: {} },
    ]);
    expect([pulse(), observed('Facts', 'n1'), observed('Report', 'todo/web.1@2')]).toEqual(['heard', FACTS, { ...report('').report, node: 'n1' }]);
  });

  test('what is shown to certificate authorities is told to the nodes that answer, and taken back', async () => {
    const proof = (token: string, challenge: 'http-01' | 'dns-01' = 'http-01') => ({ name: 'example.com', challenge, token, answer: `answer ${token}`, url: 'u' });
    const order = (answerOn: readonly string[], ...proofs: readonly ReturnType<typeof proof>[]): Promise<void> =>
      write('acme', put('Order', 'example.com', { number: 1, phase: 'proving', since: 1 as Instant, proofs, answerOn, isShown: false }, 'test')).then(settled);
    const wire = open(report('todo/web.1@2'));
    assignments(wire);
    await order(['n1'], proof('a'), proof('b', 'dns-01'));
    await order(['n1']);
    expect(assignments(wire).map(({ answers, balancers }) => [answers.challenges, balancers.challenges])).toEqual([[{ a: 'answer a' }, {}], [{}, {}]]);
    for (const others of [['n2'], []]) await order(others, proof('a'));
    expect(assignments(wire)).toEqual([]);
    await write('stack', put('Service', 'todo/web@1', { spec: { ...SPEC, balancer: DEFAULT_BALANCER }, isCurrent: true }, 'test'));
    await order([]);
    expect(assignments(wire).map(({ answers, balancers }) => [answers.challenges, balancers.challenges])).toEqual([[{}, { a: 'answer a' }], [{}, {}]]);
  });

  test('writes and sends nothing while nothing changes, but pings', async () => {
    const wire = open(report('todo/web.1@2'));
    wire.take();
    changed.length = 0;
    let pings = 0;
    for (let second = 0; second < 60; second += 1) {
      clock.inner.advance(1000);
      for (const message of wire.take()) {
        expect(message.type).toBe('ping');
        pings += 1;
        if (message.type === 'ping') wire.say({ type: 'pong', sequence: message.sequence, served: [] });
      }
    }
    wire.say({ type: 'reports', reports: [report('todo/web.1@2')] });
    await settled();
    expect([changed, pings]).toEqual([[], 12]);
  });

  test('does not believe a node about the instances of another, nor of none', () => {
    const wire = open(report('todo/web.2@3'), report('todo/nobody.1@9'));
    wire.say({ type: 'reports', reports: [report('todo/web.2@3', { phase: 'failed' })] });
    expect([observed('Report', 'todo/web.2@3'), observed('Report', 'todo/nobody.1@9')]).toEqual([undefined, undefined]);
  });

  test('a node that is asked and does not answer is waited for, and no longer than 15 s', async () => {
    const wire = open();
    const asked = sessions.ask<'lookup'>({ grid: 'g', name: 'n1' }, { kind: 'lookup', name: 'web' }, new AbortController().signal);
    const late = expect(asked).rejects.toMatchObject({ code: 'KON_TIMEOUT', message: 'node n1 has not answered within 15 s' });
    for (let second = 0; second < 15; second += 1) {
      clock.inner.advance(1_000);
      const ping = wire.sent.findLast((message) => message.type === 'ping');
      if (ping !== undefined) wire.say({ type: 'pong', sequence: ping.sequence, served: [] });
    }
    await late;
    expect(wire.sent.filter(({ type }) => type === 'streamClose')).toHaveLength(1);
  });

  test('what a node says and is told stays in its grid, though another has a node and an instance of the same names', async () => {
    await store.update({ writer: 'api', grid: 'h' }, () => ({ steps: [put('Node', 'n1', node('k9'), 'test')] }));
    await store.update({ writer: 'scheduler', grid: 'h' }, () => ({ steps: [instance(1, 'n1')] }));
    open(report('todo/web.1@2'));
    const join = (keyFingerprint: string): HeldWire<FromMaster, FromNode> => {
      const wire = new HeldWire<FromMaster, FromNode>();
      sessions.accept({ grid: 'h', name: 'n1', keyFingerprint }, wire);
      return wire;
    };
    expect(join('k1').closedWith).toEqual({ code: 'KON_CERTIFICATE_UNTRUSTED' });
    await expect(sessions.logs({ grid: 'h', name: 'n1' }, { subject: { kind: 'stack', name: 'todo' }, search: { follow: false } }, AbortSignal.timeout(50))[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'KON_NODE_UNREACHABLE' });

    const wire = join('k9');
    wire.say({ type: 'hello', facts: FACTS, engine: { isAnswering: true } });
    wire.say({ type: 'snapshot', reports: [report('todo/web.1@2', { phase: 'failed' }), report('todo/web.2@3')], isLast: true });
    expect(store.view('h').list('Report').map(({ name, body }) => [name, body.phase])).toEqual([['todo/web.1@2', 'failed']]);
    expect([store.view('g').get('Report', 'todo/web.1@2')?.body.phase, observed('Report', 'todo/web.2@3')]).toEqual(['running', undefined]);
    await store.update({ writer: 'api', grid: 'h' }, () => ({ steps: [drop('Node', 'n1', 'test')] }));
    await settled();
    expect([pulse(), store.view('h').list('Pulse')]).toEqual(['heard', []]);
  });

  test('a snapshot in two parts, said twice, replaces all that was known', async () => {
    await write('scheduler', instance(3, 'n1'), instance(4, 'n1'));
    open(report('todo/web.1@2'), report('todo/web.3@4'));
    const again = accept();
    for (let times = 0; times < 2; times += 1) {
      again.say({ type: 'hello', facts: FACTS, engine: { isAnswering: true } });
      again.say({ type: 'snapshot', reports: [report('todo/web.1@2', { phase: 'failed' })], isLast: false });
      again.say({ type: 'snapshot', reports: [report('todo/web.4@5')], isLast: true });
    }
    expect(store.view('g').list('Report').map(({ name, body }) => `${name} ${body.phase}`)).toEqual(['todo/web.1@2 failed', 'todo/web.4@5 running']);
  });

  test('what is gone is stopped, and forgotten with its instance', async () => {
    const wire = open(report('todo/web.1@2'));
    wire.say({ type: 'reports', reports: [gone('todo/web.1@2')] });
    expect(observed('Report', 'todo/web.1@2')).toMatchObject({ phase: 'stopped' });
    wire.take();
    await write('scheduler', drop('Instance', 'todo/web.1@2', 'test'));
    await settled();
    expect(observed('Report', 'todo/web.1@2')).toBeUndefined();
    expect(assignments(wire).map(({ containers: { instances } }) => instances)).toEqual([[]]);
  });

  test('what changes in one turn is one message; what is the same is none; what concerns another node is none', async () => {
    const wire = open();
    wire.take();
    await Promise.all([write('scheduler', instance(3, 'n1')), write('scheduler', instance(4, 'n1')), write('scheduler', instance(5, 'n2'))]);
    await settled();
    expect(assignments(wire).map(({ containers: { instances } }) => instances.length)).toEqual([3]);
    await write('stack', put('Service', 'todo/web@1', { spec: { ...SPEC }, isCurrent: false }, 'test'));
    await write('scheduler', instance(6, 'n2'));
    await settled();
    expect(assignments(wire)).toEqual([]);
    await write('stack', put('Service', 'todo/web@1', { spec: { ...SPEC, deploy: { ...SPEC.deploy, waitForPort: 80 } }, isCurrent: true }, 'test'));
    await settled();
    expect(assignments(wire).map(({ containers: { services } }) => services['todo/web@1']?.deploy.waitForPort)).toEqual([80]);
    await write('hooks', put('HooksDone', 'todo/web.3', { hooks: ['preStart migrate'] }, 'test'));
    await settled();
    expect(assignments(wire).map(({ containers: { instances } }) => instances.flatMap(({ hooksDone }) => hooksDone ?? []))).toEqual([['preStart migrate']]);
  });

  test('while slots move, the nodes of those that come next are told what these will run, and none of its secrets', async () => {
    const wire = open();
    await write('scheduler', instance(3, 'n1'));
    const next = { ...SPEC, image: 'web:2', instances: 2, secrets: [{ secret: 'pw', name: 'PW', type: 'env' as const, version: 2 }] };
    await write('stack', put('Service', 'todo/web@2', { spec: next, isCurrent: true }, 'test'));
    await settled();
    wire.take();
    const told = async (still: Readonly<Record<string, number>>): Promise<unknown> => {
      await write('rollout', put('Rollout', 'todo', { services: { web: { revision: 2, still } } }, 'test'));
      await settled();
      return assignments(wire).map(({ containers: { services, secrets } }) => [Object.keys(services), secrets]);
    };
    expect(await told({ 0: 1, 1: 1, 3: 1 })).toEqual([]); // slot 0, elsewhere, is first
    expect(await told({ 1: 1, 3: 1 })).toEqual([[['todo/web@2', 'todo/web@1'], {}]]);
    expect(await told({ 3: 1 })).toEqual([]); // it is told so already
    await told({});
    await write('scheduler', instance(4, 'n1'));
    await settled();
    expect(assignments(wire).map(({ containers: { services } }) => Object.keys(services))).toEqual([['todo/web@1']]);
  });

  test('a node is never told half of it: where a service is not recorded, it keeps what it has', async () => {
    const wire = open();
    wire.take();
    await write('stack', drop('Service', 'todo/web@1', 'test'));
    await write('scheduler', instance(3, 'n1'));
    await settled();
    expect([assignments(wire), log.lines.at(-1)]).toEqual([[], 'a node cannot be told what to run; it keeps what it has']);
  });

  test('a full wire gets the newest assignments when it drains, and only those', async () => {
    const wire = accept();
    wire.isFull = true;
    wire.say({ type: 'hello', facts: FACTS, engine: { isAnswering: true } });
    wire.say({ type: 'snapshot', reports: [], isLast: true });
    expect(assignments(wire)).toHaveLength(1);
    for (const slot of [3, 4, 5]) {
      await write('scheduler', instance(slot, 'n1'));
      await settled();
    }
    expect(wire.take()).toEqual([]);
    wire.drain();
    expect(assignments(wire).map(({ containers: { instances } }) => instances.length)).toEqual([4]);
  });

  test('a reader that takes nothing for 30 s is cut off', async () => {
    const wire = open();
    wire.isFull = true;
    await write('scheduler', instance(3, 'n1'));
    await settled();
    for (let second = 0; second < 29; second += 1) {
      clock.inner.advance(1000);
      wire.say({ type: 'reports', reports: [] }); // it talks, but does not listen
    }
    expect(wire.closedWith).toBeUndefined();
    clock.inner.advance(1000);
    expect([wire.closedWith, pulse()]).toEqual([{ code: 'KON_TIMEOUT' }, 'silent']);
  });

  test('a slow answer is written down, none for 10 s is silence, any word ends it', () => {
    const wire = open();
    clock.inner.advance(5000);
    clock.inner.advance(6000);
    answer(wire);
    expect([log.lines.filter((line) => line.includes('slowly')).length, pulse()]).toEqual([1, 'heard']);
    clock.inner.advance(15_000);
    expect([pulse(), observed('Pulse', 'n1')]).toEqual(['silent', { state: 'silent', since: 1_022_000, reason: 'the agent does not answer' }]);
    wire.say({ type: 'reports', reports: [] });
    expect([pulse(), wire.closedWith]).toEqual(['heard', undefined]);
  });

  test('a wire that is dead for 30 s is closed', () => {
    const wire = open();
    clock.inner.advance(36_000);
    expect([pulse(), wire.closedWith]).toEqual(['silent', { code: 'KON_TIMEOUT' }]);
  });

  test('its own pause is no silence of a node', () => {
    const wire = open();
    clock.inner.advance(5000); // pinged
    clock.pause(60_000);
    clock.inner.advance(1000);
    expect([pulse(), log.lines.at(-1)]).toEqual(['heard', 'the master stood still']);
    clock.inner.advance(9000);
    expect(pulse()).toBe('heard');
    answer(wire);
    clock.inner.advance(4000);
    expect(pulse()).toBe('heard');
    clock.inner.advance(12_000);
    expect(pulse()).toBe('silent');
  });

  test('an engine that does not answer is said so, and mended', async () => {
    const wire = open();
    const since = clock.now();
    wire.say({ type: 'engine', engine: { isAnswering: false, reason: 'no socket' } });
    await live(wire, 20_000);
    expect(observed('Pulse', 'n1')).toEqual({ state: 'engine', since, reason: 'no socket' });
    wire.say({ type: 'engine', engine: { isAnswering: true } });
    expect(observed('Pulse', 'n1')).toEqual({ state: 'heard', since: clock.now() });
  });

  test('a newer connection takes over; the older one is not believed any more', () => {
    const older = open(report('todo/web.1@2'));
    const newer = open(report('todo/web.1@2'));
    expect([older.closedWith, newer.closedWith, pulse()]).toEqual([{ code: 'KON_CONFLICT' }, undefined, 'heard']);
    older.say({ type: 'reports', reports: [report('todo/web.1@2', { phase: 'failed' })] });
    expect(observed('Report', 'todo/web.1@2')).toMatchObject({ phase: 'running' });
  });

  test('who is not known, or has another key, is shown the door', () => {
    expect([accept('n9').closedWith, accept('n1', 'other').closedWith]).toEqual([{ code: 'KON_NODE_REMOVED' }, { code: 'KON_CERTIFICATE_UNTRUSTED' }]);
    expect(pulse()).toBe('unheard');
  });

  test('a removed node is told, and nothing stays known of it', async () => {
    const wire = open(report('todo/web.1@2'));
    await write('api', drop('Node', 'n1', 'test'));
    await settled();
    expect(wire.closedWith).toEqual({ code: 'KON_NODE_REMOVED' });
    expect([pulse(), observed('Facts', 'n1'), observed('Report', 'todo/web.1@2')]).toEqual([undefined, undefined, undefined]);
  });

  test('what keeps data is not told, nor its secrets, to another machine than before, until that is confirmed', async () => {
    const secrets = [{ secret: 'pw', name: 'PW', type: 'env' as const, version: 1 }];
    await store.update({ writer: 'api', grid: 'g' }, () => ({ steps: [], sealed: [{ name: 'Secret/pw@1', bytes: testVault(store).seal('g', { kind: 'Secret', name: 'pw' }, 'open sesame')(1) }] }));
    await write('stack', put('Service', 'todo/db@1', { spec: { ...SPEC, stateful: true, secrets }, isCurrent: true }, 'test'));
    const reserves = { cpus: 0, memoryBytes: 0, ports: [] };
    for (const [slot, wanted] of [[1, 'running'], [2, 'stopped']] as const) {
      await write('scheduler', put('Instance', `todo/db.${slot}@9`, { service: 'todo/db', slot, revision: 1, node: 'n1', wanted, reserves }, 'test'));
    }
    await write('api', put('Node', 'n1', { ...node('k1'), isUnconfirmed: true }, 'test'));
    const wire = open();
    const told = (): readonly unknown[] => assignments(wire).map(({ containers: { instances, secrets: values } }) => [instances.map(({ name }) => name), Object.keys(values)]);
    expect(told()).toEqual([[['todo/web.1@2'], []]]);
    await write('api', put('Node', 'n1', node('k1'), 'test'));
    await settled();
    expect(told()).toEqual([[['todo/db.1@9', 'todo/db.2@9', 'todo/web.1@2'], ['Secret/pw@1']]]);
  });

  test('a link stays open while its node\'s key is renewed, and new ones need a key that counts', async () => {
    const wire = open();
    await write('api', put('Node', 'n1', { ...node('k2'), formerKey: 'k1', machine: 'k1' }, 'test'));
    await write('api', put('Node', 'n1', { ...node('k2'), machine: 'k1' }, 'test'));
    expect(wire.closedWith).toBeUndefined();
    expect(accept('n1', 'k1').closedWith).toEqual({ code: 'KON_CERTIFICATE_UNTRUSTED' });
    expect(accept('n1', 'k2').closedWith).toBeUndefined();
  });

  test('an agent whose snapshot has no end is cut off', () => {
    const wire = accept();
    wire.say({ type: 'hello', facts: FACTS, engine: { isAnswering: true } });
    for (let parts = 1; parts < 1_000; parts += 1) wire.say({ type: 'snapshot', reports: [report('todo/web.1@2'), report('nobody/knows.1@2')], isLast: false });
    expect(wire.closedWith).toBeUndefined();
    wire.say({ type: 'snapshot', reports: [], isLast: false });
    expect(wire.closedWith).toEqual({ code: 'KON_INVALID' });
  });

  test('a node that joined anew under the same name closes the old one\'s link', async () => {
    const wire = open();
    await write('api', put('Node', 'n1', node('another'), 'test'));
    expect(wire.closedWith).toEqual({ code: 'KON_CERTIFICATE_UNTRUSTED' });
  });
});

/** One whose containers write for ever. */
class ScriptedAgent extends SilentAgent {
  read = 0;
  onAbort = 0;

  override facts(): FactsBody {
    return FACTS;
  }

  override async *logs({ name }: LogSubject, _search: LogSearch, signal: AbortSignal): AsyncIterable<LogBatch> {
    signal.addEventListener('abort', () => (this.onAbort += 1));
    if (name === 'nobody') throw new KontenaError('KON_CONTAINER_MISSING', 'there is no such container');
    for (let line = 0; !signal.aborted; line += 1) {
      this.read += 1;
      yield { lines: [{ instance: name, stream: 'stdout', at: 't', line: String(line) }], isCaughtUp: false };
    }
  }
}

describe('an agent', () => {
  let clock: FakeClock;
  let log: Lines;
  let wires: HeldWire<FromNode, FromMaster>[];
  let agent: ScriptedAgent;
  let session: NodeSession;

  beforeEach(() => {
    clock = new FakeClock(1_000_000);
    log = new Lines();
    wires = [];
    agent = new ScriptedAgent();
    const dial = (): HeldWire<FromNode, FromMaster> => {
      const wire = new HeldWire<FromNode, FromMaster>();
      wires.push(wire);
      return wire;
    };
    session = new NodeSession({ dial, agent, clock, random: { fraction: () => 0.5, secret: () => '' }, log });
  });
  afterEach(() => {
    session.close();
    expect(clock.pending).toBe(0);
  });

  const last = (): HeldWire<FromNode, FromMaster> => wires.at(-1)!;
  const welcome = (): void => last().say({ type: 'ping', sequence: 1, tables: {} });

  test('says everything on each connect, in parts that fit a message', () => {
    agent.there = Array.from({ length: 250 }, (_, index) => report(`todo/web.${index}@1`));
    session.engine(false, 'down');
    session.start();
    expect(last().take().map((message) => (message.type === 'snapshot' ? [message.reports.length, message.isLast] : message))).toEqual([
      { type: 'hello', facts: FACTS, engine: { isAnswering: false, reason: 'down' } }, [100, false], [100, false], [50, true],
    ]);
    agent.there = [];
    last().close();
    clock.advance(30_000);
    expect(last().take().map(({ type }) => type)).toEqual(['hello', 'snapshot']);
  });

  test('reports with much output go in more messages', () => {
    const output = ['x'.repeat(300_000)];
    agent.there = [1, 2, 3, 4, 5].map((slot) => report(`todo/web.${slot}@1`, { output }));
    session.start();
    expect(last().take().slice(1).map((message) => (message.type === 'snapshot' ? [message.reports.length, message.isLast] : message))).toEqual([[2, false], [2, false], [1, true]]);
  });

  test('of what changes while the wire is busy, only the newest is said', async () => {
    session.start();
    last().take();
    session.changed(report('a', { phase: 'pulling' }));
    session.changed(report('a', { phase: 'creating' }));
    await settled();
    expect(last().take()).toEqual([{ type: 'reports', reports: [report('a', { phase: 'creating' })] }]);

    last().isFull = true;
    session.changed(report('b'));
    await settled();
    expect(last().take()).toHaveLength(1);
    for (const phase of ['starting', 'running', 'failed'] as const) {
      session.changed(report('a', { phase }));
      session.engine(phase === 'failed');
      session.factsChanged();
      await settled();
    }
    expect(last().take()).toEqual([]);
    last().drain();
    expect(last().take()).toEqual([{ type: 'facts', facts: FACTS }, { type: 'engine', engine: { isAnswering: true } }, { type: 'reports', reports: [report('a', { phase: 'failed' })] }]);
  });

  test('answers pings and hands on what must run', () => {
    session.start();
    last().take();
    const assignments: Assignments = { cluster: 'c', epoch: 1, revision: 2, grid: 'g', containers: { services: {}, instances: [], secrets: {} }, ...NO_NETWORK };
    last().say({ type: 'assignments', assignments });
    last().say({ type: 'ping', sequence: 7, tables: {} });
    expect([agent.assigned, last().take()]).toEqual([[assignments], [{ type: 'pong', sequence: 7, served: EMPTY_HISTOGRAM }]]);
  });

  test.each([
    [0, 250], [1, 500], [2, 1000], [5, 8000], [6, 15_000], [50, 15_000],
  ])('after %i failures it waits half of the limit when chance is a half: %i ms', (failures, ms) => {
    expect(redialMs(failures, 0.5)).toBe(ms);
  });

  test('dials again with growing patience, and anew after a good connection', () => {
    session.start();
    for (const delayMs of [250, 500, 1000]) {
      const dialled = wires.length;
      last().close(new KontenaError('KON_MASTER_UNREACHABLE', 'nobody'));
      clock.advance(delayMs - 1);
      expect(wires.length).toBe(dialled);
      clock.advance(1);
      expect(wires.length).toBe(dialled + 1);
    }
    welcome();
    clock.advance(10_000);
    last().close();
    clock.advance(250);
    expect(wires.length).toBe(5);
  });

  test.each(['KON_NODE_REMOVED', 'KON_CERTIFICATE_UNTRUSTED'] as const)('refused with %s, it says so and tries slowly', (code) => {
    session.start();
    last().close(new KontenaError(code, 'no'));
    expect(log.lines).toEqual(['the master refuses this node; its containers are left running']);
    clock.advance(29_999);
    expect(wires.length).toBe(1);
    clock.advance(1);
    expect(wires.length).toBe(2);
  });

  test('a master that says nothing for 20 s is given up', () => {
    session.start();
    welcome();
    clock.advance(15_000);
    expect(last().closedWith).toBeUndefined();
    clock.advance(5000);
    expect(wires[0]?.closedWith).toEqual({ code: undefined });
  });

  test('lines flow only as fast as they are asked for, and stop when told to', async () => {
    session.start();
    last().take();
    last().say({ type: 'streamOpen', id: 2, request: { kind: 'logs', subject: { kind: 'stack', name: 'a' }, search: { follow: true } }, credit: 2 });
    await settled();
    const first = last().take();
    expect(first.map(({ type }) => type)).toEqual(['streamCredit', 'streamData', 'streamData']);
    await settled();
    const { read } = agent;
    expect(read).toBeLessThan(4000);
    await settled();
    expect([agent.read, last().take()]).toEqual([read, []]);
    last().say({ type: 'streamCredit', id: 2, messages: 1 });
    await settled();
    expect(last().take().map(({ type }) => type)).toEqual(['streamData']);
    last().say({ type: 'streamClose', id: 2 });
    await settled();
    expect([agent.onAbort, last().take()]).toEqual([1, []]);
  });

  test('a log that cannot be read says why', async () => {
    session.start();
    last().take();
    last().say({ type: 'streamOpen', id: 4, request: { kind: 'logs', subject: { kind: 'stack', name: 'nobody' }, search: { follow: false } }, credit: 2 });
    await settled();
    expect(last().take()).toEqual([{ type: 'streamCredit', id: 4, messages: 8 }, { type: 'streamClose', id: 4, error: { code: 'KON_CONTAINER_MISSING', message: 'there is no such container' } }]);
  });
});
