import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Machine, steadyClock, systemClock, thisMachine } from './clock.js';
import { type Instant, later, type Millis } from './model/index.js';
import type { Clock } from './ports/index.js';
import { systemRandom } from './random.js';

const DAY_MS = 24 * 3_600_000;

describe('the real clock', () => {
  let clock: Clock;
  beforeEach(() => {
    jest.useFakeTimers();
    clock = steadyClock(thisMachine);
  });
  afterEach(() => void jest.useRealTimers());

  test('wakes at the moment, not before, and once', () => {
    const wake = jest.fn();
    clock.at(later(clock.now(), 1500), wake);
    jest.advanceTimersByTime(1499);
    expect(wake).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    jest.advanceTimersByTime(DAY_MS);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  test('waits for longer than a timer can count', () => {
    const wake = jest.fn();
    clock.at(later(clock.now(), 40 * DAY_MS), wake);
    jest.advanceTimersByTime(40 * DAY_MS - 1);
    expect(wake).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  test('can be called off, also after many sleeps', () => {
    const wake = jest.fn();
    const callOff = clock.at(later(clock.now(), DAY_MS), wake);
    jest.advanceTimersByTime(DAY_MS / 2);
    callOff();
    jest.advanceTimersByTime(DAY_MS);
    expect(wake).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
  });

  test.each([['back', -1], ['forward', 1]])('is right to a tenth when the machine\'s clock is set %s', (_title, sign) => {
    const wake = jest.fn();
    clock.at(later(clock.now(), 10_000), wake);
    jest.setSystemTime(Date.now() + sign * 2 * DAY_MS);
    jest.advanceTimersByTime(9_000);
    expect(wake).not.toHaveBeenCalled();
    jest.advanceTimersByTime(2_200);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  test('a moment that has passed is the next turn', () => {
    const wake = jest.fn();
    clock.at(later(clock.now(), -5), wake);
    expect(wake).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
  });
});

describe('steady time', () => {
  /** A machine with hands on it. */
  class Hands implements Machine {
    wall = 1_000_000_000_000;
    awake = 0;
    up = 0;
    wallMs = (): Millis => this.wall;
    awakeMs = (): Millis => this.awake;
    upMs = (): Millis => this.up;
    sleep = (): (() => void) => () => undefined;
    soon = (): void => undefined;

    pass(ms: Millis): void {
      this.wall += ms;
      this.up += ms;
      this.awake += ms;
    }

    fallAsleep(ms: Millis): void {
      this.wall += ms;
      this.up += ms;
    }
  }
  let machine: Hands;
  let clock: Clock;
  let began: Instant;
  beforeEach(() => {
    machine = new Hands();
    clock = steadyClock(machine);
    began = clock.now();
  });
  const passed = (): Millis => clock.now() - began;

  test('begins at what the machine says and goes with it', () => {
    expect(began).toBe(machine.wall);
    machine.pass(123_456);
    expect([passed(), clock.wall()]).toEqual([123_456, machine.wall]);
  });

  test.each([3_600_000, -3_600_000])('takes up what the clock is set by (%i ms) little by little, and keeps it', (byMs) => {
    machine.wall += byMs;
    expect([passed(), clock.wall() - began]).toEqual([0, byMs]);
    machine.pass(1_000);
    expect(passed()).toBe(1_000 + Math.sign(byMs) * 100);
    for (let hour = 0; hour < 11; hour += 1) {
      const before = clock.now();
      machine.pass(3_600_000);
      expect(clock.now()).toBeGreaterThan(before);
    }
    expect(clock.now()).toBe(machine.wall);
  });

  test('counts the time that the machine slept, and no more', () => {
    machine.pass(5_000);
    machine.fallAsleep(8 * 3_600_000);
    expect(passed()).toBe(8 * 3_600_000 + 5_000);
    machine.wall += 3_600_000;
    machine.pass(1_000);
    expect(passed()).toBe(8 * 3_600_000 + 6_100);
  });

  test('does not take a machine that is behind after its sleep for one that slept twice', () => {
    machine.wall -= 3_600_000;
    machine.pass(10);
    clock.now();
    machine.fallAsleep(600_000);
    expect(passed()).toBe(600_009);
    machine.pass(10);
    expect(passed()).toBe(600_018);
  });

  test('is never before what an earlier life wrote down, and goes on from there', () => {
    clock.neverBefore(later(began, 60_000));
    expect(passed()).toBe(60_000);
    machine.pass(1_000);
    expect(passed()).toBe(60_900);
    clock.neverBefore(began);
    expect(passed()).toBe(60_900);
  });
});

test('soon is after what has been promised', async () => {
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    systemClock.soon(() => {
      order.push('soon');
      resolve();
    });
    void Promise.resolve().then(() => order.push('promise'));
  });
  expect(order).toEqual(['promise', 'soon']);
});

test('secrets have the bytes asked for, and no two are alike', () => {
  const secrets = Array.from({ length: 100 }, () => systemRandom.secret(16));
  expect(new Set(secrets).size).toBe(100);
  expect(secrets.every((secret) => /^[\w-]{22}$/.test(secret))).toBe(true);
  expect(systemRandom.fraction()).toBeLessThan(1);
});
