import { expect, test } from '@jest/globals';
import { type Instant, later } from '../model/index.js';
import { FakeClock, settled } from '../testing/fake-clock.js';
import { Bell, restAfter } from './bell.js';

function given(): { readonly clock: FakeClock; readonly bell: Bell; readonly abort: AbortController; readonly next: (over?: { readonly when?: Instant; readonly rest?: Instant }) => () => boolean } {
  const clock = new FakeClock();
  const bell = new Bell(clock);
  const abort = new AbortController();
  return {
    clock, bell, abort,
    next: (over) => {
      let isOver = false;
      void bell.next(abort.signal, over).then(() => (isOver = true));
      return () => isOver;
    },
  };
}

test('any number of rings is one', async () => {
  const { bell, next } = given();
  bell.ring();
  bell.ring();
  const first = next();
  await settled();
  expect(first()).toBe(true);
  const second = next();
  await settled();
  expect(second()).toBe(false);
  bell.ring();
  await settled();
  expect(second()).toBe(true);
});

test('it wakes in time, and leaves no alarm when it is woken before', async () => {
  const { clock, bell, next } = given();
  const first = next({ when: later(clock.now(), 100) });
  await clock.run(99);
  expect(first()).toBe(false);
  await clock.run(1);
  await settled();
  expect(first()).toBe(true);
  next({ when: later(clock.now(), 100) });
  bell.ring();
  await settled();
  expect(clock.pending).toBe(0);
});

test('it rests after much work, unless nobody listens any more', async () => {
  const { clock, bell, abort, next } = given();
  bell.ring();
  const first = next({ rest: restAfter(clock.now(), later(clock.now(), 10)) });
  await clock.run(49);
  expect(first()).toBe(false);
  await clock.run(1);
  await settled();
  expect(first()).toBe(true);
  bell.ring();
  const second = next({ rest: later(clock.now(), 1000) });
  await settled();
  abort.abort();
  await settled();
  expect(second()).toBe(true);
  expect(clock.pending).toBe(0);
});
