import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Told } from './teller.js';

const TELLER = resolve('e2e/simulation/teller.ts');
const BUNDLE = resolve('.results/simulation.mjs');
/** Far more than the slowest story takes, on a busy machine too. */
const STORY_LIMIT_MS = 60_000;

/**
 * Tells the stories of all seeds outside the test runner, whose modules and hooks make a story several times as long: one
 * thread per core, each with the bundled cluster. Ends at the first broken promise of each thread.
 *
 * @returns what was broken, in the order of seeds
 */
export async function tellAll(seeds: readonly number[]): Promise<readonly Told[]> {
  execFileSync('node_modules/.bin/esbuild', [TELLER, '--bundle', '--packages=external', '--platform=node', '--format=esm', '--target=node20', '--sourcemap=inline', `--outfile=${BUNDLE}`, '--log-level=warning']);
  const waiting = [...seeds];
  const told = await Promise.all(Array.from({ length: Math.min(availableParallelism(), seeds.length) }, () => work(waiting)));
  return told.flatMap((broken) => broken ?? []).sort((a, b) => a.seed - b.seed);
}

/** One thread, until nothing is left or something is broken. */
async function work(waiting: number[]): Promise<Told | undefined> {
  const worker = new Worker(BUNDLE, { execArgv: ['--enable-source-maps'] });
  try {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      const told = await ask(worker, seed);
      if (told.broken === undefined) continue;
      waiting.length = 0;
      return told;
    }
    return undefined;
  } finally {
    await worker.terminate();
  }
}

function ask(worker: Worker, seed: number): Promise<Told> {
  return new Promise<Told>((done, fail) => {
    const over = (): void => {
      clearTimeout(limit);
      worker.off('error', failed).off('message', heard);
    };
    const failed = (error: unknown): void => {
      over();
      fail(error instanceof Error ? error : new Error(String(error)));
    };
    const heard = (told: Told): void => {
      over();
      done(told);
    };
    const limit = setTimeout(() => failed(new Error(`timed out: the story of seed ${String(seed)} has not ended after ${String(STORY_LIMIT_MS / 1000)} s`)), STORY_LIMIT_MS);
    worker.on('error', failed).on('message', heard);
    worker.postMessage(seed);
  });
}
