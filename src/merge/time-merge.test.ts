import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { LogBatch, LogLine } from '../model/index.js';
import { TimeMerge } from './time-merge.js';

const line = (at: string, text = at): LogLine => ({ instance: 'i', stream: 'stdout', at, line: text });
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A log that is given its batches from outside. */
class Given implements AsyncIterable<LogBatch> {
  readonly #waiting: (LogBatch | undefined)[] = [];
  #wake: () => void = () => undefined;
  taken = 0;

  give(at: readonly string[], isCaughtUp = false): void {
    this.#waiting.push({ lines: at.map((one) => line(one)), isCaughtUp });
    this.#wake();
  }

  end(): void {
    this.#waiting.push(undefined);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LogBatch> {
    for (;;) {
      while (this.#waiting.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.taken += 1;
      yield next;
    }
  }
}

function read(merge: TimeMerge): { readonly said: string[]; readonly ended: Promise<void> } {
  const said: string[] = [];
  const ended = (async () => {
    for await (const { lines, isCaughtUp } of merge.read()) said.push(...lines.map(({ at }) => at), ...(isCaughtUp ? ['|'] : []));
  })();
  return { said, ended };
}

test('what is older comes first, whatever arrives first', async () => {
  const merge = new TimeMerge(false);
  const [a, b] = [new Given(), new Given()];
  merge.add(a);
  merge.add(b);
  const { said, ended } = read(merge);
  a.give(['3', '5']);
  await settled();
  expect(said).toEqual([]);
  b.give(['1', '4']);
  await settled();
  expect(said).toEqual(['1', '3', '4']);
  a.give(['6']);
  a.end();
  b.give(['9']);
  b.end();
  await ended;
  expect(said.filter((one) => one !== '|')).toEqual(['1', '3', '4', '5', '6', '9']);
});

test('once all was said of before, nobody is waited for, and it is said once', async () => {
  const merge = new TimeMerge(true);
  const [a, b] = [new Given(), new Given()];
  merge.add(a);
  merge.add(b);
  const { said, ended } = read(merge);
  a.give(['2'], true);
  b.give([], true);
  await settled();
  expect(said.splice(0)).toEqual(['2', '|']);
  b.give(['7']);
  await settled();
  a.give(['6']);
  await settled();
  expect(said.splice(0).filter((one) => one !== '|')).toEqual(['7', '6']);
  a.end();
  b.end();
  await settled();
  merge.release();
  await ended;
});

test('a log that fails fails it', async () => {
  const merge = new TimeMerge(false);
  merge.add((async function* () {
    yield { lines: [line('1')], isCaughtUp: false };
    throw new Error('gone');
  })());
  await expect(read(merge).ended).rejects.toThrow('gone');
});

test('of sorted logs, all lines come in order, however they are cut', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.array(fc.integer({ min: 100, max: 999 }), { maxLength: 30 }), { maxLength: 6 }), fc.integer({ min: 1, max: 7 }), async (logs, size) => {
    const merge = new TimeMerge(false);
    for (const numbers of logs) {
      const sorted = numbers.map(String).sort();
      merge.add((async function* () {
        for (let from = 0; from < sorted.length; from += size) yield { lines: sorted.slice(from, from + size).map((at) => line(at)), isCaughtUp: from + size >= sorted.length };
      })());
    }
    const { said, ended } = read(merge);
    await ended;
    expect(said.filter((one) => one !== '|')).toEqual(logs.flat().map(String).sort());
  }), { numRuns: 50 });
});
