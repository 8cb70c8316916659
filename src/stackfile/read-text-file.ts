import { readFile } from 'node:fs/promises';
import { codeOf, KontenaError, messageOf } from '../model/index.js';

/**
 * The text of a file that may be missing: undefined then, and whoever mentions it says so.
 *
 * @throws KontenaError KON_FILE_UNREADABLE when it is there and cannot be read, or is no text
 */
export async function readTextFile(path: string): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw new KontenaError('KON_FILE_UNREADABLE', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `${path} cannot be read: it is not text in UTF-8`, { cause: error });
  }
}
