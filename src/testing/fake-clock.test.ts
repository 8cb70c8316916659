import { expect, test } from '@jest/globals';
import { later } from '../model/index.js';
import { FakeClock } from './fake-clock.js';
import { FakeRandom } from './fake-random.js';

function alarms(clock: FakeClock, ...afterMs: readonly number[]): { readonly rung: string[]; readonly callOffs: readonly (() => void)[] } {
  const rung: string[] = [];
  const callOffs = afterMs.map((ms) => clock.at(later(clock.now(), ms), () => rung.push(`${ms} at ${clock.now()}`)));
  return { rung, callOffs };
}

test('alarms ring in order, each at its own moment, and are counted', () => {
  const clock = new FakeClock(100);
  const { rung, callOffs } = alarms(clock, 30, 10, 20, 10);
  callOffs[2]!();
  expect([clock.pending, clock.nextAlarm]).toEqual([3, 110]);
  clock.advance(15);
  expect([rung, clock.now(), clock.pending]).toEqual([['10 at 110', '10 at 110'], 115, 1]);
  clock.advance(100);
  expect([rung.at(-1), clock.now(), clock.nextAlarm]).toEqual(['30 at 130', 215, undefined]);
});

test('an alarm set by an alarm rings on the same way', () => {
  const clock = new FakeClock();
  const moments: number[] = [];
  const again = (): void => {
    moments.push(clock.now());
    clock.at(later(clock.now(), 10), again);
  };
  clock.at(later(clock.now(), 10), again);
  clock.advance(35);
  expect(moments).toEqual([10, 20, 30]);
});

test('what an alarm promises comes to rest before the next one rings', async () => {
  const clock = new FakeClock();
  const order: string[] = [];
  clock.at(later(clock.now(), 1), () => {
    order.push('first');
    clock.soon(() => void Promise.resolve().then(() => order.push(`settled at ${clock.now()}`)));
  });
  clock.at(later(clock.now(), 2), () => order.push('second'));
  await clock.run(5);
  expect(order).toEqual(['first', 'settled at 1', 'second']);
});

test('an alarm that is due already rings in a later turn, unless called off', async () => {
  const clock = new FakeClock();
  const { rung, callOffs } = alarms(clock, 0, -5);
  callOffs[1]!();
  expect(rung).toEqual([]);
  await clock.run(0);
  expect([rung, clock.pending]).toEqual([['0 at 0'], 0]);
});

test("the machine's clock can be set both ways while time goes on", () => {
  const clock = new FakeClock(1_000);
  const { rung } = alarms(clock, 10);
  clock.set(-500);
  expect([clock.now(), clock.wall()]).toEqual([1_000, 500]);
  clock.set(700);
  clock.advance(10);
  expect([clock.now(), clock.wall(), rung]).toEqual([1_010, 1_210, ['10 at 1010']]);
});

test('the same seed gives the same chance', () => {
  const draw = (seed: number) => {
    const random = new FakeRandom(seed);
    return [random.secret(12), ...Array.from({ length: 1000 }, () => random.fraction())] as const;
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  const [, ...fractions] = draw(7);
  expect(fractions.every((fraction) => fraction >= 0 && fraction < 1)).toBe(true);
  expect(fractions.reduce((sum, fraction) => sum + fraction) / 1000).toBeCloseTo(0.5, 1);
});
