import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Change, contains, gridNetwork, type Kind, overlaps, requireSubnet } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { line, world, type World } from '../../src/testing/world.js';
import { network } from './index.js';
import { plan } from './plan.js';

const KEY = `${'A'.repeat(43)}=`;
const OTHER = `${'B'.repeat(42)}A=`;

const grid = (subnet?: string, nodePrefix?: number): World =>
  world().with('Grid', 'default', { defaultAffinity: [], ...(subnet === undefined ? {} : { subnet }), ...(nodePrefix === undefined ? {} : { nodePrefix }) });

/** Plans for those that a change concerns, and then for those that what was written concerns, until nothing is; then for all. */
function settle(given: World, changed: readonly { readonly kind: Kind; readonly name: string }[]): readonly string[] {
  const planned = (node: string): readonly Change[] => {
    const { steps } = plan(node, given);
    given.apply(steps);
    return steps;
  };
  for (let due = changed; due.length > 0;) due = due.flatMap(({ kind, name }) => (network.watches[kind]?.(name, given) ?? []).flatMap(planned));
  return network.subjects(given).flatMap(planned).map(line);
}

const parts = (given: World): readonly (string | undefined)[] => given.list('Lease').map(({ body }) => body.subnet);

interface Case {
  readonly title: string;
  readonly given: World;
  readonly steps: readonly string[];
}

const TAKEN = 'all 2 parts of 10.82.0.0/23 are taken: remove nodes that are gone, or make a grid with a larger subnet';
const COPIED = 'node n1 has the key of its tunnels: they share a data directory or a copy of one, so give each its own with `kontenactl node rotate-keys n2`';

