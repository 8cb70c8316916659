import { describe, expect, test } from '@jest/globals';
import type { Instant } from '../../src/model/index.js';
import { type SpecOver, world, type World } from '../../src/testing/world.js';
import { explain } from './index.js';
import { plan } from './plan.js';

const MIB = 1024 * 1024;
const NOW = 1_000_000 as Instant;
const http = { ip: '0.0.0.0', nodePort: 80, containerPort: 80, protocol: 'tcp' } as const;

/** Slot → node, of what is placed. */
function nodesFor(given: World, service = 'todo/web'): Readonly<Record<number, string>> {
  const { steps } = plan(service, given, NOW);
  return Object.fromEntries(steps.flatMap((step) => (step.kind === 'Instance' && step.body?.wanted === 'running' ? [[step.body.slot, step.body.node]] : [])));
}

const whyNot = (given: World): string | undefined => plan('todo/web', given, NOW).steps.find(({ kind }) => kind === 'Placement')?.why;
const counts = (placed: Readonly<Record<number, string>>): Readonly<Record<string, number>> => {
  const found: Record<string, number> = {};
  for (const node of Object.values(placed)) found[node] = (found[node] ?? 0) + 1;
  return found;
};
const web = (given: World, over: SpecOver): World => given.service('todo/web@1', over);

describe('what a node must be', () => {
  const base = (): World => world().node('n1', { labels: ['ssd', 'az=a'] }).node('n2', { labels: ['az=b'] }).service('todo/db@1').instance('todo/db.1@1', 'n2');

  test.each<[string, SpecOver, string]>([
    ['a node by name', { affinity: ['node==n2'] }, 'n2'],
    ['not a node', { affinity: ['node!=n1'] }, 'n2'],
    ['a label', { affinity: ['label==ssd'] }, 'n1'],
    ['not a label', { affinity: ['label!=ssd'] }, 'n2'],
    ['a label by pattern', { affinity: ['label==/^az=[b]$/'] }, 'n2'],
    ['beside a service of the own stack', { affinity: ['service==db'] }, 'n2'],
    ['beside a service by its whole name', { affinity: ['service==todo/db'] }, 'n2'],
    ['beside a service by pattern in the own stack', { affinity: ['service==/^d/'] }, 'n2'],
    ['beside a service by pattern across stacks', { affinity: ['service==/^todo\\/d/'] }, 'n2'],
    ['not beside a service', { affinity: ['service!=db'] }, 'n1'],
    ['beside a container', { affinity: ['container==todo.db-1'] }, 'n2'],
    ['a node by the number of the slot', { affinity: ['node==n%s'] }, 'n1'],
    ['a wish that can be met', { affinity: ['label==~az=b'] }, 'n2'],
    ['a wish that cannot', { affinity: ['label==~gpu'] }, 'n1'],
    ['the node of what it takes volumes from', { volumesFrom: ['db-1'] }, 'n2'],
    ['the node whose network it shares', { network: 'container:db-1' }, 'n2'],
  ])('%s', (_title, over, node) => expect(nodesFor(web(base(), over))).toEqual({ 1: node }));

  test('the default affinity of the grid counts for services that declare none', () => {
    const given = base().with('Grid', 'default', { defaultAffinity: ['label!=ssd'] });
    expect(nodesFor(web(given, {}))).toEqual({ 1: 'n2' });
    expect(nodesFor(web(given, { affinity: ['label==/./'] }))).toEqual({ 1: 'n1' });
  });

  test('a wish for a node that is full is not met, and nobody is refused for it', () => {
    const given = base().instance('a/b.1@1', 'n1', { reserves: { cpus: 0, memoryBytes: 4096 * MIB, ports: [] } });
    expect(nodesFor(web(given, { affinity: ['label==~ssd'], memoryBytes: MIB }))).toEqual({ 1: 'n2' });
  });

  test('never beside itself: as many as there are nodes, and the reason for the rest', () => {
    const given = web(base(), { instances: 3, affinity: ['service!=web'] });
    expect(nodesFor(given)).toEqual({ 1: 'n1', 2: 'n2' });
    expect(whyNot(given)).toBe('no node fits: 2 of 2 do not satisfy its affinity (n1 does not satisfy service!=web)');
  });

  test.each<[string, World, SpecOver, string]>([
    ['no nodes', world(), {}, 'no node fits: the grid has no nodes'],
    ['phases', world().node('n1', { phase: 'created' }).node('n2', { phase: 'connecting' }), {}, 'no node fits: 2 of 2 are not online (n1 has not connected yet)'],
    ['no facts', world().node('n1', { hasFacts: false }), {}, 'no node fits: n1 has not said yet what it has'],
    ['several', world().node('n1', { phase: 'offline' }).node('n2', { availability: 'drain' }).node('n3'), { cpus: 5 }, 'no node fits: 1 of 3 are not online (n1 is offline), 1 of 3 are drained (n2 is drained), 1 of 3 have too few cores free (n3 has 4 of 4 cores free, 5 asked for)'],
    ['ephemeral', world().node('n1', { labels: ['ephemeral'] }), { stateful: true }, 'no node fits: n1 is ephemeral, and the service keeps data'],
    ['another machine than before', world().node('n1', { isUnconfirmed: true }), { stateful: true }, 'no node fits: n1 is another machine than before: `kontenactl node confirm n1` says that the former one is gone'],
    ['memory', world().node('n1', { memoryMiB: 100 }), { memoryBytes: 101 * MIB }, 'no node fits: n1 has 100 of 100 MiB of memory free, 101 asked for'],
    ['what others have of the memory', world().node('n1', { memoryMiB: 100 }).instance('a/b.1@1', 'n1', { reserves: { cpus: 0, memoryBytes: 60 * MIB, ports: [] } }), { memoryReservationBytes: 41 * MIB, memoryBytes: 1 }, 'no node fits: n1 has 40 of 100 MiB of memory free, 41 asked for'],
    ['reserved cores, whatever may be used', world().node('n1').instance('a/b.1@1', 'n1', { reserves: { cpus: 3.3, memoryBytes: 0, ports: [] } }), { cpusReserved: 0.8, cpus: 0.1 }, 'no node fits: n1 has 0.7 of 4 cores free, 0.8 asked for'],
    ['a rule that cannot be read', world().node('n1'), { affinity: ['nonsense'] }, 'no node fits: n1 does not satisfy nonsense'],
  ])('%s: refused in words', (_title, given, over, reason) => {
    expect(nodesFor(web(given, over))).toEqual({});
    expect(whyNot(given)).toBe(reason);
  });
});

