import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { moveWhole } from '../files/index.js';
import { KontenaError, messageOf } from '../model/index.js';
import { Interrupted } from './exit.js';

/** Writes what comes in pieces into a file for its owner alone, which appears whole or not at all. Returns its length in bytes. */
export async function writeWhole(path: string, pieces: AsyncIterable<Uint8Array>, what: string): Promise<number> {
  const scratch = `${path}.part`;
  const target = createWriteStream(scratch, { mode: 0o600, flush: true });
  try {
    await pipeline(Readable.from(pieces), target);
    await moveWhole(scratch, path);
    return target.bytesWritten;
  } catch (error) {
    await rm(scratch, { force: true });
    if (error instanceof KontenaError || error instanceof Interrupted) throw error;
    throw new KontenaError('KON_FILE_UNREADABLE', `${what} ${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}
