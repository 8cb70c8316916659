import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import type { LogEntry } from '../ports/index.js';
import { logEntries } from './entries.js';

const AT = '2026-11-21T09:00:00.123456789Z';

function frame(stream: 1 | 2, text: string | Buffer): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

async function read(chunks: readonly Buffer[], source = new PassThrough()): Promise<readonly LogEntry[]> {
  for (const chunk of chunks) source.write(chunk);
  source.end();
  const found: LogEntry[] = [];
  for await (const entries of logEntries(source)) found.push(...entries);
  return found;
}

test('each stretch has its moment, and says whether it ends its line', async () => {
  const found = await read([Buffer.concat([frame(1, `${AT} hello  world\n`), frame(2, `${AT} par`)]), frame(2, `${AT} tial\n`), frame(1, `${AT} \n`), frame(1, 'nonsense')]);
  expect(found.map(({ text, ...entry }) => ({ ...entry, text: Buffer.from(text).toString() }))).toEqual([
    { stream: 'stdout', at: AT, isEnd: true, text: 'hello  world' },
    { stream: 'stderr', at: AT, isEnd: false, text: 'par' },
    { stream: 'stderr', at: AT, isEnd: true, text: 'tial' },
    { stream: 'stdout', at: AT, isEnd: true, text: '' },
  ]);
});

test('moments of another zone are made those of all others', async () => {
  expect((await read([frame(1, '2026-11-21T11:00:00.123456789+02:00 x\n')]))[0]?.at).toBe(AT);
});

test('however the chunks fall, bytes are left as they are', async () => {
  const text = Buffer.from([0xff, 0x00, 0x1b, 0xc3]);
  const whole = Buffer.concat(Array.from({ length: 50 }, () => frame(1, Buffer.concat([Buffer.from(`${AT} `), text, Buffer.from('\n')]))));
  const found = await read(Array.from({ length: Math.ceil(whole.length / 7) }, (_, index) => whole.subarray(index * 7, index * 7 + 7)));
  expect(found).toHaveLength(50);
  expect(found.every((entry) => Buffer.from(entry.text).equals(text))).toBe(true);
});

test('a reader who is slow makes the engine wait', async () => {
  const source = new PassThrough();
  const reading = logEntries(source)[Symbol.asyncIterator]();
  const first = reading.next();
  source.write(frame(1, `${AT} ${'x'.repeat(600_000)}\n`));
  await first;
  source.write(frame(1, `${AT} ${'x'.repeat(600_000)}\n`));
  await new Promise((resolve) => setImmediate(resolve));
  expect(source.isPaused()).toBe(true);
  expect((await reading.next()).value).toHaveLength(1);
  expect(source.isPaused()).toBe(false);
  await reading.return?.();
  expect(source.destroyed).toBe(true);
});

test('what ends with a failure fails', async () => {
  const source = new PassThrough();
  const reading = read([frame(1, `${AT} x\n`)], source).catch((error: unknown) => error);
  source.destroy(new Error('cut off'));
  expect(String(await reading)).toContain('cut off');
});