const cases: readonly Case[] = [
  { title: 'a node that has not said what it routes is given nothing yet', given: grid().node('n2'), steps: [] },
  { title: 'the first node has the first part', given: grid().node('n2').network('n2'), steps: ['+ Lease n2 10.81.0.0/24 (owns 10.81.0.0/24)'] },
  { title: 'the lowest free part is next', given: grid().lease('n1', '10.81.0.0/24').lease('n3', '10.81.2.0/24').node('n2').network('n2'), steps: ['+ Lease n2 10.81.1.0/24 (owns 10.81.1.0/24)'] },
  { title: 'parts are as large as the grid says', given: grid('10.82.0.0/16', 20).lease('n1', '10.82.0.0/20').node('n2').network('n2'), steps: ['+ Lease n2 10.82.16.0/20 (owns 10.82.16.0/20)'] },
  {
    title: 'what the node routes already is passed over, but for its ways out',
    given: grid().node('n2').network('n2', { routes: ['0.0.0.0/0', '128.0.0.0/1', '172.17.0.0/16', '10.81.0.0/23', '10.81.2.9', 'fe80::/64', 'nonsense'] }),
    steps: ['+ Lease n2 10.81.3.0/24 (owns 10.81.3.0/24)'],
  },
  { title: 'a grid that is full says so', given: grid('10.82.0.0/23').lease('n1', '10.82.0.0/24').lease('n3', '10.82.1.0/24').node('n2').network('n2'), steps: [`+ Lease n2 ${TAKEN} (${TAKEN})`] },
  {
    title: 'a node that routes all that nobody has says what',
    given: grid('10.82.0.0/23').lease('n1', '10.82.0.0/24').node('n2').network('n2', { routes: ['10.82.1.0/26', '10.99.0.0/16', '10.82.1.64/26', '10.82.1.128/26', '10.82.1.192/26'] }),
    steps: ['all 2 parts of 10.82.0.0/23 are taken, or overlap what the node routes already (10.82.1.0/26, 10.82.1.64/26, 10.82.1.128/26 and 1 more): remove nodes that are gone, or make a grid with a larger subnet']
      .map((why) => `+ Lease n2 ${why} (${why})`),
  },
  {
    title: 'a node that routes all of the subnet says what, whoever else has a part of it',
    given: grid('10.82.0.0/23').lease('n1', '10.82.0.0/24').lease('n3', '10.82.1.0/24').node('n2').network('n2', { routes: ['10.0.0.0/8'] }),
    steps: ['every part of 10.82.0.0/23 overlaps what the node routes already (10.0.0.0/8): free one there, or make a grid with another subnet'].map((why) => `+ Lease n2 ${why} (${why})`),
  },
  {
    title: 'a part that was refused is given when it is free',
    given: grid('10.82.0.0/23').lease('n1', '10.82.0.0/24').with('Lease', 'n2', { reason: TAKEN }).node('n2').network('n2'),
    steps: ['+ Lease n2 10.82.1.0/24 (owns 10.82.1.0/24)'],
  },
  {
    title: 'a part that the node came to route otherwise is kept, and it says so',
    given: grid().lease('n2', '10.81.7.0/24').node('n2').network('n2', { routes: ['10.81.7.128/25'] }),
    steps: ['10.81.7.0/24 overlaps what the node routes by now (10.81.7.128/25): take that away there, or remove the node and let it join again']
      .map((why) => `+ Lease n2 10.81.7.0/24 ${why} (${why})`),
  },
  {
    title: 'and is as before when that is over',
    given: grid().lease('n2', '10.81.7.0/24', { reason: 'overlaps' }).node('n2').network('n2'),
    steps: ['+ Lease n2 10.81.7.0/24 (nothing is wrong with it any more)'],
  },
  { title: 'a part outside of the subnet stays: it is in use', given: grid().lease('n2', '10.99.0.0/24').node('n2').network('n2'), steps: [] },
  {
    title: 'key and addresses are as the node says and the master sees',
    given: grid().lease('n2', '10.81.0.0/24').node('n2').network('n2', { publicKey: KEY, port: 51_821, addresses: ['127.0.0.1', '192.168.1.7', '10.0.0.7'], seenFrom: '::ffff:203.0.113.9' }),
    steps: [`+ Lease n2 10.81.0.0/24 ${KEY} 192.168.1.7:51821 203.0.113.9:51821 (its key is new)`],
  },
  {
    title: 'addresses of the other family are written in brackets, and what only the machine reaches is no address',
    given: grid().lease('n2', '10.81.0.0/24').node('n2').network('n2', { addresses: ['2001:db8::7'], seenFrom: '::1' }),
    steps: ['+ Lease n2 10.81.0.0/24 [2001:db8::7]:51820 (it is reached elsewhere)'],
  },
  { title: 'what is not an address is left out', given: grid().lease('n2', '10.81.0.0/24').node('n2').network('n2', { addresses: ['evil\n[Peer]'], seenFrom: '' }), steps: [] },
  { title: 'and so is all without a port', given: grid().lease('n2', '10.81.0.0/24').node('n2').network('n2', { addresses: ['10.0.0.7'], port: 0 }), steps: [] },
  {
    title: 'a key that another node has is refused',
    given: grid().node('n1').lease('n1', '10.81.0.0/24', { publicKey: KEY }).lease('n2', '10.81.1.0/24', { publicKey: OTHER }).node('n2').network('n2', { publicKey: KEY }),
    steps: [`+ Lease n2 10.81.1.0/24 ${COPIED} (${COPIED})`],
  },
  {
    title: 'a key that is none is refused, and one that says another in other letters is none',
    given: grid().lease('n2', '10.81.1.0/24').node('n2').network('n2', { publicKey: `${'A'.repeat(42)}B=` }),
    steps: ['+ Lease n2 10.81.1.0/24 the key of its tunnels is none: update its agent (the key of its tunnels is none: update its agent)'],
  },
  { title: 'of a silent node all is kept', given: grid().node('n2').lease('n2', '10.81.1.0/24', { publicKey: KEY, privateAddress: '192.168.1.7:51820' }), steps: [] },
  { title: 'nothing is kept of a node that was removed', given: grid().lease('n2', '10.81.1.0/24').network('n2'), steps: ['- Lease n2 (the node was removed)'] },
];

