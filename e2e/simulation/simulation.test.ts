import { describe, test } from '@jest/globals';
import { tell } from './story.js';

/** `SIMULATION_SEED=17 make simulation` tells one story again; `SIMULATION_SEEDS=5000` tries more of them. */
const ONE = process.env['SIMULATION_SEED'];
const SEEDS = Number(process.env['SIMULATION_SEEDS'] ?? '300');
const PER_TEST = 25;

describe('a whole cluster', () => {
  const seeds = ONE === undefined ? Array.from({ length: SEEDS }, (_, index) => index + 1) : [Number(ONE)];
  for (let from = 0; from < seeds.length; from += PER_TEST) {
    const some = seeds.slice(from, from + PER_TEST);
    test(`keeps its promises through the weather of seeds ${String(some[0])} to ${String(some.at(-1))}`, async () => {
      for (const seed of some) await tell(seed, seed % 4 === 0 ? 'calm' : 'stormy');
    }, 120_000);
  }
});
