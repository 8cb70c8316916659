import { describe, expect, test } from '@jest/globals';
import { KontenaError, later, type Instant } from '../model/index.js';
import { FakeClock } from '../testing/fake-clock.js';
import { FakeRandom } from '../testing/fake-random.js';
import { backoffMs, Loop, type LoopOptions } from './loop.js';

function start(reconcile: LoopOptions['reconcile'], workers = 4) {
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const loop = new Loop({ reconcile, clock, random: new FakeRandom(1), workers, onError: (_subject, error) => errors.push(error) });
  return { clock, loop, errors };
}

/** Work that ends when told to. */
function gate() {
  const open: (() => void)[] = [];
  return { wait: () => new Promise<void>((resolve) => open.push(resolve)), next: () => open.shift()?.() };
}

describe('the loop', () => {
  test('works on each subject once, however often it was asked', async () => {
    const seen: string[] = [];
    const { loop } = start(async (subject) => void seen.push(subject));
    loop.enqueue('a');
    loop.enqueue('b');
    loop.enqueue('a');
    await loop.idle();
    expect(seen).toEqual(['a', 'b']);
  });

  test('never works on one subject twice at once, and works again when it changed meanwhile', async () => {
    let atOnce = 0;
    let runs = 0;
    const door = gate();
    const { loop } = start(async () => {
      runs += 1;
      atOnce += 1;
      expect(atOnce).toBe(1);
      await door.wait();
      atOnce -= 1;
      return undefined;
    });
    loop.enqueue('a');
    await tick();
    loop.enqueue('a');
    await tick();
    expect(runs).toBe(1);
    door.next();
    await tick();
    expect(runs).toBe(2);
    door.next();
    await loop.idle();
  });

  test('works on as many subjects at a time as it has workers', async () => {
    const door = gate();
    let atOnce = 0;
    const { loop } = start(async () => {
      atOnce += 1;
      await door.wait();
      return undefined;
    }, 2);
    for (const subject of ['a', 'b', 'c']) loop.enqueue(subject);
    await tick();
    expect(atOnce).toBe(2);
    for (let i = 0; i < 3; i += 1) {
      door.next();
      await tick();
    }
    await loop.idle();
    expect(atOnce).toBe(3);
  });

  test('looks again when the plan said so, once', async () => {
    let runs = 0;
    const { clock, loop } = start(async () => ((runs += 1) === 1 ? later(clock.now(), 1_000) : undefined));
    loop.enqueue('a');
    await loop.idle();
    clock.advance(999);
    await tick();
    expect(runs).toBe(1);
    clock.advance(1);
    await tick();
    expect(runs).toBe(2);
    expect(clock.pending).toBe(0);
  });

  test('tries again after a failure, later each time, and forgets the failures after a success', async () => {
    let isBroken = true;
    let runs = 0;
    const { clock, loop, errors } = start(async () => {
      runs += 1;
      if (isBroken) throw new Error('broken');
      return undefined;
    });
    loop.enqueue('a');
    await loop.idle();
    clock.advance(100);
    await tick();
    expect(runs).toBe(2);
    clock.advance(150);
    await tick();
    expect(runs).toBe(2);
    isBroken = false;
    clock.advance(50);
    await tick();
    expect(runs).toBe(3);
    expect(errors).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  test('does not try again what cannot succeed', async () => {
    const { clock, loop, errors } = start(async () => {
      throw new KontenaError('KON_INVALID', 'no');
    });
    loop.enqueue('a');
    await loop.idle();
    expect(errors).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test('when stopped, finishes what runs, forgets its alarms and takes nothing more', async () => {
    let runs = 0;
    const { clock, loop } = start(async () => {
      runs += 1;
      return later(0 as Instant, 5_000);
    });
    loop.enqueue('a');
    await loop.stop();
    loop.enqueue('b');
    await tick();
    expect(runs).toBe(1);
    expect(clock.pending).toBe(0);
  });
});

describe('the back-off', () => {
  test('doubles from 100 ms and is capped at 30 s', () => {
    expect([1, 2, 3, 9, 10, 50].map((failures) => backoffMs(failures, 0))).toEqual([100, 200, 400, 25_600, 30_000, 30_000]);
  });

  test('is up to a fifth shorter by chance', () => expect(backoffMs(1, 0.999)).toBe(80));

  test('is not asked without a failure', () => expect(() => backoffMs(0, 0)).toThrow(RangeError));
});

/** Lets everything that waits for its turn have it. */
async function tick(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
