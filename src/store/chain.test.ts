import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Instant } from '../model/index.js';
import { FakeClock } from '../testing/fake-clock.js';
import { FakeRandom } from '../testing/fake-random.js';
import { openStore } from './index.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('the chain can be followed with nothing but SHA-256 and what is documented', async () => {
  const store = openStore(':memory:', { clock: new FakeClock(1000), random: new FakeRandom(), onFatal: () => undefined });
  const body = { phase: 'online', since: 5 as Instant, wasLost: false } as const;
  await store.update({ writer: 'node-health', grid: 'default', actor: 'ann' }, () => ({
    steps: [{ kind: 'Health', name: 'n1', body, why: 'heard' }, { kind: 'Health', name: 'n1', body: undefined, why: 'left' }],
  }));
  const first = sha256(JSON.stringify(['0'.repeat(64), 1, 1000, 'node-health', 'ann', 'heard', 'Health', 'default/n1', sha256(JSON.stringify(body))]));
  const second = sha256(JSON.stringify([first, 2, 1000, 'node-health', 'ann', 'left', 'Health', 'default/n1', '']));
  expect(store.history({}).map(({ hash }) => hash)).toEqual([first, second]);
  await store.close();
});
