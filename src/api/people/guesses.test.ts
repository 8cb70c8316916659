import { beforeEach, expect, test } from '@jest/globals';
import { KontenaError } from '../../model/index.js';
import { FakeClock } from '../../testing/fake-clock.js';
import { Guesses } from './guesses.js';

let clock: FakeClock;
let guesses: Guesses;
beforeEach(() => {
  clock = new FakeClock(1_000_000);
  guesses = new Guesses(clock);
});

/** How many guesses are heard at once, one after the other. */
function heard(most: number, account: (number: number) => string, place: (number: number) => string): number {
  for (let number = 0; number < most; number += 1) {
    try {
      guesses.begin(account(number), place(number));
    } catch (error) {
      if (error instanceof KontenaError && error.code === 'KON_SIGN_IN_DELAYED') return number;
      throw error;
    }
  }
  return most;
}

test('of one account from one place some are heard, then each waits twice as long as the one before', () => {
  expect(heard(50, () => 'ada', () => '192.0.2.1')).toBe(5);
  for (const wait of [1_000, 2_000, 4_000]) {
    clock.advance(wait - 1);
    expect(() => guesses.begin('ada', '192.0.2.1')).toThrow('the next one is heard in 1 s');
    clock.advance(1);
    guesses.begin('ada', '192.0.2.1');
  }
  for (let more = 0; more < 20; more += 1) {
    clock.advance(15 * 60_000);
    guesses.begin('ada', '192.0.2.1');
  }
});

test('a right one makes good what was wrong from there, and is no guess itself', () => {
  heard(4, () => 'ada', () => '192.0.2.1');
  for (let day = 0; day < 300; day += 1) {
    guesses.begin('ada', '192.0.2.1');
    guesses.right('ada', '192.0.2.1');
  }
  expect(heard(50, () => 'ada', () => '192.0.2.1')).toBe(5);
});

test('who tries many names from one place is slowed down, and others elsewhere are not', () => {
  expect(heard(200, (number) => `user${number}`, () => '198.51.100.7')).toBe(20);
  expect(heard(3, () => 'ada', () => '192.0.2.1')).toBe(3);
});

test('who guesses one account from many places is slowed down, and its owner at home is not', () => {
  guesses.begin('ada', '192.0.2.1');
  guesses.right('ada', '192.0.2.1');
  expect(heard(5_000, () => 'ada', (number) => `198.51.100.${number}`)).toBe(100);
  expect(() => guesses.begin('ada', '203.0.113.5')).toThrow('too many wrong guesses');
  guesses.begin('ada', '192.0.2.1');
  guesses.right('ada', '192.0.2.1');
  expect(() => guesses.begin('ada', '203.0.113.5')).toThrow('too many wrong guesses');
});

test('what is long ago is forgotten', () => {
  heard(50, () => 'ada', () => '192.0.2.1');
  clock.advance(25 * 3_600_000);
  expect(heard(50, () => 'ada', () => '192.0.2.1')).toBe(5);
});
