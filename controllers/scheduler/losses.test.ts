import { describe, expect, test } from '@jest/globals';
import type { Instant } from '../../src/model/index.js';
import { line, world, type World } from '../../src/testing/world.js';
import { plan } from './plan.js';

const NOW = 1_000_000 as Instant;

/** Nodes n1 …, offline since these moments; undefined is online. An instance of `todo/web` on n1. */
function grid(...since: readonly (number | undefined)[]): World {
  const given = world();
  since.forEach((moment, index) => given.node(`n${String(index + 1)}`, moment === undefined ? {} : { phase: 'offline', since: moment }));
  return given.service('todo/web@1').instance('todo/web.1@9', 'n1');
}

const HELD = (count: number, of: number): readonly string[] =>
  [`+ Placement todo/web slots 1 (${String(count)} of ${String(of)} nodes went offline within 30 s: nothing moves until some are back or removed)`];
const moves = (given: World): boolean => plan('todo/web', given, NOW).steps.some(({ kind, body }) => kind === 'Instance' && body !== undefined);
const lines = (given: World): readonly string[] => plan('todo/web', given, NOW).steps.map(line);

describe('nodes that vanish together', () => {
  test('three of five within 30 s: nothing moves, and the reason is shown', () => {
    const given = grid(0, 10_000, 30_000, undefined, undefined);
    expect(lines(given)).toEqual(HELD(3, 5));
    expect(lines(given.apply(plan('todo/web', given, NOW).steps))).toEqual([]);
  });
  test('three of five, the last a moment later: they move', () => expect(moves(grid(0, 10_000, 30_001, undefined, undefined))).toBe(true));
  test('three of six are not more than half', () => expect(moves(grid(0, 0, 0, undefined, undefined, undefined))).toBe(true));
  test('two of two are too few to tell', () => expect(moves(grid(0, 0, undefined))).toBe(true));
  test('all of three are held', () => expect(lines(grid(0, 0, 0))).toEqual(HELD(3, 3)));
  test('a node that vanished at another time moves while the others are held', () => {
    const given = grid(0, 100_000, 100_000, 100_000, undefined);
    expect(moves(given)).toBe(true);
  });
  test('when one is back, the rest move, and the reason is taken back', () => {
    const given = grid(0, 0, 0, undefined, undefined);
    given.apply(plan('todo/web', given, NOW).steps).with('Health', 'n3', { phase: 'online', since: NOW, wasLost: true });
    expect(lines(given)).toContain('- Placement todo/web (every slot has a node)');
    expect(moves(given)).toBe(true);
  });
});
