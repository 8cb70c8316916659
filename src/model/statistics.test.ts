import { expect, test } from '@jest/globals';
import { type Reading, usageOf } from './statistics.js';

const reading = (over: Partial<Reading> = {}): Reading => ({ cpuSeconds: 10, memoryBytes: 1, memoryLimitBytes: 2, network: { in: 100, out: 200 }, disk: { in: 0, out: 50 }, ...over });

test('rates are the mean of the time between two readings', () => {
  const after = reading({ cpuSeconds: 15, memoryBytes: 7, network: { in: 1_100, out: 200 }, disk: { in: 20, out: 50 } });
  expect(usageOf(reading(), after, 10_000)).toEqual({ ...after, rates: { cpus: 0.5, network: { in: 100, out: 0 }, disk: { in: 2, out: 0 } } });
});

test('there are none without a reading before, and none in no time', () => {
  expect(usageOf(undefined, reading(), 10_000)).toEqual(reading());
  expect(usageOf(reading(), reading(), 0)).toEqual(reading());
});

test('what has begun anew counts from its beginning', () => {
  expect(usageOf(reading(), reading({ cpuSeconds: 2, network: { in: 30, out: 40 }, disk: { in: 0, out: 0 } }), 10_000).rates).toEqual({ cpus: 0.2, network: { in: 3, out: 4 }, disk: { in: 0, out: 0 } });
});

test('what is on its node\'s own network has no rates of it', () => {
  const { network, ...own } = reading();
  expect([network, usageOf(own, own, 1_000).rates, usageOf(reading(), own, 1_000).rates]).toEqual([{ in: 100, out: 200 }, { cpus: 0, disk: { in: 0, out: 0 } }, { cpus: 0, disk: { in: 0, out: 0 } }]);
});
