import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { systemClock } from './clock.js';
import { later } from './model/index.js';
import { systemRandom } from './random.js';

const DAY_MS = 24 * 3_600_000;

describe('the real clock', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test('wakes at the moment, not before, and once', () => {
    const wake = jest.fn();
    systemClock.at(later(systemClock.now(), 1500), wake);
    jest.advanceTimersByTime(1499);
    expect(wake).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    jest.advanceTimersByTime(DAY_MS);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  test('waits for longer than a timer can count', () => {
    const wake = jest.fn();
    systemClock.at(later(systemClock.now(), 40 * DAY_MS), wake);
    jest.advanceTimersByTime(40 * DAY_MS - 1);
    expect(wake).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  test('can be called off, also after many sleeps', () => {
    const wake = jest.fn();
    const callOff = systemClock.at(later(systemClock.now(), DAY_MS), wake);
    jest.advanceTimersByTime(DAY_MS / 2);
    callOff();
    jest.advanceTimersByTime(DAY_MS);
    expect(wake).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
  });

  test('notices within a minute that the clock was set', () => {
    const wake = jest.fn();
    systemClock.at(later(systemClock.now(), DAY_MS), wake);
    jest.setSystemTime(systemClock.now() + 2 * DAY_MS);
    jest.advanceTimersByTime(60_001);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  test('a moment that has passed is the next turn', () => {
    const wake = jest.fn();
    systemClock.at(later(systemClock.now(), -5), wake);
    expect(wake).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
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
