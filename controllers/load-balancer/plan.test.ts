import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Change, claimsOf, DEFAULT_BALANCER, DEFAULT_ROUTE, mayShare, type RouteBody, type RouteSpec } from '../../src/model/index.js';
import { type SpecOver, world, type World } from '../../src/testing/world.js';
import { loadBalancer } from './index.js';
import { plan } from './plan.js';

const LB = 'infra/lb';
const links = [{ service: LB, alias: 'lb' }];
const served = (route: Partial<RouteSpec> = {}): SpecOver => ({ links, route: { ...DEFAULT_ROUTE, ...route } });
const base = (): World => world().service('infra/lb@1', { image: 'kontena/lb:1', balancer: DEFAULT_BALANCER });

/** `+ todo/web a.example.com,b.example.com` when it is served for these, `! todo/web` when it is not, `- todo/web` when its route goes. */
function line({ name, body, why }: Change<'Route'>): string {
  const service = name.slice(LB.length + 1);
  if (body === undefined) return `- ${service} (${why})`;
  return `${body.isServed ? '+' : '!'} ${[service, ...(body.isServed ? body.spec.hosts : [])].join(' ')} (${why})`;
}
const lines = (given: World): readonly string[] => plan(LB, given).steps.map((step) => line(step as Change<'Route'>));
const settle = (given: World): World => given.apply(plan(LB, given).steps);

describe('what a balancer serves', () => {
  test('each service that links to it, as it says itself, and else as all are served', () => {
    const given = base().service('todo/web@2', served({ hosts: ['todo.example.com'], port: 8080 })).service('shop/web@3', { links }).service('shop/db@4');
    expect(lines(given)).toEqual(['+ todo/web todo.example.com (todo/web links to infra/lb)', '+ shop/web (shop/web links to infra/lb)']);
    expect(settle(given).get('Route', 'infra/lb:shop/web')?.body).toEqual({ balancer: LB, service: 'shop/web', spec: DEFAULT_ROUTE, isServed: true });
    expect(lines(given)).toEqual([]);
  });

  test.each<{ title: string; change: (given: World) => World; expected: readonly string[] }>([
    { title: 'a service is served otherwise', change: (given) => given.service('todo/web@2', served({ hosts: ['b.example.com'] })), expected: ['+ todo/web b.example.com (the way it is served changed)'] },
    { title: 'a service is served the same in another revision', change: (given) => given.service('todo/web@2', { ...served({ hosts: ['a.example.com'] }), isCurrent: false }).service('todo/web@9', { ...served({ hosts: ['a.example.com'] }), image: 'web:2' }), expected: [] },
    { title: 'a service links to it no more', change: (given) => given.service('todo/web@2'), expected: ['- todo/web (todo/web no longer links to infra/lb)'] },
    { title: 'a service is no more', change: (given) => given.without('Service', 'todo/web@2'), expected: ['- todo/web (todo/web is no more)'] },
    { title: 'a service is only kept for its last instances', change: (given) => given.service('todo/web@2', { ...served(), isCurrent: false }), expected: ['- todo/web (todo/web is no more)'] },
    { title: 'the balancer is none any more', change: (given) => given.service('infra/lb@1', { image: 'redis:7' }), expected: ['- todo/web (infra/lb is no balancer any more)'] },
    { title: 'the balancer is another', change: (given) => given.service('infra/lb@1', { balancer: { ...DEFAULT_BALANCER, http2: false } }), expected: [] },
  ])('$title', ({ change, expected }) => {
    expect(lines(change(settle(base().service('todo/web@2', served({ hosts: ['a.example.com'] })))))).toEqual(expected);
  });
});

