import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath, stat } from 'node:fs/promises';
import { codeOf, KontenaError, messageOf } from '../model/index.js';
import { LONGEST } from './files.js';
import { leadsOut, liesIn } from './scope.js';

/** A character has at most four bytes. */
const LONGEST_BYTES = 4 * LONGEST;

/**
 * The text of a file that may be missing: undefined then, and whoever mentions it says so.
 *
 * @param folders in one of which it must really lie, links followed; anywhere when absent
 * @throws KontenaError KON_FILE_OUTSIDE, and KON_FILE_UNREADABLE when it is there and cannot be read, or is no text
 */
export async function readTextFile(path: string, folders?: readonly string[]): Promise<string | undefined> {
  const bytes = await readBytes(path, folders);
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw unreadable(path, 'it is not text in UTF-8', error);
  }
}

/** A path with all links followed; the same when it leads nowhere. */
export const realPath = (path: string): Promise<string> => realpath(path).catch(() => path);

async function readBytes(path: string, folders: readonly string[] | undefined): Promise<Uint8Array | undefined> {
  let file: FileHandle | undefined;
  try {
    const found = await stat(path);
    if (!found.isFile()) throw unreadable(path, found.isDirectory() ? 'it is a directory' : 'it is no file'); // opening a device may do something already
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const opened = await file.stat({ bigint: true });
    if (!opened.isFile()) throw unreadable(path, 'it is no file');
    if (folders !== undefined) await mustLieIn(folders, path, opened);
    return await upTo(LONGEST_BYTES, file, path);
  } catch (error) {
    if (error instanceof KontenaError) throw error;
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw unreadable(path, messageOf(error), error);
  } finally {
    await file?.close();
  }
}

/** Looks where the file that was opened really lies: a link that is turned round meanwhile leads to another file. */
async function mustLieIn(folders: readonly string[], path: string, opened: BigIntStats): Promise<void> {
  const [real, ...roots] = await Promise.all([realpath(path), ...folders.map(realPath)]);
  const there = await lstat(real, { bigint: true });
  if (there.ino !== opened.ino || there.dev !== opened.dev || !liesIn(real, roots)) throw leadsOut(path, folders);
}

async function upTo(most: number, file: FileHandle, path: string): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  for await (const piece of file.createReadStream({ end: most, autoClose: false })) pieces.push(piece as Buffer);
  const bytes = Buffer.concat(pieces);
  if (bytes.length > most) throw unreadable(path, `it has more than ${String(most / 1024)} KiB, and neither has a stack file nor what it refers to`);
  return bytes;
}

const unreadable = (path: string, why: string, cause?: unknown): KontenaError => new KontenaError('KON_FILE_UNREADABLE', `${path} cannot be read: ${why}`, { cause });
