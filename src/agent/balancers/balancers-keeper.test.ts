import { beforeEach, describe, expect, test } from '@jest/globals';
import { type AssignedBalancer, type BalancersSection, DEFAULT_BALANCER, DEFAULT_ROUTE, type Endpoint, type RouteSpec } from '../../model/index.js';
import type { Container } from '../../ports/index.js';
import { FakeClock } from '../../testing/fake-clock.js';
import { FakeProxy } from '../../testing/fake-proxy.js';
import { FakeRandom } from '../../testing/fake-random.js';
import { minimalService } from '../../testing/runtime-contract.js';
import { BalancersKeeper } from './balancers-keeper.js';

const LB = 'infra/lb.1@5';
const WEB1 = 'todo/web.1@7';
const WEB2 = 'todo/web.2@8';

let clock: FakeClock;
let containers: Container[];
let proxy: FakeProxy;
let keeper: BalancersKeeper;
let prepared: number;
let told: number;
let warned: string[];

beforeEach(async () => {
  clock = new FakeClock(1_000_000);
  containers = [];
  proxy = new FakeProxy({ list: () => Promise.resolve(containers) });
  [prepared, told, warned] = [0, 0, []];
  const warn = (message: string, facts?: Readonly<Record<string, unknown>>): void => void warned.push(`${message} ${JSON.stringify(facts ?? {})}`);
  keeper = new BalancersKeeper({
    proxy, clock, random: new FakeRandom(1), log: { info: () => undefined, warn, error: warn },
    onPrepared: () => (prepared += 1), onStatus: () => (told += 1),
  });
  await keeper.start();
});

const route = (service: string, spec: Partial<RouteSpec> = {}): AssignedBalancer['routes'] => ({ [`infra/lb:${service}`]: { service, spec: { ...DEFAULT_ROUTE, ...spec } } });

const section = (over: Partial<AssignedBalancer> = {}, rest: Partial<BalancersSection> = {}): BalancersSection =>
  ({ balancers: { 'infra/lb': { spec: DEFAULT_BALANCER, instances: [LB], routes: route('todo/web'), ...over } }, secrets: {}, challenges: {}, ...rest });

const endpoint = (instance: string, over: Partial<Endpoint> = {}): Endpoint => ({ instance, address: `10.81.1.${instance.slice(-1)}`, node: 'n1', isExposed: false, serves: true, ...over });

/** A container of the balancer starts, for the first time or again. */
function start(instance = LB, life = 1): void {
  const others = containers.filter((one) => one.instance !== instance);
  containers = [...others, { instance, service: 'infra/lb@4', id: instance, state: 'running', exitCode: 0, wasOutOfMemory: false, error: '', startedAtMs: life, finishedAtMs: undefined, address: undefined }];
}

async function obey(told: BalancersSection, ms = 1_000): Promise<void> {
  keeper.obey(told);
  await clock.run(ms);
}

const status = () => keeper.status()?.[LB];
const sends = async () => (await proxy.sendsTo(LB))['todo/web'];