describe('what two services claim', () => {
  const a = (route: Partial<RouteSpec>): SpecOver => served(route);
  test.each<{ title: string; one: Partial<RouteSpec>; other: Partial<RouteSpec>; expected: readonly string[] }>([
    { title: 'nothing in common', one: { hosts: ['a.com'] }, other: { hosts: ['b.com'] }, expected: ['+ x/one a.com', '+ x/other b.com'] },
    { title: 'one host, two paths', one: { hosts: ['a.com'], paths: ['/one'] }, other: { hosts: ['a.com'], paths: ['/other'] }, expected: ['+ x/one a.com', '+ x/other a.com'] },
    { title: 'a host, and all hosts', one: { hosts: ['a.com'] }, other: {}, expected: ['+ x/one a.com', '+ x/other'] },
    { title: 'one host and path', one: { hosts: ['a.com'] }, other: { hosts: ['a.com'] }, expected: ['+ x/one a.com', '! x/other: a.com/ belongs to x/one'] },
    { title: 'one host of two', one: { hosts: ['a.com'] }, other: { hosts: ['b.com', 'a.com'] }, expected: ['+ x/one a.com', '+ x/other b.com: a.com/ belongs to x/one'] },
    { title: 'one host and path, by weight', one: { hosts: ['a.com'], weight: 90 }, other: { hosts: ['a.com'], weight: 10 }, expected: ['+ x/one a.com', '+ x/other a.com'] },
    { title: 'by weight, and alone', one: { hosts: ['a.com'], weight: 90 }, other: { hosts: ['a.com'] }, expected: ['+ x/one a.com', '! x/other: a.com/ belongs to x/one'] },
    { title: 'one port', one: { mode: 'tcp', externalPort: 5432 }, other: { mode: 'tcp', externalPort: 5432 }, expected: ['+ x/one', '! x/other: port 5432 belongs to x/one'] },
    { title: 'one port by SNI', one: { mode: 'tcp', tls: 'terminate', hosts: ['a.com'] }, other: { mode: 'tcp', tls: 'terminate', hosts: ['b.com'] }, expected: ['+ x/one a.com', '+ x/other b.com'] },
    { title: 'one port, opened and unopened', one: { mode: 'tcp', tls: 'terminate', hosts: ['a.com'] }, other: { mode: 'tcp', tls: 'passthrough', hosts: ['b.com'] }, expected: ['+ x/one a.com', '! x/other: port 5000 belongs to x/one'] },
    { title: "the balancer's own port", one: { mode: 'tcp', externalPort: 443 }, other: {}, expected: ['! x/one: port 443 belongs to the balancer itself', '+ x/other'] },
  ])('$title', ({ one, other, expected }) => {
    const given = settle(base().service('x/one@2', a(one)).service('x/other@3', a(other)));
    expect(given.list('Route').map(({ body: { service, spec, isServed, reason } }) => `${isServed ? '+' : '!'} ${[service, ...(isServed ? spec.hosts : [])].join(' ')}${reason === undefined ? '' : `: ${reason}`}`)).toEqual(expected);
  });

  test('who has it keeps it, whatever comes, and the other gets it when it is free', () => {
    const host = { hosts: ['a.com'] };
    const given = settle(settle(base().service('b/web@5', served(host))).service('a/web@2', served(host)));
    expect(given.get('Route', 'infra/lb:a/web')?.body.reason).toBe('a.com/ belongs to b/web');
    expect(lines(given.service('b/web@9', { ...served(host), image: 'web:2' }).service('b/web@5', { isCurrent: false }))).toEqual([]);
    expect(lines(given.without('Service', 'b/web@9'))).toEqual(['- b/web (b/web is no more)', '+ a/web a.com (nobody else has what it claims any more)']);
  });

  test('one that claims more keeps what it has, and takes nothing from those that have it', () => {
    const given = settle(base().service('a/web@2', served({ hosts: ['x.com'] })).service('b/web@3', served({ hosts: ['y.com'] })));
    expect(lines(given.service('a/web@2', served({ hosts: ['x.com', 'y.com'] })))).toEqual(['+ a/web x.com (y.com/ belongs to b/web)']);
  });

  test('whoever claims what: nothing is had twice, nobody is left out without cause, and what is settled stays', () => {
    const host = fc.constantFrom('a.com', 'b.com', '*.c.com');
    const http = fc.record({ mode: fc.constant('http' as const), hosts: fc.uniqueArray(host), paths: fc.uniqueArray(fc.constantFrom('/', '/api'), { minLength: 1 }) });
    const tcp = fc.record({ mode: fc.constant('tcp' as const), hosts: fc.uniqueArray(host), externalPort: fc.constantFrom(5000, 443), tls: fc.constantFrom('terminate' as const, 'passthrough' as const) });
    const route = fc.tuple(fc.oneof(http, tcp), fc.option(fc.constant({ weight: 5 }), { nil: {} }));
    const declared = fc.array(fc.tuple(fc.constantFrom('s/a', 's/b', 's/c', 's/d'), route), { minLength: 1, maxLength: 12 });
    fc.assert(fc.property(declared, (steps) => {
      const given = base();
      steps.forEach(([service, [over, weight]]) => settle(given.service(`${service}@2`, served({ ...over, ...weight }))));
      for (let rounds = 0; rounds < 8 && plan(LB, given).steps.length > 0; rounds += 1) settle(given);
      expect(lines(given)).toEqual([]);
      const routes = given.list('Route').map(({ body }) => body);
      const had = routes.filter(({ isServed }) => isServed).flatMap(({ service, spec }) => claimsOf(spec).map((claim) => ({ service, claim })));
      for (const one of had) for (const other of had) if (one.service !== other.service && one.claim.what === other.claim.what) expect(mayShare(one.claim, other.claim)).toBe(true);
      for (const { isServed, spec, service } of routes) {
        if (isServed) continue;
        const taken = claimsOf(spec).filter((claim) => claim.what === 'port 443' || had.some((one) => one.claim.what === claim.what && !mayShare(one.claim, claim)));
        expect({ service, taken: taken.length > 0 }).toEqual({ service, taken: true });
      }
    }));
  });
});

