import { expect, test } from '@jest/globals';
import { KontenaError } from '../model/index.js';
import type { MachineResolver } from '../ports/index.js';
import { FakeClock } from '../testing/fake-clock.js';
import { MachineNames } from './machine-names.js';

const ADDRESS = '127.81.3.4';

class Resolver implements MachineResolver {
  asks: string | undefined;
  looks = 0;
  failure: Error | undefined;

  use(server: string): Promise<void> {
    this.looks += 1;
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.asks = server;
    return Promise.resolve();
  }

  leave(): Promise<string | undefined> {
    this.asks = undefined;
    return Promise.resolve(undefined);
  }
}

function machine() {
  const clock = new FakeClock(1_000_000);
  const resolver = new Resolver();
  const names = new MachineNames({ address: ADDRESS, clock, resolver });
  const told: (string | undefined)[] = [];
  names.onProblem(() => void told.push(names.problem?.reason));
  return { clock, resolver, names, told };
}

test('the machine asks while somebody answers, and no longer', async () => {
  const { clock, resolver, names } = machine();
  names.offer();
  await clock.run(0);
  expect(resolver.asks).toBe(ADDRESS);
  names.withdraw();
  await clock.run(0);
  expect([resolver.asks, clock.pending]).toEqual([undefined, 0]);
  names.offer();
  names.offer();
  await names.stop();
  expect([resolver.asks, clock.pending]).toEqual([undefined, 0]);
});

test('what others write over is said again, within 30 seconds', async () => {
  const { clock, resolver, names } = machine();
  names.offer();
  await clock.run(0);
  resolver.asks = 'another';
  await clock.run(30_000);
  expect([resolver.asks, resolver.looks, clock.pending]).toEqual([ADDRESS, 2, 1]);
});

test('what cannot be is a problem with its remedy, told once, until it can', async () => {
  const { clock, resolver, names, told } = machine();
  resolver.failure = new KontenaError('KON_RESOLVER_REFUSED', '/etc/resolv.conf cannot be written: read-only');
  names.offer();
  await clock.run(60_000);
  expect(names.problem).toEqual({ what: 'names', reason: '/etc/resolv.conf cannot be written: read-only', remedy: expect.stringContaining('--resolve') });
  resolver.failure = undefined;
  await clock.run(30_000);
  expect([resolver.asks, names.problem, told]).toEqual([ADDRESS, undefined, ['/etc/resolv.conf cannot be written: read-only', undefined]]);
});