describe('what is left of a node', () => {
  const taken = (port: string): World => world().node('n1').node('n2', { labels: ['second'] }).instance('a/b.1@1', 'n1', { reserves: { cpus: 3, memoryBytes: 3072 * MIB, ports: [port] } });

  test.each<[string, string, Partial<typeof http> | { ip: string; protocol: 'udp' | 'tcp'; nodePort: number }, string]>([
    ['the same port', 'tcp/0.0.0.0/80', {}, 'n2'],
    ['another protocol', 'udp/0.0.0.0/80', {}, 'n1'],
    ['another number', 'tcp/0.0.0.0/81', {}, 'n1'],
    ['every address against one', 'tcp/10.0.0.1/80', {}, 'n2'],
    ['one address against every', 'tcp/0.0.0.0/80', { ip: '10.0.0.1', protocol: 'tcp', nodePort: 80 }, 'n2'],
    ['another address', 'tcp/10.0.0.2/80', { ip: '10.0.0.1', protocol: 'tcp', nodePort: 80 }, 'n1'],
  ])('ports: %s', (_title, held, port, node) => {
    expect(nodesFor(web(taken(held), { ports: [{ ...http, ...port }], affinity: ['node==~n1'] }))).toEqual({ 1: node });
  });

  test('a service on the node\'s own network listens where its container does', () => {
    const given = web(taken('tcp/0.0.0.0/8080'), { network: 'host', ports: [{ ...http, containerPort: 8080 }], affinity: ['node==~n1'] });
    expect(nodesFor(given)).toEqual({ 1: 'n2' });
  });

  test.each<[SpecOver, string]>([
    [{ cpus: 1 }, 'n1'], [{ cpus: 1.5 }, 'n2'], [{ cpus: 4, cpusReserved: 1 }, 'n1'], [{ cpus: 0.1, cpusReserved: 1.5 }, 'n2'],
    [{ memoryBytes: 1024 * MIB }, 'n1'], [{ memoryBytes: 1025 * MIB }, 'n2'],
    [{ memoryBytes: 4096 * MIB, memoryReservationBytes: 100 * MIB }, 'n1'], [{ memorySwapBytes: 1025 * MIB }, 'n2'], [{ memorySwapBytes: -1 }, 'n1'],
  ])('cores and memory are counted as declared: %j', (over, node) => {
    expect(nodesFor(web(taken('tcp/0.0.0.0/1'), { affinity: ['node==~n1'], ...over }))).toEqual({ 1: node });
  });

  test('one pass sees what it takes itself', () => {
    expect(counts(nodesFor(web(world().node('n1').node('n2'), { instances: 9, cpus: 1 })))).toEqual({ n1: 4, n2: 4 });
    expect(counts(nodesFor(web(world().node('n1').node('n2'), { instances: 9, memoryBytes: 1024 * MIB })))).toEqual({ n1: 4, n2: 4 });
    expect(counts(nodesFor(web(world().node('n1').node('n2'), { instances: 3, ports: [http] })))).toEqual({ n1: 1, n2: 1 });
  });

  test('what is gone holds nothing any more', () => {
    const given = web(world().node('n1'), { ports: [http] }).instance('todo/web.1@1', 'n1', { wanted: 'stopped', phase: 'stopped', reserves: { cpus: 0, memoryBytes: 0, ports: ['tcp/0.0.0.0/80'] } });
    expect(nodesFor(given)).toEqual({ 1: 'n1' });
  });
});