describe('the keeper of balancers', () => {
  test('says nothing of a node that has none', async () => {
    await obey({ balancers: {}, secrets: {}, challenges: {} });
    expect([keeper.status(), proxy.said, told]).toEqual([undefined, [], 0]);
  });

  test('lays down what a balancer starts with before its container is made', async () => {
    const spec = minimalService('haproxy:2.6', { balancer: DEFAULT_BALANCER });
    expect(keeper.lacks(LB, spec)).toBe('what it is to serve is laid down first');
    await obey(section());
    expect([keeper.lacks(LB, spec), keeper.lacks(WEB1, minimalService('web:1')), prepared, proxy.prepared]).toEqual([undefined, undefined, 1, [LB]]);
    expect([keeper.containerOf(LB, spec).stopSignal, keeper.containerOf(WEB1, minimalService('web:1'))]).toEqual(['SIGUSR1', minimalService('web:1')]);
  });

  test('loads what is served once, and then changes it while it runs', async () => {
    start();
    keeper.endpoints.whole([endpoint(WEB1), endpoint(WEB2, { serves: false, whyNot: 'it is starting' })]);
    await obey(section());
    expect([proxy.said.splice(0), await sends()]).toEqual([['load'], [WEB1]]);
    keeper.endpoints.changed([endpoint(WEB2)], [], 150);
    await clock.run(0);
    expect([proxy.said.splice(0), await sends(), status()?.routes['infra/lb:todo/web']?.tookMs]).toEqual([[`add ${WEB2}`], [WEB1, WEB2], 150]);
    keeper.endpoints.changed([endpoint(WEB1, { serves: false, whyNot: 'it is to stop' })], [], 0);
    await clock.run(0);
    expect([proxy.said.splice(0), await sends()]).toEqual([[`withdraw ${WEB1}`], [WEB2]]);
    await clock.run(1_000);
    expect([proxy.said.splice(0), status()?.reloads]).toEqual([[`remove ${WEB1}`], 1]);
    await clock.run(10_000);
    expect(proxy.said).toEqual([]);
  });

  test('leaves one that is withdrawn until what is open with it has ended', async () => {
    start();
    keeper.endpoints.whole([endpoint(WEB1), endpoint(WEB2)]);
    await obey(section());
    proxy.said.length = 0;
    keeper.endpoints.changed([], [WEB1], 0);
    await clock.run(0);
    await proxy.set(LB, 'todo/web', WEB1, { open: 2 });
    await clock.run(5_000);
    expect(proxy.said.splice(0)).toEqual([`withdraw ${WEB1}`]);
    await proxy.set(LB, 'todo/web', WEB1, { open: 0 });
    await clock.run(1_000);
    expect(proxy.said.splice(0)).toEqual([`remove ${WEB1}`]);
  });

  test('uses the port of an instance\'s own revision', async () => {
    start();
    keeper.endpoints.whole([endpoint(WEB1, { routePort: 9090 }), endpoint(WEB2)]);
    await obey(section({ routes: route('todo/web', { port: 8080 }) }));
    expect(Object.values((await proxy.look(LB))?.backends['todo/web']?.servers ?? {}).map(({ address }) => address)).toEqual(['10.81.1.7:9090', '10.81.1.8:8080']);
  });

  test('a balancer whose container starts again serves what it served, and is not loaded anew', async () => {
    start();
    keeper.endpoints.whole([endpoint(WEB1)]);
    await obey(section());
    keeper.endpoints.changed([endpoint(WEB2)], [], 0);
    await clock.run(1_000);
    proxy.said.length = 0;
    start(LB, 2);
    await clock.run(2_000);
    expect([proxy.said, await sends(), status()?.reloads]).toEqual([[], [WEB1, WEB2], 0]);
  });

  test('an agent that starts again finds what it serves and changes nothing', async () => {
    start();
    keeper.endpoints.whole([endpoint(WEB1)]);
    await obey(section());
    await keeper.stop();
    proxy.said.length = 0;
    const next = new BalancersKeeper({ proxy, clock, random: new FakeRandom(2), log: { info: () => undefined, warn: () => undefined, error: () => undefined }, onPrepared: () => undefined, onStatus: () => undefined });
    next.endpoints.whole([endpoint(WEB1)]);
    next.obey(section());
    await clock.run(3_000);
    expect([proxy.said, next.status()?.[LB]?.routes['infra/lb:todo/web']?.servers]).toEqual([[], { [WEB1]: { isUp: true, isDrained: false } }]);
  });

  test('forgets what was laid down for those that are gone', async () => {
    await obey(section({ instances: [LB, 'infra/lb.2@6'] }));
    expect(proxy.prepared).toEqual([LB, 'infra/lb.2@6']);
    const before = told;
    await obey(section({ instances: ['infra/lb.2@6'] }));
    expect([proxy.prepared, Object.keys(keeper.status() ?? {}), told > before]).toEqual([['infra/lb.2@6'], ['infra/lb.2@6'], true]);
  });
});

