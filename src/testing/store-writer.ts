/**
 * A process that writes to a store as fast as it can, and says on stdout what was acknowledged, until it is killed.
 * Several writers at once; every plan sets three records to one and the same number, so that half a plan shows.
 */
import { writeSync } from 'node:fs';
import { put } from '../model/index.js';
import { systemClock } from '../clock.js';
import { systemRandom } from '../random.js';
import { openStore } from '../store/index.js';

const WRITERS = 6;
const [file = ''] = process.argv.slice(2);
const onFatal = (error: Error): never => {
  throw error;
};
const store = openStore(file, { clock: systemClock, random: systemRandom, onFatal });

async function writeFor(writer: number): Promise<void> {
  const names = ['a', 'b', 'c'].map((part) => `w${writer}-${part}`);
  for (;;) {
    const { revision, plan } = await store.update({ writer: 'api', grid: 'default' }, (view) => {
      const number = (view.get('Node', `w${writer}-a`)?.body.number ?? 0) + 1;
      return { number, steps: names.map((name) => put('Node', name, { number, labels: [], availability: 'active', keyFingerprint: 'f' }, 'counted')) };
    });
    writeSync(1, `${writer} ${plan.number} ${revision}\n`);
  }
}

await Promise.all(Array.from({ length: WRITERS }, (_, writer) => writeFor(writer)));
