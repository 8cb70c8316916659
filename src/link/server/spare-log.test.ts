import { expect, test } from '@jest/globals';
import { FakeClock } from '../../testing/fake-clock.js';
import { SpareLog } from './spare-log.js';

test('ten of a kind are told a minute, then how many more there were', () => {
  const lines: string[] = [];
  const note = (message: string, facts?: object): void => void lines.push(`${message} ${JSON.stringify(facts)}`);
  const clock = new FakeClock();
  const log = new SpareLog({ info: note, warn: note, error: note }, clock);
  for (let number = 1; number <= 25; number += 1) log.warn('refused', { number });
  log.warn('dropped', { number: 1 });
  expect(lines).toHaveLength(11);
  clock.advance(60_000);
  log.warn('refused', { number: 26 });
  expect(lines.slice(11)).toEqual(['refused {"more":15}', 'refused {"number":26}']);
});
