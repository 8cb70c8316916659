import { describe, expect, test } from '@jest/globals';
import type { Resource } from '../ports/index.js';
import { type World, world } from '../testing/world.js';
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