describe('the network of a grid', () => {
  test.each(cases)('$title', ({ given, steps }) => {
    expect(plan('n2', given).steps.map(line)).toEqual(steps);
    expect(plan('n2', given.apply(plan('n2', given).steps)).steps).toEqual([]);
  });

  test('what is freed wakes those who wait for it, and nothing else does', () => {
    const given = grid().node('n1').node('n2').node('n3').node('n4').lease('n1', '10.81.0.0/24', { publicKey: KEY })
      .with('Lease', 'n2', { reason: TAKEN }).lease('n3', '10.81.1.0/24', { reason: COPIED }).network('n3', { publicKey: KEY }).lease('n4', '10.81.2.0/24').network('n4');
    expect(network.watches.Lease?.('n1', given)).toEqual(['n1', 'n3']);
    expect(network.watches.Lease?.('n1', given.without('Lease', 'n1'))).toEqual(['n1', 'n3', 'n2']);
    expect([network.watches.Node?.('n1', given), network.watches.NodeNetwork?.('n4', given), network.watches.Grid?.('default', given)]).toEqual([['n1'], ['n4'], ['n2']]);
    expect(network.subjects(given.with('Lease', 'n0', {}))).toEqual(['n1', 'n2', 'n3', 'n4', 'n0']);
  });

  test('whatever joins and goes, parts are within the subnet and overlap neither each other nor what their nodes route, and keys are one node\'s', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const routes = fc.subarray(['10.82.0.0/25', '10.82.1.0/24', '10.82.2.0/23', '10.82.3.7', '10.0.0.0/8', '0.0.0.0/0']);
    const event = fc.oneof(
      fc.record({ does: fc.constant('says' as const), node: fc.constantFrom(...names), what: fc.record({ routes, publicKey: fc.constantFrom(KEY, OTHER) }, { requiredKeys: ['routes'] }) }),
      fc.record({ does: fc.constantFrom('goes' as const, 'is silent' as const), node: fc.constantFrom(...names), what: fc.constant({}) }),
    );
    const limits = gridNetwork({ subnet: '10.82.0.0/22', nodePrefix: 24 });
    fc.assert(fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const given = grid('10.82.0.0/22');
      for (const one of events) {
        const before = new Map(given.list('Lease').map(({ name, body }) => [name, body.subnet]));
        given.without('NodeNetwork', one.node);
        if (one.does === 'goes') given.without('Node', one.node);
        if (one.does === 'says') given.node(one.node).network(one.node, one.what);
        expect(settle(given, [{ kind: 'NodeNetwork', name: one.node }, { kind: 'Node', name: one.node }])).toEqual([]);

        const leased = parts(given).flatMap((part) => (part === undefined ? [] : [requireSubnet(part)]));
        leased.forEach((part, at) => {
          expect(contains(limits.subnet, part)).toBe(true);
          expect(leased.slice(at + 1).some((other) => overlaps(part, other))).toBe(false);
        });
        for (const { name, body } of given.list('Lease')) {
          expect(given.get('Node', name)).toBeDefined();
          if (before.get(name) !== undefined) expect(body.subnet).toBe(before.get(name));
          if (body.subnet === undefined) expect(body.reason).toBeDefined();
        }
        const keys = given.list('Lease').flatMap(({ body }) => body.publicKey ?? []);
        expect(new Set(keys).size).toBe(keys.length);
      }
    }), { numRuns: 200 });
  });

  test('a node that joins costs one look at the leases, and at rest one looks at nothing but itself', () => {
    const given = grid('10.80.0.0/14', 24);
    const names = Array.from({ length: 1000 }, (_, at) => `n${at}`);
    for (const name of names) given.node(name);
    const asked: string[] = [];
    const watched = Object.create(given, { get: { value: given.get.bind(given) }, list: { value: (kind: Kind) => (asked.push(kind), given.list(kind)) } }) as View;
    for (const name of names) given.network(name).apply(plan(name, given).steps);
    expect([new Set(parts(given)).size, given.get('Lease', 'n999')?.body.subnet]).toEqual([1000, '10.83.231.0/24']);
    expect(plan('n7', watched).steps).toEqual([]);
    expect(asked).toEqual([]);
    given.node('n1000').network('n1000');
    expect(plan('n1000', watched).steps.map(line)).toEqual(['+ Lease n1000 10.83.232.0/24 (owns 10.83.232.0/24)']);
    expect(asked).toEqual(['Lease']);
  });
});
