import { expect, test } from '@jest/globals';
import { pack } from 'tar-stream';
import { collect } from '../testing/opened-api.js';
import { weighPassing, weighTar } from './weigh-tar.js';

async function* inPieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield await Promise.resolve(bytes.subarray(from, from + size));
}

async function tarOf(files: Readonly<Record<string, string>>, mtime = new Date(0)): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name, mtime }, content);
  tar.finalize();
  return Buffer.concat(await collect(tar as AsyncIterable<Uint8Array>));
}

test('a tar weighs the same on its way as where it lies, whenever its files were written', async () => {
  const tar = await tarOf({ a: 'x'.repeat(100_000), b: 'y' });
  const passing = weighPassing(inPieces(tar, 1000));
  expect(Buffer.concat(await collect(passing.tar)).equals(tar)).toBe(true);
  expect(await passing.weight).toEqual(await weighTar(inPieces(await tarOf({ a: 'x'.repeat(100_000), b: 'y' }, new Date(1e12)), 99)));
  expect(await passing.weight).toMatchObject({ files: 2, bytes: 100_001 });
});

test('what is cut off breaks the reading, between two files too', async () => {
  const tar = await tarOf({ a: 'x', b: 'y' });
  for (const length of [tar.length - 1024, 700, 0]) {
    const passing = weighPassing(inPieces(tar.subarray(0, length), 512));
    await expect(collect(passing.tar)).rejects.toMatchObject({ code: 'KON_INVALID', message: 'what is sent is no whole tar: it has no end' });
  }
});

test('so does what is no tar at all', async () => {
  const passing = weighPassing(inPieces(Buffer.from('no tar at all '.repeat(100_000)), 4096));
  await expect(collect(passing.tar)).rejects.toMatchObject({ code: 'KON_INVALID', message: expect.stringContaining('what is sent is no whole tar: Invalid tar header') });
});