describe('what is told', () => {
  test('is whom a balancer sends to, and why not to the others', async () => {
    await obey(section());
    keeper.endpoints.whole([endpoint(WEB1), endpoint(WEB2, { serves: false, whyNot: 'it is starting' })]);
    await clock.run(1_000);
    expect(status()?.routes['infra/lb:todo/web']?.servers).toEqual({ [WEB2]: { isUp: false, isDrained: true, reason: 'it is starting' } });
    start();
    await clock.run(1_000);
    expect(status()?.routes['infra/lb:todo/web']).toMatchObject({ servers: { [WEB1]: { isUp: true, isDrained: false } }, requestsPerSecond: 0, errorsPerSecond: 0 });
    await proxy.set(LB, 'todo/web', WEB1, { isUp: false, reason: 'Layer4 connection problem' });
    await clock.run(1_000);
    expect(status()?.routes['infra/lb:todo/web']?.servers[WEB1]).toEqual({ isUp: false, isDrained: false, reason: 'Layer4 connection problem' });
  });

  test('is that one has been left, when nothing is open with it, and the process of before has had its time', async () => {
    start();
    keeper.endpoints.whole([endpoint(WEB1)]);
    await obey(section());
    const drained = (): unknown => status()?.routes['infra/lb:todo/web']?.servers[WEB1]?.isDrained;
    keeper.endpoints.changed([endpoint(WEB1, { serves: false })], [], 0);
    await clock.run(0);
    await proxy.set(LB, 'todo/web', WEB1, { open: 1 });
    await clock.run(20_000);
    expect(drained()).toBe(false);
    await proxy.set(LB, 'todo/web', WEB1, { open: 0 });
    await clock.run(1_000);
    expect(drained()).toBe(true);
    await obey(section({ spec: { ...DEFAULT_BALANCER, drainSeconds: 5 } }));
    expect(drained()).toBe(false);
    await clock.run(5_000);
    expect(drained()).toBe(true);
  });

  test('is told once', async () => {
    start();
    keeper.endpoints.whole([endpoint(WEB1)]);
    await obey(section(), 5_000);
    const before = told;
    await clock.run(60_000);
    expect([told, proxy.checks]).toEqual([before, 1]);
  });
});

