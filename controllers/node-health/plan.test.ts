import { describe, expect, test } from '@jest/globals';
import type { Instant, NodePhase, PulseBody } from '../../src/model/index.js';
import { line, world, type World } from '../../src/testing/world.js';
import { plan, UNHEARD_GRACE_MS } from './plan.js';

interface Case {
  readonly phase: NodePhase;
  readonly pulse: PulseBody['state'] | undefined;
  readonly hasFacts?: boolean;
  readonly at?: number;
  readonly lines: readonly string[];
  readonly wakeAt?: number;
}

const cases: readonly Case[] = [
  { phase: 'created', pulse: undefined, lines: [] },
  { phase: 'created', pulse: 'silent', lines: [] },
  { phase: 'created', pulse: 'heard', hasFacts: false, lines: ['+ Health n1 connecting (created → connecting)'] },
  { phase: 'created', pulse: 'heard', lines: ['+ Health n1 online (created → online)'] },
  { phase: 'connecting', pulse: 'heard', hasFacts: false, lines: [] },
  { phase: 'connecting', pulse: 'heard', lines: ['+ Health n1 online (connecting → online)'] },
  { phase: 'connecting', pulse: 'silent', lines: ['+ Health n1 offline (connecting → offline, it is silent)'] },
  { phase: 'online', pulse: 'heard', lines: [] },
  { phase: 'online', pulse: 'heard', hasFacts: false, lines: [] },
  { phase: 'online', pulse: undefined, lines: [] },
  { phase: 'online', pulse: 'silent', lines: ['+ Health n1 offline (online → offline, it is silent)'] },
  { phase: 'online', pulse: 'engine', lines: ['+ Health n1 offline (online → offline, its container engine does not answer)'] },
  { phase: 'online', pulse: 'unheard', at: 0, lines: [], wakeAt: UNHEARD_GRACE_MS },
  { phase: 'online', pulse: 'unheard', at: UNHEARD_GRACE_MS - 1, lines: [], wakeAt: UNHEARD_GRACE_MS },
  { phase: 'online', pulse: 'unheard', at: UNHEARD_GRACE_MS, lines: ['+ Health n1 offline (online → offline, not heard since the master began to listen)'] },
  { phase: 'offline', pulse: 'unheard', at: 0, lines: [] },
  { phase: 'offline', pulse: 'silent', lines: [] },
  { phase: 'offline', pulse: 'heard', hasFacts: false, lines: [] },
  { phase: 'offline', pulse: 'heard', lines: ['+ Health n1 online (offline → online)'] },
];

describe('the phase of a node', () => {
  test.each(cases)('$phase, $pulse (facts $hasFacts) at $at → $lines', ({ phase, pulse, hasFacts = true, at = 5, lines, wakeAt }) => {
    const given = world().node('n1', { phase, hasFacts });
    if (pulse !== undefined) given.pulse('n1', pulse);
    const decided = plan('n1', given, at as Instant);
    expect(decided.steps.map(line)).toEqual(lines);
    expect(decided.wakeAt).toBe(wakeAt);
    expect(plan('n1', given.apply(decided.steps), at as Instant).steps).toEqual([]);
  });

  test('a node that comes back was lost; one that joins was not', () => {
    const health = (given: World, at: number) => given.apply(plan('n1', given, at as Instant).steps).get('Health', 'n1')?.body;

    expect(health(world().node('n1', { phase: 'connecting' }).pulse('n1', 'heard'), 7)).toEqual({ phase: 'online', since: 7, wasLost: false });
    expect(health(world().node('n1').pulse('n1', 'silent'), 8)).toEqual({ phase: 'offline', since: 8, wasLost: true });
    expect(health(world().node('n1', { phase: 'offline', wasLost: true }).pulse('n1', 'heard'), 9)).toEqual({ phase: 'online', since: 9, wasLost: true });
  });

  test('a node begins as created, and what is said of a removed one is dropped', () => {
    const joined = world().node('n1').without('Health', 'n1');
    expect(plan('n1', joined, 3 as Instant).steps.map(line)).toEqual(['+ Health n1 created (the node was declared)']);

    const removed = world().node('n1').without('Node', 'n1');
    expect(plan('n1', removed, 3 as Instant).steps.map(line)).toEqual(['- Health n1 (the node was removed)']);
    expect(plan('n1', removed.without('Health', 'n1'), 3 as Instant).steps).toEqual([]);
  });
});
