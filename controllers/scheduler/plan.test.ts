import { describe, expect, test } from '@jest/globals';
import type { Instant } from '../../src/model/index.js';
import { line, world, type World } from '../../src/testing/world.js';
import { plan } from './plan.js';

const NOW = 1_000_000;
const MINUTE = 60_000;

interface Case {
  readonly title: string;
  readonly given: World;
  readonly lines: readonly string[];
  readonly wakeAt?: number;
}

const three = (): World => world().node('n1').node('n2').node('n3');
/** The same with a balancer, of a service that is being replaced since a moment ago. */
const balanced = (): World => three().at(NOW - 1_000).balancer('todo/web').service('todo/web@7', { links: [{ service: 'infra/lb', alias: 'lb' }], deploy: { order: 'start-first' } });

const cases: readonly Case[] = [
  {
    title: 'fills empty slots, each on a node of its own',
    given: three().service('todo/web@1', { instances: 3 }),
    lines: [
      '+ Instance todo/web.1@12 n1 running r1 (slot 1 was empty; n1 has most room of 3 nodes that fit)',
      '+ Instance todo/web.2@12 n2 running r1 (slot 2 was empty; n2 has most room of 3 nodes that fit)',
      '+ Instance todo/web.3@12 n3 running r1 (slot 3 was empty; n3 has most room of 3 nodes that fit)',
    ],
  },
  {
    title: 'leaves alone what is as it should be',
    given: three().service('todo/web@1', { instances: 1 }).instance('todo/web.1@9', 'n2'),
    lines: [],
  },
  {
    title: 'stops the highest slots when fewer are declared',
    given: three().service('todo/web@1', { instances: 1 }).instance('todo/web.1@9', 'n2').instance('todo/web.2@9', 'n1'),
    lines: ['+ Instance todo/web.2@9 n1 stopped r1 (slot 2 is not wanted: 1 declared)'],
  },
  {
    title: 'stops everything of a service that is no longer declared, and forgets what has stopped',
    given: three().instance('todo/web.1@9', 'n2').instance('todo/web.2@9', 'n1', { wanted: 'stopped', phase: 'stopped' }),
    lines: ['+ Instance todo/web.1@9 n2 stopped r1 (todo/web is no longer declared)', '- Instance todo/web.2@9 (it has stopped)'],
  },
  {
    title: 'stops everything of a service that is to stand still, and forgets what has stopped',
    given: three().service('todo/web@1', { instances: 2, isStopped: true }).instance('todo/web.1@9', 'n2').instance('todo/web.2@9', 'n1', { wanted: 'stopped', phase: 'stopped' }).with('Placement', 'todo/web', { slots: [3], reason: 'x', refusals: [] }),
    lines: ['+ Instance todo/web.1@9 n2 stopped r1 (todo/web is stopped)', '- Instance todo/web.2@9 (it has stopped)', '- Placement todo/web (every slot has a node)'],
  },
  {
    title: 'remembers where the data of what stands still is',
    given: three().service('todo/web@1', { instances: 2, stateful: true, isStopped: true })
      .instance('todo/web.1@8', 'n1', { wanted: 'stopped', phase: 'stopped' }).instance('todo/web.1@9', 'n2', { wanted: 'stopped', phase: 'stopped' }).instance('todo/web.2@9', 'n3', { wanted: 'stopped', phase: 'stopping' }),
    lines: ['- Instance todo/web.1@8 (it has stopped)'],
  },
  {
    title: 'starts there again what stood still',
    given: three().service('todo/web@1', { stateful: true }).instance('todo/web.1@9', 'n2', { wanted: 'stopped', phase: 'stopped' }),
    lines: ['- Instance todo/web.1@9 (it has stopped)', '+ Instance todo/web.1@14 n2 running r1 (todo/web.1@9 is gone; its data is on n2)'],
  },
  {
    title: 'replaces another revision by stopping it first',
    given: three().service('todo/web@1').service('todo/web@7').instance('todo/web.1@9', 'n2'),
    lines: ['+ Instance todo/web.1@9 n2 stopped r1 (revision 7 replaces 1)'],
  },
  {
    title: 'runs the older revision in slots that the rollout has not moved',
    given: three().service('todo/web@1', { instances: 2 }).service('todo/web@7', { instances: 2 }).rollout('todo/web', 7, { 1: 1 }).instance('todo/web.1@9', 'n2').instance('todo/web.2@9', 'n3'),
    lines: ['+ Instance todo/web.2@9 n3 stopped r1 (revision 7 replaces 1)'],
  },
  {
    title: 'replaces what is of an older round, but in slots that the rollout has not moved',
    given: three().service('todo/web@1', { instances: 3 }).rollout('todo/web', 1, { 2: 1 }, { round: 10 }).instance('todo/web.1@9', 'n2').instance('todo/web.2@9', 'n3').instance('todo/web.3@10', 'n1'),
    lines: ['+ Instance todo/web.1@9 n2 stopped r1 (a new round replaces it)'],
  },
  {
    title: 'waits until the old one is gone',
    given: three().service('todo/web@7').instance('todo/web.1@9', 'n2', { wanted: 'stopped' }),
    lines: [],
  },
  {
    title: 'places the next round once the old one is gone, where it was when nothing speaks against it',
    given: three().service('todo/web@7').instance('todo/web.1@9', 'n2', { wanted: 'stopped', phase: 'stopped' }),
    lines: ['- Instance todo/web.1@9 (it has stopped)', '+ Instance todo/web.1@14 n2 running r7 (todo/web.1@9 is gone; it ran on n2 before)'],
  },
  {
    title: 'start-first: starts the next round beside the old one',
    given: three().service('todo/web@7', { deploy: { order: 'start-first' } }).instance('todo/web.1@9', 'n2'),
    lines: ['+ Instance todo/web.1@14 n2 running r7 (revision 7 replaces 1; it ran on n2 before)'],
  },
  {
    title: 'start-first: keeps the old one until the new one serves',
    given: three().service('todo/web@7', { deploy: { order: 'start-first' } }).instance('todo/web.1@9', 'n2').instance('todo/web.1@14', 'n1', { revision: 7, phase: 'starting' }),
    lines: [],
  },
  {
    title: 'start-first: stops the old one when the new one serves',
    given: three().service('todo/web@7', { deploy: { order: 'start-first' } }).instance('todo/web.1@9', 'n2').instance('todo/web.1@14', 'n1', { revision: 7 }),
    lines: ['+ Instance todo/web.1@9 n2 stopped r1 (revision 7 replaces 1)'],
  },
  {
    title: 'start-first: keeps the old one until the balancers send to the new one',
    given: balanced().instance('todo/web.1@9', 'n2').instance('todo/web.1@14', 'n1', { revision: 7 }),
    lines: [],
    wakeAt: NOW + 14_000,
  },
  {
    title: 'start-first: stops the old one when they do',
    given: balanced().instance('todo/web.1@9', 'n2').instance('todo/web.1@14', 'n1', { revision: 7 }).balances('todo/web', { 'todo/web.1@14': true }),
    lines: ['+ Instance todo/web.1@9 n2 stopped r1 (revision 7 replaces 1)'],
  },
  {
    title: 'start-first with a node port: goes to a node where the port is free',
    given: world().node('n1').node('n2').service('todo/web@7', { deploy: { order: 'start-first' }, ports: [{ ip: '0.0.0.0', nodePort: 80, containerPort: 80, protocol: 'tcp' }] })
      .instance('todo/web.1@9', 'n1', { reserves: { cpus: 0, memoryBytes: 0, ports: ['tcp/0.0.0.0/80'] } }),
    lines: ['+ Instance todo/web.1@11 n2 running r7 (revision 7 replaces 1; n2 is the only node that fits)'],
  },
  {
    title: 'start-first with a node port and no other node: stops the old one first',
    given: world().node('n1').service('todo/web@7', { deploy: { order: 'start-first' }, ports: [{ ip: '0.0.0.0', nodePort: 80, containerPort: 80, protocol: 'tcp' }] })
      .instance('todo/web.1@9', 'n1', { reserves: { cpus: 0, memoryBytes: 0, ports: ['tcp/0.0.0.0/80'] } }),
    lines: ['+ Instance todo/web.1@9 n1 stopped r1 (revision 7 replaces 1)'],
  },
  {
    title: 'a stateful service never starts beside itself',
    given: three().service('todo/db@7', { stateful: true, deploy: { order: 'start-first' } }).instance('todo/db.1@9', 'n2'),
    lines: ['+ Instance todo/db.1@9 n2 stopped r1 (revision 7 replaces 1)'],
  },
  {
    title: 'a stateful slot returns to its data, even when another node has more room',
    given: three().service('todo/db@1', { stateful: true }).instance('todo/db.1@9', 'n2', { wanted: 'stopped', phase: 'stopped' }).instance('a/b.1@1', 'n2', { reserves: { cpus: 0, memoryBytes: 1, ports: [] } }),
    lines: ['- Instance todo/db.1@9 (it has stopped)', '+ Instance todo/db.1@16 n2 running r1 (todo/db.1@9 is gone; its data is on n2)'],
  },
  {
    title: 'a node that is silent for less than its grace keeps its instances',
    given: three().node('n4', { phase: 'offline', since: NOW - 2 * MINUTE + 1 }).service('todo/web@1').instance('todo/web.1@9', 'n4'),
    lines: [],
    wakeAt: NOW + 1,
  },
  {
    title: 'a node that is silent for longer loses them at once',
    given: three().node('n4', { phase: 'offline', since: NOW - 2 * MINUTE }).service('todo/web@1').instance('todo/web.1@9', 'n4'),
    lines: [
      '+ Instance todo/web.1@9 n4 stopped r1 (n4 is offline for longer than its grace)',
      '+ Instance todo/web.1@17 n1 running r1 (n4 is offline for longer than its grace; n1 has most room of 3 nodes that fit)',
    ],
  },
  {
    title: 'the grace of the service counts',
    given: three().node('n4', { phase: 'offline', since: NOW - 5_000 }).service('todo/web@1', { deploy: { graceSeconds: 6 } }).instance('todo/web.1@9', 'n4'),
    lines: [],
    wakeAt: NOW + 1_000,
  },
  {
    title: 'a stateful instance is never started elsewhere while its node is only silent',
    given: three().node('n4', { phase: 'offline', since: 0 }).service('todo/db@1', { stateful: true }).instance('todo/db.1@9', 'n4'),
    lines: [],
  },
  {
    title: 'nor when another revision is wanted meanwhile',
    given: three().node('n4', { phase: 'offline', since: 0 }).service('todo/db@7', { stateful: true }).instance('todo/db.1@9', 'n4', { wanted: 'stopped' }),
    lines: [],
  },
  {
    title: 'the data of a removed node is not made anew without being asked',
    given: three().service('todo/db@1', { stateful: true }).instance('todo/db.1@9', 'n9'),
    lines: ['+ Placement todo/db slots 1 (its data was on n9, which was removed: scale to fewer than 1 and back to start it empty)'],
  },
  {
    title: 'what ran on a removed node runs elsewhere',
    given: three().service('todo/web@1').instance('todo/web.1@9', 'n9'),
    lines: ['- Instance todo/web.1@9 (n9 was removed)', '+ Instance todo/web.1@14 n1 running r1 (todo/web.1@9 is gone; n1 has most room of 3 nodes that fit)'],
  },
  {
    title: 'a drained node is left by stateless instances, so that enough stay available',
    given: three().node('n4', { availability: 'drain' }).service('todo/web@1', { instances: 2 }).instance('todo/web.1@9', 'n4').instance('todo/web.2@9', 'n4'),
    lines: ['+ Instance todo/web.1@9 n4 stopped r1 (n4 is drained)'],
  },
  {
    title: 'while one is on its way from a drained node, the next waits',
    given: three().node('n4', { availability: 'drain' }).service('todo/web@1', { instances: 2 }).instance('todo/web.1@9', 'n4', { wanted: 'stopped', phase: 'stopping' }).instance('todo/web.2@9', 'n4'),
    lines: [],
  },
  {
    title: 'what nobody has said anything of does not leave a drained node yet',
    given: three().node('n4', { availability: 'drain' }).service('todo/web@1').instance('todo/web.1@9', 'n4', { phase: undefined }),
    lines: [],
  },
  {
    title: 'what stops on a silent node is waited for until the grace is over',
    given: three().node('n4', { phase: 'offline', since: NOW - MINUTE }).service('todo/web@1').instance('todo/web.1@9', 'n4', { wanted: 'stopped' }),
    lines: [],
    wakeAt: NOW + MINUTE,
  },
  {
    title: 'and then no longer',
    given: three().node('n4', { phase: 'offline', since: NOW - 2 * MINUTE }).service('todo/web@1').instance('todo/web.1@9', 'n4', { wanted: 'stopped' }),
    lines: ['+ Instance todo/web.1@17 n1 running r1 (n4 is offline for longer than its grace; n1 has most room of 3 nodes that fit)'],
  },
  {
    title: 'on a drained node a stateful instance is stopped',
    given: three().node('n4', { availability: 'drain' }).service('todo/db@1', { stateful: true }).instance('todo/db.1@9', 'n4'),
    lines: ['+ Instance todo/db.1@9 n4 stopped r1 (n4 is drained)'],
  },
  {
    title: 'of a node that is another machine than before, it waits',
    given: three().node('n4', { isUnconfirmed: true }).service('todo/db@1', { stateful: true }).instance('todo/db.1@9', 'n4', { wanted: 'stopped', phase: 'stopped' }),
    lines: ['+ Placement todo/db slots 1 (its data is on n4, which is another machine than before: `kontenactl node confirm n4` says that the former one is gone)'],
  },
  {
    title: 'and stays there, its record saying where its data is',
    given: three().node('n4', { availability: 'drain' }).service('todo/db@1', { stateful: true }).instance('todo/db.1@9', 'n4', { wanted: 'stopped', phase: 'stopped' }),
    lines: ['+ Placement todo/db slots 1 (its data is on n4, which is drained)'],
  },
  {
    title: 'a node that has just come back is given no work',
    given: world().node('n1', { wasLost: true, since: NOW - 19_000 }).service('todo/web@1'),
    lines: ['+ Placement todo/web slots 1 (no node fits: n1 has only just come back)'],
    wakeAt: NOW + 1_000,
  },
  {
    title: 'what ran on it goes on there',
    given: world().node('n1', { wasLost: true, since: NOW - 19_000 }).service('todo/db@7', { stateful: true }).instance('todo/db.1@2', 'n1', { wanted: 'stopped', phase: 'stopped' }),
    lines: ['- Instance todo/db.1@2 (it has stopped)', '+ Instance todo/db.1@8 n1 running r7 (todo/db.1@2 is gone; its data is on n1)'],
  },
  {
    title: 'an affinity that its node no longer satisfies moves an instance, when another node does',
    given: world().node('n1').node('n2', { labels: ['ssd'] }).service('todo/web@1', { affinity: ['label==ssd'] }).instance('todo/web.1@9', 'n1'),
    lines: ['+ Instance todo/web.1@9 n1 stopped r1 (n1 no longer satisfies label==ssd)'],
  },
  {
    title: 'and leaves it when none does',
    given: world().node('n1').node('n2').service('todo/web@1', { affinity: ['label==ssd'] }).instance('todo/web.1@9', 'n1'),
    lines: [],
  },
  {
    title: 'daemon: one on every node that fits',
    given: world().node('n1').node('n2', { availability: 'drain' }).node('n3').service('todo/log@1', { deploy: { strategy: 'daemon' } }),
    lines: [
      '+ Instance todo/log.1@12 n1 running r1 (n1 had fewer than 1; n1 had fewest of 2 nodes that fit)',
      '+ Instance todo/log.2@12 n3 running r1 (n3 had fewer than 1; n3 had fewest of 2 nodes that fit)',
    ],
  },
  {
    title: 'daemon: what is there stays in its slot, and a free number is used again',
    given: three().service('todo/log@1', { deploy: { strategy: 'daemon' } }).instance('todo/log.2@9', 'n3').instance('todo/log.3@9', 'n1'),
    lines: ['+ Instance todo/log.1@16 n2 running r1 (n2 had fewer than 1; n2 is the only node that fits)'],
  },
  {
    title: 'daemon: what is on a drained node is not wanted',
    given: world().node('n1').node('n2', { availability: 'drain' }).service('todo/log@1', { deploy: { strategy: 'daemon' } }).instance('todo/log.1@9', 'n2').instance('todo/log.2@9', 'n1'),
    lines: ['+ Instance todo/log.1@9 n2 stopped r1 (n2 is drained)'],
  },
  {
    title: 'daemon: the next round is on the same node',
    given: three().service('todo/log@7', { deploy: { strategy: 'daemon' } }).instance('todo/log.1@9', 'n3', { wanted: 'stopped', phase: 'stopped' }).instance('todo/log.2@9', 'n1', { revision: 7 }).instance('todo/log.3@9', 'n2', { revision: 7, wanted: 'stopped' }),
    lines: ['- Instance todo/log.1@9 (it has stopped)', "+ Instance todo/log.1@18 n3 running r7 (todo/log.1@9 is gone; it is n3's own)"],
  },
  {
    title: 'daemon: with no node at all, it says so',
    given: world().node('n1', { phase: 'offline' }).service('todo/log@1', { deploy: { strategy: 'daemon' } }),
    lines: ['+ Placement todo/log slots 1 (no node fits: n1 is offline)'],
  },
];

describe('the instances of a service', () => {
  test.each(cases)('$title', ({ given, lines, wakeAt }) => {
    const service = (given.list('Instance').find(({ body }) => body.service.startsWith('todo/'))?.body.service ?? given.list('Service')[0]?.name.split('@')[0])!;
    const decided = plan(service, given, NOW as Instant);
    expect(decided.steps.map(line)).toEqual(lines);
    expect(decided.wakeAt).toBe(wakeAt);
    expect(plan(service, given.apply(decided.steps), NOW as Instant).steps.map(line)).toEqual([]);
  });
});