describe('what is not taken', () => {
  const both = { ...route('todo/web'), ...route('todo/api', { customSettings: ['nonsense'] }) };

  test('is left out and said in the balancer\'s own words, and all others are served', async () => {
    start();
    proxy.refuses = ({ routes }) => (routes.some(({ spec }) => spec.customSettings.length > 0) ? { words: 'unknown keyword', of: { kind: 'route', name: 'infra/lb:todo/api' } } : undefined);
    keeper.endpoints.whole([endpoint(WEB1)]);
    await obey(section({ routes: both }));
    expect([status()?.routes['infra/lb:todo/api']?.refused, status()?.routes['infra/lb:todo/web']?.refused, await sends()]).toEqual(['unknown keyword', undefined, [WEB1]]);
    const { checks } = proxy;
    keeper.endpoints.changed([endpoint(WEB2)], [], 0);
    await clock.run(5_000);
    expect([proxy.checks, await sends()]).toEqual([checks, [WEB1, WEB2]]);
    await obey(section({ routes: { ...both, ...route('todo/api') } }));
    expect([status()?.routes['infra/lb:todo/api']?.refused, Object.keys(await proxy.sendsTo(LB))]).toEqual([undefined, ['todo/api', 'todo/web']]);
  });

  test('is found also where nobody is named', async () => {
    start();
    proxy.refuses = ({ routes }) => (routes.some(({ spec }) => spec.customSettings.length > 0) ? { words: 'something is wrong' } : undefined);
    await obey(section({ routes: both }));
    expect([status()?.routes['infra/lb:todo/api']?.refused, Object.keys(await proxy.sendsTo(LB))]).toEqual(['something is wrong', ['todo/web']]);
  });

  test('of the balancer itself, is left out alone', async () => {
    start();
    proxy.refuses = ({ spec }) => (spec.globalSettings.length > 0 ? { words: 'unknown keyword', of: { kind: 'settings' } } : undefined);
    keeper.endpoints.whole([endpoint(WEB1)]);
    await obey(section({ spec: { ...DEFAULT_BALANCER, globalSettings: ['nonsense'] } }));
    expect([status()?.reason, await sends()]).toEqual(['unknown keyword', [WEB1]]);
  });

  test('altogether, leaves what is served as it is, and is asked again only when it is another', async () => {
    start();
    keeper.endpoints.whole([endpoint(WEB1)]);
    await obey(section());
    proxy.refuses = () => ({ words: 'I take nothing' });
    await obey(section({ routes: both }), 60_000);
    expect([status()?.reason, await sends()]).toEqual(['I take nothing', [WEB1]]);
  });

  test('while it runs, has it loaded anew with the same', async () => {
    start();
    keeper.endpoints.whole([endpoint(WEB1)]);
    await obey(section());
    proxy.said.length = 0;
    proxy.refusesStep = ({ do: what }) => what === 'add';
    keeper.endpoints.changed([endpoint(WEB2)], [], 0);
    await clock.run(1_000);
    expect([proxy.said, await sends()]).toEqual([['load'], [WEB1, WEB2]]);
  });

  test('silently, is said, and tried again with patience', async () => {
    start();
    keeper.endpoints.whole([endpoint(WEB1)]);
    proxy.isDeaf = true;
    await obey(section(), 9_000);
    expect([proxy.said, status()?.reason]).toEqual([['load'], undefined]);
    await clock.run(2_000);
    expect([proxy.said, status()?.reason]).toEqual([['load', 'load'], 'it did not load what it is to serve, and goes on with what it had: its log says why']);
    proxy.isDeaf = false;
    await clock.run(20_000);
    expect([status()?.reason, await sends()]).toEqual([undefined, [WEB1]]);
  });
});

describe('what lies in the vault', () => {
  const certificate = (version: number) => ({ kind: 'Certificate', name: 'example.com', version }) as const;
  const showing = (version: number, secrets: Readonly<Record<string, string>>): BalancersSection => section({ spec: { ...DEFAULT_BALANCER, certificates: [certificate(version)] } }, { secrets });

  test('a certificate is shown, and its next version without a load', async () => {
    start();
    await obey(showing(1, { 'Certificate/example.com@1': 'first' }));
    expect(await proxy.shows(LB)).toEqual({ 'certificate example.com': 'first' });
    proxy.said.length = 0;
    await obey(showing(2, { 'Certificate/example.com@2': 'second' }));
    expect([proxy.said, await proxy.shows(LB)]).toEqual([['certify certificate example.com'], { 'certificate example.com': 'second' }]);
    start(LB, 2);
    await clock.run(2_000);
    expect(await proxy.shows(LB)).toEqual({ 'certificate example.com': 'second' });
  });

  test('one that is not given is said, and all else is served', async () => {
    start();
    keeper.endpoints.whole([endpoint(WEB1)]);
    await obey(showing(1, {}));
    expect([status()?.reason, await sends()]).toEqual(['the vault does not give certificate example.com', [WEB1]]);
  });

  test('a route whose users are not given is served to nobody', async () => {
    start();
    await obey(section({ routes: route('todo/web', { basicAuth: { kind: 'Secret', name: 'users', version: 1 } }) }));
    expect([status()?.routes['infra/lb:todo/web']?.refused, await proxy.sendsTo(LB)]).toEqual(['the vault does not give secret users', {}]);
  });

  test('answers to authorities change without a load', async () => {
    start();
    await obey(section());
    proxy.said.length = 0;
    await obey(section({}, { challenges: { one: 'one.abc' } }));
    await obey(section({}, { challenges: { one: 'one.abc' } }));
    expect(proxy.said).toEqual(['answer one']);
  });
});