describe('which of the nodes that fit', () => {
  const zones = (): World => world().node('n1', { labels: ['az=a'] }).node('n2', { labels: ['az=a'] }).node('n3', { labels: ['az=a'] }).node('n4', { labels: ['az=b'] });

  test('ha spreads over zones, then over nodes', () => {
    expect(counts(nodesFor(web(zones(), { instances: 2 })))).toEqual({ n1: 1, n4: 1 });
    expect(counts(nodesFor(web(zones(), { instances: 6 })))).toEqual({ n1: 1, n2: 1, n3: 1, n4: 3 });
  });

  test('a zone counts what is in it, on full nodes too', () => {
    const given = web(world().node('n1', { labels: ['az=a'] }).node('n2', { labels: ['az=a'] }).node('n3', { labels: ['az=b'], memoryMiB: 8 }), { instances: 2, ports: [http] })
      .instance('todo/web.1@1', 'n1', { reserves: { cpus: 0, memoryBytes: 0, ports: ['tcp/0.0.0.0/80'] } });
    expect(nodesFor(given)).toEqual({ 2: 'n3' });
  });

  test('ha takes the node with the smallest share of its memory reserved, then the one with fewest instances', () => {
    const reserves = (mib: number) => ({ reserves: { cpus: 0, memoryBytes: mib * MIB, ports: [] } });
    expect(nodesFor(web(world().node('n1', { memoryMiB: 1000 }).node('n2', { memoryMiB: 4000 }).instance('a/b.1@1', 'n1', reserves(300)).instance('a/b.2@1', 'n2', reserves(400)), {}))).toEqual({ 1: 'n2' });
    expect(nodesFor(web(world().node('n1').node('n2').instance('a/b.1@1', 'n1'), {}))).toEqual({ 1: 'n2' });
  });

  test('random is the same for the same view, and spreads', () => {
    const given = (): World => web(world().node('n1').node('n2').node('n3').node('n4'), { instances: 400, deploy: { strategy: 'random' } });
    expect(nodesFor(given())).toEqual(nodesFor(given()));
    for (const count of Object.values(counts(nodesFor(given())))) expect(count).toBeGreaterThan(60);
  });

  test('a daemon that lacks room for its share on some node says so', () => {
    const given = web(world().node('n1').node('n2'), { instances: 2, ports: [http], deploy: { strategy: 'daemon' } });
    expect(nodesFor(given)).toEqual({ 1: 'n1', 2: 'n2' });
    expect(whyNot(given)).toBe('no node fits: 2 of 2 have its port in use (n1 has port 80/tcp in use)');
  });

  test('a wish chooses the nodes of a daemon, and keeps to them', () => {
    const given = web(world().node('n1').node('n2', { labels: ['ssd'] }), { affinity: ['label==~ssd'], deploy: { strategy: 'daemon' } });
    expect(nodesFor(given)).toEqual({ 1: 'n2' });
    expect(nodesFor(given.apply(plan('todo/web', given, NOW).steps))).toEqual({});
  });
});

describe('explaining', () => {
  test('says what every filter thinks of every node', () => {
    const given = web(world().node('n1', { phase: 'offline', availability: 'drain' }).node('n2', { labels: ['ssd'] }), { affinity: ['label==~ssd'], memoryBytes: MIB });
    expect(explain('todo/web', 1, given, NOW)).toEqual({
      service: 'todo/web',
      slot: 1,
      filters: ['phase', 'availability', 'data', 'confirmation', 'ephemeral', 'volumes', 'affinity', 'ports', 'cpu', 'memory', 'dependency'],
      nodes: [
        { node: 'n1', fits: false, refusals: { phase: 'is offline', availability: 'is drained' }, wishes: [{ rule: 'label==~ssd', holds: false }], instances: 0, memoryShare: 0 },
        { node: 'n2', fits: true, refusals: {}, wishes: [{ rule: 'label==~ssd', holds: true }], instances: 0, memoryShare: 0 },
      ],
    });
    expect(explain('todo/none', 1, given, NOW)).toBeUndefined();
  });

  test('a Placement counts each node once, with up to three examples', () => {
    const given = world();
    for (let number = 1; number <= 5; number += 1) given.node(`n${String(number)}`, { phase: 'offline', availability: 'drain' });
    const { steps } = plan('todo/web', web(given, {}), NOW);
    expect(steps.find(({ kind }) => kind === 'Placement')?.body).toEqual({
      slots: [1],
      reason: 'no node fits: 5 of 5 are not online (n1 is offline)',
      refusals: [{ filter: 'phase', count: 5, examples: ['n1 is offline', 'n2 is offline', 'n3 is offline'] }],
    });
  });
});
