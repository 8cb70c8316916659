import { describe, expect, test } from '@jest/globals';
import { DEFAULT_BALANCER, DEFAULT_ROUTE, type Instant, type OrderBody, type RouteStatus } from '../model/index.js';
import type { Resource } from '../ports/index.js';
import { type World, world } from '../testing/world.js';
import { belongs, fullName } from './names.js';
import { SHAPES } from './shapes/index.js';

const given = (): World => world().node('n1').pulse('n1', 'heard').node('n2').pulse('n2', 'heard')
  .stack('todo', { web: { instances: 2 } }).service('todo/web@3', { instances: 2 });
const running = (): World => given().instance('todo/web.1@1', 'n1', { revision: 3 }).instance('todo/web.2@1', 'n2', { revision: 3 });
const show = (view: World, kind: keyof typeof SHAPES, name: string): Resource => {
  const found = SHAPES[kind].describe(view, name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
};

describe('an instance', () => {
  test('is shown as its agent says', () => {
    const view = running().at(5000).report('todo/web.2@1', 'running', { restarts: 2, container: 'abc', health: 'healthy' });
    expect(show(view, 'instance', 'todo/web.2@1')).toMatchObject({
      kind: 'Instance', grid: 'default', name: 'todo/web.2@1',
      spec: { service: 'todo/web', slot: 2, revision: 3, node: 'n2' },
      status: { phase: 'running', health: 'healthy', container: 'abc', since: '1970-01-01T00:00:05.000Z', restarts: 2 },
    });
  });

  const cases: readonly { readonly title: string; readonly view: World; readonly phase: string; readonly reason: string }[] = [
    { title: 'not yet heard of', view: given().instance('todo/web.1@1', 'n1', { phase: undefined }), phase: 'pending', reason: 'waits for node n1' },
    { title: 'on a silent node', view: running().pulse('n1', 'silent', 1000), phase: 'running', reason: 'node n1 is silent since 1970-01-01T00:00:01.000Z' },
    { title: 'on a node not heard since the start', view: given().instance('todo/web.1@1', 'n1', { phase: undefined }).pulse('n1', 'unheard'), phase: 'pending', reason: 'node n1 has not been heard since the master started' },
    { title: 'on a node that was removed', view: running().without('Node', 'n1'), phase: 'running', reason: 'node n1 was removed' },
  ];
  test.each(cases)('$title', ({ view, phase, reason }) => {
    expect(show(view, 'instance', 'todo/web.1@1').status).toMatchObject({ phase, reason });
  });

  test('without a node is a pending slot', () => {
    const view = given().instance('todo/web.1@1', 'n1', { revision: 3 }).with('Placement', 'todo/web', { slots: [2], reason: 'no node fits', refusals: [] });
    expect(SHAPES.instance.names(view)).toEqual(['todo/web.1@1', 'todo/web.2']);
    expect(show(view, 'instance', 'todo/web.2')).toMatchObject({ spec: { service: 'todo/web', slot: 2, revision: 3 }, status: { phase: 'pending', reason: 'no node fits' } });
    expect(SHAPES.instance.describe(view, 'todo/web.3')).toBeUndefined();
  });
});

describe('data', () => {
  const db = (over = {}): World => given().volume('data').volume('far', { scope: 'grid', driver: 'sshfs' })
    .stack('shop', { db: { stateful: true, volumes: [{ type: 'volume', source: 'data', path: '/data', flags: [] }] } }).service('shop/db@8', { stateful: true, ...over }).instance('shop/db.1@9', 'n1', { revision: 8 }).binding('shop/db.1', 'n1', ['data']);
  const offline = (view: World): World => view.with('Health', 'n1', { phase: 'offline', since: view.now, wasLost: false }).pulse('n1', 'silent');
  const meaning = (view: World): unknown => (show(view, 'instance', 'shop/db.1@9').status.data as { readonly meaning: string }).meaning;

  test('is shown with its volume, and with what runs in its slot', () => {
    const place = { node: 'n1', phase: 'online', meaning: 'it lies on n1 alone: while n1 is away shop/db.1 waits, and if n1 is lost the data is lost with it' };
    expect(show(db(), 'volume', 'data')).toMatchObject({ spec: { scope: 'instance', driver: 'local', driverOpts: {} }, status: { usedBy: ['shop/db'], data: [{ slot: 'shop/db.1', ...place }] } });
    expect(show(db(), 'volume', 'far').status).toEqual({ usedBy: [], data: [] });
    expect(show(db(), 'instance', 'shop/db.1@9').status.data).toEqual({ ...place, volumes: ['data'] });
  });

  test.each<[string, World, string]>([
    ['away', offline(db()), 'n1 is offline: shop/db.1 waits for it and runs nowhere else; if the machine is lost for good, so is the data, and `kontenactl node remove n1` says so'],
    ['removed', db().without('Node', 'n1'), 'n1 was removed, and the data with it: shop/db.1 waits until shop/db is scaled to fewer than 1 and back, which starts it empty'],
    ['away, with a driver that reaches elsewhere', offline(db().binding('shop/db.1', 'n1', ['far'])), 'n1 is offline: shop/db.1 waits for it and runs nowhere else; what the driver keeps is not lost with the machine, and `kontenactl node remove n1` says so'],
    ['there, of what is not stateful', db({ stateful: false }), 'it lies on n1 alone: elsewhere shop/db.1 starts with empty volumes'],
    ['removed, of what is not stateful', db({ stateful: false }).without('Node', 'n1'), 'n1 was removed, and the data with it: elsewhere shop/db.1 starts with empty volumes'],
  ])('says what it means that its node is %s', (_title, view, expected) => expect(meaning(view)).toBe(expected));

  test('is shown anew when its node is another, or otherwise', () => {
    const { watches } = SHAPES.instance;
    expect([watches.Binding?.('shop/db.1', db()), watches.Health?.('n1', db()), watches.Health?.('n2', db())]).toEqual([['shop/db.1', 'shop/db.1@9'], ['shop/db.1', 'shop/db.1@9'], []]);
    expect([SHAPES.volume.watches.Health?.('n1', db()), SHAPES.volume.watches.Binding?.('shop/db.1', db())]).toEqual([['data', 'far'], 'all']);
  });
});

describe('the network', () => {
  const leased = (): World => running().lease('n1', '10.81.1.0/24', { publicKey: 'k', privateAddress: '10.0.0.7:51820' });

  test('of a node is its part, how it is reached, and what it lacks', () => {
    const problems = [{ what: 'tunnels', reason: 'there is no TUN device', remedy: 'modprobe tun' }];
    const view = leased().network('n1', { implementation: 'wireguard', problems });
    expect(show(view, 'node', 'n1').status.network).toEqual({ subnet: '10.81.1.0/24', publicKey: 'k', privateAddress: '10.0.0.7:51820', implementation: 'wireguard', problems });
    expect(show(view.with('Lease', 'n2', { reason: 'all are taken' }), 'node', 'n2').status.network).toEqual({ reason: 'all are taken' });
    expect([SHAPES.node.watches.Lease?.('n1', view), SHAPES.node.watches.NodeNetwork?.('n1', view)]).toEqual([['n1'], ['n1']]);
  });

  test('of an instance is its address', () => {
    const view = leased().report('todo/web.1@1', 'running', { address: '10.81.1.7' });
    expect(show(view, 'instance', 'todo/web.1@1').status.address).toBe('10.81.1.7');
    expect(show(view, 'instance', 'todo/web.2@1').status.address).toBeUndefined();
    expect(SHAPES.instance.watches.Lease?.('n1', view)).toEqual(['todo/web.1@1']);
  });

  test('of a grid is its subnet, and how much of it is taken', () => {
    const view = leased().with('Lease', 'n2', { reason: 'all are taken' }).with('Grid', 'default', { defaultAffinity: [], subnet: '10.82.0.0/20', nodePrefix: 22 });
    expect(show(view, 'grid', 'default')).toMatchObject({ spec: { subnet: '10.82.0.0/20', nodePrefix: 22 }, status: { parts: { taken: 1, total: 4 } } });
    expect(SHAPES.grid.watches.Lease?.('n1', view)).toEqual(['default']);
  });
});

const withWaits = (view: World): World => view.with('Rollout', 'todo', { services: {}, waits: { web: 'db' } });

test('a service that begins waits for nothing any more, also without instances', () => {
  expect(SHAPES.service.watches.Rollout?.('todo', withWaits(given()))).toEqual(['todo/web']);
  expect(SHAPES.service.watches.Rollout?.('todo', given().rollout('todo/web', 3))).toEqual(['todo/web']);
  expect(SHAPES.service.watches.Rollout?.('todo', running().rollout('todo/web', 3))).toEqual([]);
});

describe('the state of a service and its stack', () => {
  const healthCheck = { protocol: 'tcp', port: 80, timeoutSeconds: 1, intervalSeconds: 1, initialDelaySeconds: 1, retries: 1 } as const;
  const cases: readonly { readonly title: string; readonly view: World; readonly state: string; readonly counts: readonly number[]; readonly reason?: string }[] = [
    { title: 'all runs', view: running(), state: 'running', counts: [2, 2, 2] },
    { title: 'one is on its way', view: given().instance('todo/web.1@1', 'n1', { revision: 3 }).instance('todo/web.2@1', 'n2', { revision: 3, phase: 'pulling' }), state: 'deploying', counts: [2, 1, 1] },
    { title: 'nothing is placed yet', view: given(), state: 'deploying', counts: [2, 0, 0] },
    { title: 'one has failed', view: running().report('todo/web.2@1', 'failed', { reason: 'port 80 is taken' }), state: 'degraded', counts: [2, 1, 1], reason: 'todo/web.2@1: port 80 is taken' },
    {
      title: 'all have failed',
      view: running().report('todo/web.1@1', 'failed', { reason: 'no image' }).report('todo/web.2@1', 'failed', { reason: 'no image' }),
      state: 'failed', counts: [2, 0, 0], reason: 'todo/web.1@1: no image',
    },
    { title: 'a node is silent', view: running().pulse('n2', 'silent'), state: 'degraded', counts: [2, 1, 1], reason: 'todo/web.2@1: node n2 is silent since 1970-01-01T00:00:00.000Z' },
    { title: 'one is unhealthy', view: running().report('todo/web.2@1', 'running', { health: 'unhealthy' }), state: 'degraded', counts: [2, 2, 1], reason: 'todo/web.2@1 is unhealthy' },
    { title: 'a hook went wrong', view: running().report('todo/web.2@1', 'running', { reason: 'hook warm ended with exit code 3' }), state: 'running', counts: [2, 2, 2], reason: 'todo/web.2@1: hook warm ended with exit code 3' },
    { title: 'an older revision runs', view: running().service('todo/web@9', { instances: 2 }), state: 'deploying', counts: [2, 2, 2] },
    { title: 'it waits to begin', view: withWaits(given()), state: 'deploying', counts: [2, 0, 0], reason: 'waits for todo/db' },
    {
      title: 'a failed revision went back',
      view: running().service('todo/web@9', { instances: 2 }).rollout('todo/web', 3, {}, { reverted: { from: 9, retries: 0, instance: 'todo/web.1@10', reason: 'ended with exit code 3' } }),
      state: 'degraded', counts: [2, 2, 2], reason: 'declared 9, running 3 (reverted): todo/web.1@10: ended with exit code 3',
    },
    {
      title: 'what it links to and was declared with went back',
      view: running().service('todo/web@9', { instances: 2, links: [{ service: 'todo/db', alias: 'db' }] }).service('todo/db@9').rollout('todo/web', 9, { 1: 3, 2: 3 })
        .rollout('todo/db', 3, {}, { reverted: { from: 9, retries: 0, instance: 'todo/db.1@10', reason: 'no' } }),
      state: 'degraded', counts: [2, 2, 2], reason: 'waits for todo/db, which went back',
    },
    { title: 'an older round stops', view: running().instance('todo/web.2@0', 'n1', { wanted: 'stopped', phase: 'stopping' }), state: 'deploying', counts: [2, 2, 2] },
    { title: 'no slot has a node', view: given().with('Placement', 'todo/web', { slots: [1, 2], reason: 'no node fits', refusals: [] }), state: 'failed', counts: [2, 0, 0], reason: 'no node fits' },
    { title: 'none is wanted', view: given().service('todo/web@3', { instances: 0 }), state: 'stopped', counts: [0, 0, 0] },
    { title: 'none is wanted any more', view: running().service('todo/web@3', { instances: 0 }), state: 'stopping', counts: [0, 2, 2] },
    {
      title: 'a daemon is everywhere',
      view: running().service('todo/web@3', { instances: 1, deploy: { strategy: 'daemon' } }), state: 'running', counts: [2, 2, 2],
    },
    {
      title: 'health is checked and not known yet',
      view: running().service('todo/web@3', { instances: 2, healthCheck }), state: 'deploying', counts: [2, 2, 0],
    },
  ];
  test.each(cases)('$title', ({ view, state, counts, reason }) => {
    const { status } = show(view, 'service', 'todo/web');
    const { wanted, running: up, healthy } = status.instances as Readonly<Record<string, number>>;
    expect({ state: status.state, counts: [wanted, up, healthy], reason: status.reason }).toEqual({ state, counts, reason });
    expect(show(view, 'stack', 'todo').status).toMatchObject({ state, instances: { wanted, running: up, healthy } });
  });

  test('a service that its stack declares and nobody has made yet is deploying', () => {
    expect(show(world().stack('todo', { web: {} }), 'stack', 'todo').status).toMatchObject({ state: 'deploying' });
  });

  test('a service on its way out is shown until it is gone', () => {
    const view = running().service('todo/web@3', { isCurrent: false });
    expect(SHAPES.service.names(view)).toEqual(['todo/web']);
    expect(show(view, 'service', 'todo/web').status).toMatchObject({ state: 'stopping' });
    const gone = view.without('Instance', 'todo/web.1@1').without('Instance', 'todo/web.2@1');
    expect(SHAPES.service.names(gone)).toEqual([]);
    expect(SHAPES.service.describe(gone, 'todo/web')).toBeUndefined();
  });

  test('revisions are compared as numbers', () => {
    expect(show(running().service('todo/web@10', { instances: 2 }), 'service', 'todo/web').status).toMatchObject({ declared: 10, running: [3] });
  });

  test('a number set by hand is shown beside the file\'s', () => {
    const view = running().stack('todo', { web: { instances: 2 } }, { web: 5 });
    expect(show(view, 'stack', 'todo').status.scaled).toEqual({ web: { file: 2, scaled: 5 } });
  });

  test('an error of its file is shown', () => {
    const at = given().now;
    const view = given().with('Stack', 'todo', { ...given().get('Stack', 'todo')!.body, origin: '/d/todo.yml' });
    expect(show(view.with('Source', '/d/todo.yml', { directory: '/d', at, error: 'line 3: no' }), 'stack', 'todo').status.sourceError).toBe('line 3: no');
    expect(show(view.with('Source', '/d/todo.yml', { directory: '/d', at }), 'stack', 'todo').status.sourceError).toBeUndefined();
    expect(show(view.with('Source', '/d/b.yml', { directory: '/d', stack: 'todo', at, error: 'claimed twice' }), 'stack', 'todo').status.sourceError).toBe('claimed twice');
  });
});

describe('a node', () => {
  test('is shown with what it is and what it bears', () => {
    const { spec, status } = show(running(), 'node', 'n1');
    expect(spec).toEqual({ labels: [], availability: 'active', number: 1 });
    expect(status).toMatchObject({ phase: 'online', facts: { cpus: 4 }, reserved: { cpus: 0 }, instances: 1 });
  });

  test('is unknown while it has not been heard, but for one that never was', () => {
    expect(show(given().pulse('n1', 'unheard'), 'node', 'n1').status.phase).toBe('unknown');
    expect(show(world().node('n1', { phase: 'created' }), 'node', 'n1').status.phase).toBe('created');
  });
});

describe('a route', () => {
  const NAME = 'infra/lb:todo/web';
  const spec = { ...DEFAULT_ROUTE, hosts: ['todo.example.com'], port: 8080 };
  /** Two instances that serve, and a balancer that runs and has said nothing yet. */
  const routed = (): World => running().lease('n1', '10.81.1.0/24').lease('n2', '10.81.2.0/24')
    .report('todo/web.1@1', 'running', { address: '10.81.1.7' }).report('todo/web.2@1', 'running', { address: '10.81.2.7' })
    .service('infra/lb@1', { balancer: DEFAULT_BALANCER }).instance('infra/lb.1@2', 'n1')
    .with('Route', NAME, { balancer: 'infra/lb', service: 'todo/web', spec, isServed: true });
  const servers = (...all: readonly (boolean | string)[]): RouteStatus['servers'] =>
    Object.fromEntries(all.map((one, at) => [`todo/web.${at + 1}@1`, { isUp: one === true, isDrained: false, ...(typeof one === 'string' ? { reason: one } : {}) }]));
  const said = (view: World, status: Partial<RouteStatus> = {}, balancer = 'infra/lb.1@2'): World =>
    view.with('Balancing', balancer, { node: 'n1', reloads: 0, routes: { [NAME]: { servers: servers(true, true), requestsPerSecond: 10.04, errorsPerSecond: 0, ...status } } });

  /** That is served, and asks for a certificate whose first order is so far. */
  const asking = (phase: OrderBody['phase']): World => {
    const order = { number: 1, asked: 0, names: ['todo.example.com'], challenge: 'http-01', directory: 'https://ca.example/dir', answerOn: [] } as const;
    return said(routed())
      .with('Route', NAME, { balancer: 'infra/lb', service: 'todo/web', spec, isServed: true, asks: { hosts: ['todo.example.com'], directory: order.directory } })
      .with('Renewal', 'todo.example.com', { order, failures: phase === 'failed' ? 1 : 0, endsSoon: false, ...(phase === 'failed' ? { nextAt: 300_000 as Instant } : {}) })
      .with('Order', 'todo.example.com', { number: 1, phase, since: 0 as Instant, proofs: [], answerOn: [], isShown: false, ...(phase === 'failed' ? { reason: 'nobody answers on port 80' } : {}) });
  };

  test('shows until when the certificates are good that it asked for, which are certificates as others are', () => {
    const view = asking('issued').at(90_000).certificate('todo.example.com', 1);
    expect(show(view, 'route', NAME).status).toMatchObject({ state: 'served', certificates: { 'todo.example.com': 'until 1970-01-01T00:01:30.000Z' } });
    expect(show(asking('placing'), 'certificate', 'todo.example.com')).toMatchObject({ spec: { names: ['todo.example.com'], challenge: 'http-01' }, status: { phase: 'ordering', usedBy: ['todo/web'] } });
    expect([SHAPES.certificate.names(asking('placing')), SHAPES.route.watches.Order?.('todo.example.com', view), SHAPES.route.watches.Order?.('a.com', view)]).toEqual([['todo.example.com'], [NAME], []]);
  });

  test('is shown with what is behind it, and how it fares on all its balancers', () => {
    const view = said(said(routed(), { tookMs: 31 }).instance('infra/lb.2@3', 'n2'), { requestsPerSecond: 2.5, errorsPerSecond: 0.5, tookMs: 80 }, 'infra/lb.2@3');
    expect(show(view, 'route', NAME)).toMatchObject({
      kind: 'Route', spec: { balancer: 'infra/lb', service: 'todo/web', hosts: ['todo.example.com'], port: 8080 },
      status: { state: 'served', endpoints: { up: 2, total: 2 }, requestsPerSecond: 12.5, errorsPerSecond: 0.5, tookMs: 80, instances: { 'todo/web.1@1': 'up', 'todo/web.2@1': 'up' } },
    });
    expect(show(view, 'route', NAME).status.reason).toBeUndefined();
  });

  test('an instance counts when all balancers that are heard of send to it', () => {
    const two = said(routed().instance('infra/lb.2@3', 'n2'));
    expect(show(said(two, { servers: servers(true, 'Layer4 timeout') }, 'infra/lb.2@3'), 'route', NAME).status.endpoints).toEqual({ up: 1, total: 2 });
    expect(show(said(two, { servers: servers(true, 'Layer4 timeout') }, 'infra/lb.2@3').pulse('n2', 'silent'), 'route', NAME).status.endpoints).toEqual({ up: 2, total: 2 });
  });

  test.each<{ readonly title: string; readonly view: World; readonly state: string; readonly reason: string }>([
    { title: 'one that another has', view: routed().with('Route', NAME, { balancer: 'infra/lb', service: 'todo/web', spec, isServed: false, reason: 'todo.example.com/ belongs to a/b' }), state: 'unserved', reason: 'todo.example.com/ belongs to a/b' },
    { title: 'one that HAProxy refuses', view: said(routed(), { refused: "unknown keyword 'blance'" }), state: 'unserved', reason: "unknown keyword 'blance'" },
    { title: 'no balancer', view: routed().without('Instance', 'infra/lb.1@2'), state: 'unserved', reason: 'no instance of infra/lb runs' },
    { title: 'a balancer that is starting', view: routed().report('infra/lb.1@2', 'starting'), state: 'unserved', reason: 'no instance of infra/lb runs' },
    { title: 'a balancer that has said nothing', view: routed(), state: 'unserved', reason: 'no healthy endpoint: todo/web.1@1: no balancer knows it yet; todo/web.2@1: no balancer knows it yet' },
    { title: 'instances that are unwell', view: said(routed().report('todo/web.1@1', 'running', { address: '10.81.1.7', health: 'unhealthy', reason: 'HTTP 500' }).report('todo/web.2@1', 'starting', { address: '10.81.2.7' }), { servers: servers(false, false) }), state: 'unserved', reason: 'no healthy endpoint: todo/web.1@1: it is unhealthy: HTTP 500; todo/web.2@1: it is starting' },
    { title: 'instances without an address', view: said(routed().report('todo/web.1@1', 'running').report('todo/web.2@1', 'failed', { reason: 'no such image' }), { servers: {} }), state: 'unserved', reason: 'no healthy endpoint: todo/web.1@1: it has no address on the network of its grid; todo/web.2@1: no such image' },
    { title: 'another port', view: said(routed(), { servers: servers('Layer4 connection problem: Connection refused', 'Connection refused') }), state: 'unserved', reason: 'port 8080 is not what todo/web listens on: todo/web.1@1: Layer4 connection problem: Connection refused' },
    { title: 'a certificate that does not fit', view: said(routed()).with('Route', NAME, { balancer: 'infra/lb', service: 'todo/web', spec: { ...spec, redirectsToHttps: true }, isServed: true }).certificate('other.com', 1).service('infra/lb@1', { balancer: { ...DEFAULT_BALANCER, certificates: [{ kind: 'Certificate', name: 'other.com' }] } }), state: 'served', reason: 'no certificate of infra/lb is made out to todo.example.com' },
    { title: 'a certificate that is ordered', view: asking('placing'), state: 'served', reason: 'todo.example.com has no certificate yet, its order is under way' },
    { title: 'a certificate that is refused', view: asking('failed'), state: 'served', reason: 'todo.example.com has no certificate yet, its order is over: nobody answers on port 80; tried again at 1970-01-01T00:05:00.000Z' },
    { title: 'no instances', view: said(routed().without('Instance', 'todo/web.1@1').without('Instance', 'todo/web.2@1'), { servers: {} }), state: 'unserved', reason: 'no healthy endpoint: todo/web has no instances' },
  ])('$title: why it is not served', ({ view, state, reason }) => {
    expect(show(view, 'route', NAME).status).toMatchObject({ state, reason });
  });

  test('what changes of it concerns it', () => {
    const { watches } = SHAPES.route;
    const view = routed();
    expect([watches.Balancing?.('infra/lb.1@2', view), watches.Report?.('todo/web.1@1', view), watches.Instance?.('other/web.1@1', view), watches.Pulse?.('n2', view), watches.Route?.(NAME, view)]).toEqual([[NAME], [NAME], [], [NAME], [NAME]]);
  });

  test('is found by the service that it is of, where one balancer serves it', () => {
    const view = routed();
    expect(['infra/lb:todo/web', 'todo/web', 'web', 'route/todo/web'].map((name) => fullName('route', name, view))).toEqual([NAME, NAME, NAME, NAME]);
    expect(fullName('route', 'web', view.with('Route', 'a/lb:todo/web', { balancer: 'a/lb', service: 'todo/web', spec, isServed: true }))).toBe('web');
    expect(['todo', 'todo/web', 'infra/lb', 'infra', 'shop', 'todo/we'].map((of) => belongs(NAME, of))).toEqual([true, true, true, true, false, false]);
  });
});
