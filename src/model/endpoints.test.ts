import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { line, world, type World } from '../testing/world.js';
import { type Bodies, type Change, DEFAULT_ROUTE, drop, endpointOf, endpointsOf, endpointsTouchedBy, type Kind, put } from './index.js';

const WEB = 'todo/web.1@4';

const base = (): World =>
  world().node('n1').lease('n1', '10.81.1.0/24').stack('todo', { web: {} }).service('todo/web@1', { ports: [{ ip: '0.0.0.0', nodePort: 80, containerPort: 8080, protocol: 'tcp' }] })
    .instance(WEB, 'n1', { phase: undefined }).report(WEB, 'running', { address: '10.81.1.7' });

const SERVING = { instance: WEB, address: '10.81.1.7', node: 'n1', isExposed: false, serves: true, ports: [{ port: 8080, protocol: 'tcp' }] };

describe('endpoints', () => {
  test('an instance that runs serves at the address that its node says', () => expect(endpointsOf(base())).toEqual([SERVING]));

  test.each<[string, (given: World) => World, string]>([
    ['to be stopped', (given) => given.instance(WEB, 'n1', { wanted: 'stopped', phase: undefined }), 'it is to stop'],
    ['starting', (given) => given.report(WEB, 'starting', { address: '10.81.1.7' }), 'it is starting'],
    ['failed', (given) => given.report(WEB, 'failed', { address: '10.81.1.7', reason: 'ended with exit code 3' }), 'it failed: ended with exit code 3'],
    ['not yet healthy', (given) => given.report(WEB, 'running', { address: '10.81.1.7', health: 'starting' }), 'its health is not known yet'],
    ['unhealthy', (given) => given.report(WEB, 'running', { address: '10.81.1.7', health: 'unhealthy', reason: 'unhealthy: HTTP 500' }), 'it is unhealthy: HTTP 500'],
    ['on a lost node', (given) => given.with('Health', 'n1', { phase: 'offline', since: given.now, wasLost: true }), 'its node n1 is offline'],
  ])('one that is %s does not serve, and why', (_what, change, whyNot) => {
    expect(endpointOf(change(base()), WEB)).toEqual({ ...SERVING, serves: false, whyNot });
  });

  test('one that is healthy serves', () => expect(endpointOf(base().report(WEB, 'running', { address: '10.81.1.7', health: 'healthy' }), WEB)).toEqual(SERVING));

  test.each<[string, (given: World) => World]>([
    ['that is gone', (given) => given.without('Instance', WEB)],
    ['of which nothing was reported', (given) => given.without('Report', WEB)],
    ['of which another node reports', (given) => given.with('Report', WEB, { node: 'n2', phase: 'running', since: given.now, restarts: 0, address: '10.81.1.7' })],
    ['without an address', (given) => given.report(WEB, 'running')],
    ['whose address is not of its node', (given) => given.report(WEB, 'running', { address: '10.81.2.7' })],
    ['whose address is none', (given) => given.report(WEB, 'running', { address: 'localhost' })],
    ['whose node has no part of the subnet', (given) => given.with('Lease', 'n1', { reason: 'full' })],
    ['whose node was removed', (given) => given.without('Node', 'n1')],
  ])('an instance %s is reached nowhere', (_what, change) => expect(endpointOf(change(base()), WEB)).toBeUndefined());

  test('one with the network of its node is reached at the node', () => {
    expect(endpointOf(base().service('todo/web@1', { network: 'host' }).report(WEB, 'running'), WEB)).toEqual({ ...SERVING, address: '10.81.1.1', ports: undefined });
  });

  test('where balancers reach it is as its own revision says', () => {
    const given = base().service('todo/web@1', { route: { ...DEFAULT_ROUTE, port: 8080 } }).service('todo/web@2', { route: { ...DEFAULT_ROUTE, port: 9090 } });
    expect(endpointOf(given, WEB)?.routePort).toBe(8080);
  });

  test('the exposed service is exposed', () => {
    const { spec, ...rest } = base().get('Stack', 'todo')!.body;
    expect(endpointOf(base().with('Stack', 'todo', { ...rest, spec: { ...spec, expose: 'web' } }), WEB)?.isExposed).toBe(true);
    expect(endpointOf(base().with('Stack', 'todo', { ...rest, spec: { ...spec, expose: 'db' } }), WEB)?.isExposed).toBe(false);
  });

  test('whatever changes, only endpoints that it touches are others', () => {
    const spec = base().get('Stack', 'todo')!.body.spec;
    const instance = (revision: number, node: string, wanted: 'running' | 'stopped'): Bodies['Instance'] => ({ service: 'todo/web', slot: 1, revision, node, wanted, reserves: { cpus: 0, memoryBytes: 0, ports: [] } });
    const service = (network: 'host' | 'bridge'): Bodies['Service'] => ({ isCurrent: true, spec: { ...base().get('Service', 'todo/web@1')!.body.spec, network } });
    const at = 0 as Bodies['Report']['since'];
    const bodies: { readonly [K in Kind]?: readonly (readonly [string, Bodies[K]])[] } = {
      Instance: [['todo/web.1@4', instance(1, 'n1', 'running')], ['todo/web.1@4', instance(2, 'n2', 'running')], ['todo/web.1@9', instance(2, 'n1', 'stopped')]],
      Report: [['todo/web.1@4', { node: 'n1', phase: 'running', since: at, restarts: 0, address: '10.81.1.7' }], ['todo/web.1@9', { node: 'n2', phase: 'failed', since: at, restarts: 0, address: '10.81.2.7' }]],
      Node: [['n1', base().get('Node', 'n1')!.body], ['n2', base().get('Node', 'n1')!.body]],
      Health: [['n1', { phase: 'offline', since: at, wasLost: true }], ['n1', { phase: 'online', since: at, wasLost: true }]],
      Lease: [['n1', { subnet: '10.81.1.0/24' }], ['n2', { subnet: '10.81.2.0/24' }], ['n1', { subnet: '10.81.3.0/24' }]],
      Service: [['todo/web@1', service('bridge')], ['todo/web@2', service('host')]],
      Stack: [['todo', { spec: { ...spec, expose: 'web' }, scaled: {} }], ['todo', { spec, scaled: {} }]],
      Placement: [['todo/web', { slots: [1], reason: 'full', refusals: [] }]],
    };
    const changes = Object.entries(bodies).flatMap(([kind, all]) => all.flatMap(([name, body]): readonly Change[] => [put(kind as Kind, name, body, 'so'), drop(kind as Kind, name, 'so')]));
    fc.assert(fc.property(fc.array(fc.constantFrom(...changes), { maxLength: 40 }), (steps) => {
      const given = base().node('n2').lease('n2', '10.81.2.0/24');
      for (const step of steps) {
        const before = new Map(endpointsOf(given).map((endpoint) => [endpoint.instance, endpoint]));
        const touched = new Set(endpointsTouchedBy(given.apply([step]), step));
        for (const name of ['todo/web.1@4', 'todo/web.1@9']) {
          if (!touched.has(name)) expect({ after: line(step), endpoint: endpointOf(given, name) }).toEqual({ after: line(step), endpoint: before.get(name) });
        }
      }
    }), { numRuns: 400 });
  });
});
