import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough, pipeline, Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import { KontenaError, messageOf, type VolumeWeight } from '../model/index.js';

/** A tar ends with two blocks of nothing: one that was cut off between two files looks whole otherwise. */
const END_BYTES = 1024;

/**
 * What a tar holds: a SHA-256 over its files in their order, which engines give by name. Times are left out, which engines round,
 * and so is how the tar itself is written.
 */
export async function weighTar(tar: AsyncIterable<Uint8Array>): Promise<VolumeWeight> {
  const whole = createHash('sha256');
  let [files, bytes] = [0, 0];
  const entries = extract();
  pipeline(Readable.from(tar, { objectMode: false }), entries, () => undefined); // what goes wrong comes out of the entries
  for await (const entry of entries) {
    const content = createHash('sha256');
    for await (const piece of entry) {
      content.update(piece as Uint8Array);
      bytes += (piece as Uint8Array).length;
    }
    whole.update(`${JSON.stringify(traits(entry.header))} ${content.digest('hex')}\n`);
    files += 1;
  }
  return { digest: whole.digest('hex'), files, bytes };
}

/** A tar on its way, and what it held once all of it has passed. */
export interface Weighing {
  readonly tar: AsyncIterable<Uint8Array>;
  readonly weight: Promise<VolumeWeight>;
}

/** Weighs a tar while somebody else reads it. What is no tar, or only the beginning of one, breaks the reading. */
export function weighPassing(tar: AsyncIterable<Uint8Array>): Weighing {
  const copy = new PassThrough();
  const weight = weighTar(copy).catch((error: unknown) => {
    throw error instanceof KontenaError ? error : new KontenaError('KON_INVALID', `what is sent is no whole tar: ${messageOf(error)}`, { cause: error });
  });
  weight.catch(() => undefined); // told to whoever reads
  return { tar: passing(tar, copy, weight), weight };
}

async function* passing(tar: AsyncIterable<Uint8Array>, copy: PassThrough, weight: Promise<unknown>): AsyncGenerator<Uint8Array> {
  let end = Buffer.alloc(0);
  try {
    for await (const piece of tar) {
      end = Buffer.concat([end, piece.subarray(-END_BYTES)]).subarray(-END_BYTES);
      if (!copy.write(piece)) await Promise.race([once(copy, 'drain'), weight]);
      yield piece;
    }
    if (end.length < END_BYTES || end.some((byte) => byte !== 0)) throw new KontenaError('KON_INVALID', 'what is sent is no whole tar: it has no end');
    copy.end();
    await weight;
  } finally {
    copy.destroy();
  }
}

const traits = ({ name, type, mode, uid, gid, size, linkname, devmajor, devminor, pax }: Header): readonly unknown[] => [
  name.replace(/^\.\//, '').replace(/\/$/, ''), type, mode & 0o7777, uid, gid, size, linkname, devmajor, devminor,
  Object.entries(pax ?? {}).filter(([key]) => key.startsWith('SCHILY.xattr.')).sort(([a], [b]) => (a < b ? -1 : 1)),
];