describe('a route with certificates of its own', () => {
  const auto = (route: Partial<RouteSpec> = {}): SpecOver => served({ tls: 'auto', hosts: ['a.com', 'b.com'], redirectsToHttps: true, ...route });
  const routeOf = (given: World): RouteBody => given.get('Route', 'infra/lb:todo/web')!.body;
  const LETS_ENCRYPT = { directory: 'https://acme-v02.api.letsencrypt.org/directory' };

  test('asks for them, and sends nobody to https before all are there', () => {
    const given = settle(base().service('todo/web@2', auto()));
    expect(routeOf(given)).toMatchObject({ asks: { hosts: ['a.com', 'b.com'], ...LETS_ENCRYPT }, spec: { redirectsToHttps: false } });
    settle(given.certificate('a.com', 3));
    expect(routeOf(given).spec).toMatchObject({ certificates: [{ kind: 'Certificate', name: 'a.com', version: 3 }], redirectsToHttps: false });
    expect(lines(given.certificate('b.com', 1))).toEqual(['+ todo/web a.com b.com (its certificates changed: a.com, b.com)']);
    expect(routeOf(settle(given))).toMatchObject({ asks: { hosts: ['a.com', 'b.com'] }, spec: { redirectsToHttps: true } });
    expect(lines(given)).toEqual([]);
  });

  test('asks whom the balancer says, and not for what the balancer shows', () => {
    const authority = { directory: 'https://ca.example/dir', email: 'ops@a.com' };
    const given = base().with('Certificate', 'all', { version: 1, digest: '', names: ['*.a.com', 'b.com'], expiresAt: base().now });
    given.service('infra/lb@1', { balancer: { ...DEFAULT_BALANCER, authority, certificates: [{ kind: 'Certificate', name: 'all', version: 1 }, { text: 'pem' }] } });
    expect(routeOf(settle(given.service('todo/web@2', auto({ hosts: ['x.a.com', 'x.y.a.com', 'b.com'] })))).asks).toEqual({ hosts: ['x.y.a.com'], ...authority });
    expect(routeOf(settle(given.service('todo/web@2', auto({ hosts: ['x.a.com'] }))))).toMatchObject({ spec: { redirectsToHttps: true } });
    expect(routeOf(given)).not.toHaveProperty('asks');
  });

  test('asks for nothing where another has its host', () => {
    const given = settle(base().service('todo/old@2', served({ hosts: ['a.com', 'b.com'] })).service('todo/web@3', auto()));
    expect(routeOf(given)).not.toHaveProperty('asks');
  });
});

describe('what concerns a balancer', () => {
  test('itself, those that link to it, those that did, and its routes', () => {
    const given = settle(base().service('todo/web@2', served())).service('todo/web@2').service('shop/web@4', served());
    const { watches } = loadBalancer;
    expect([watches.Service?.('infra/lb@1', given), watches.Service?.('todo/web@2', given), watches.Service?.('shop/web@4', given)]).toEqual([[LB], ['todo/web', LB], ['shop/web', LB]]);
    expect([watches.Route?.('infra/lb:todo/web', given), watches.Service?.('no name', given), watches.Certificate?.('a.com', given)]).toEqual([[LB], [], []]);
    expect(watches.Certificate?.('a.com', settle(base().service('todo/web@2', served({ tls: 'auto', hosts: ['a.com'] }))))).toEqual([LB]);
    expect(loadBalancer.subjects(given)).toEqual([LB]);
    expect(plan('todo/web', given)).toEqual({ steps: [] });
  });
});
