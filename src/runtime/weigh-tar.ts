import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { extract, type Header } from 'tar-stream';
import type { VolumeWeight } from '../model/index.js';

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

const traits = ({ name, type, mode, uid, gid, size, linkname, devmajor, devminor, pax }: Header): readonly unknown[] => [
  name.replace(/^\.\//, '').replace(/\/$/, ''), type, mode & 0o7777, uid, gid, size, linkname, devmajor, devminor,
  Object.entries(pax ?? {}).filter(([key]) => key.startsWith('SCHILY.xattr.')).sort(([a], [b]) => (a < b ? -1 : 1)),
];
