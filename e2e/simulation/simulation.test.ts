import { describe, expect, test } from '@jest/globals';
import { tellAll } from './tell-all.js';

/** `SIMULATION_SEED=17 make simulation` tells one story again; `SIMULATION_SEEDS=5000` tries more of them, from `SIMULATION_FROM` on. */
const ONE = process.env['SIMULATION_SEED'];
const FROM = Number(process.env['SIMULATION_FROM'] ?? '1');
const SEEDS = Number(process.env['SIMULATION_SEEDS'] ?? '2000');

describe('a whole cluster', () => {
  const seeds = ONE === undefined ? Array.from({ length: SEEDS }, (_, index) => FROM + index) : [Number(ONE)];

  test(`keeps its promises through the weather of ${String(seeds.length)} seeds from ${String(seeds[0])} on`, async () => {
    const began = performance.now();
    const broken = await tellAll(seeds);
    process.stderr.write(`${String(seeds.length)} seeds, ${(seeds.length / ((performance.now() - began) / 1000)).toFixed(0)} a second\n`);
    expect(broken.map((told) => told.broken).join('\n\n')).toBe('');
  }, 3_600_000);
});
