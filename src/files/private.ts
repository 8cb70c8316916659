import type { Stats } from 'node:fs';
import { chmod, stat } from 'node:fs/promises';
import { codeOf, KontenaError, messageOf } from '../model/index.js';

/** For programs that keep keys: what they make is for their user alone. */
export const PRIVATE_UMASK = 0o077;

/** What a user's group and others may do. */
const OTHERS = 0o077;

/**
 * Sees that files and directories are for their owner alone. What is ours is put right; what belongs to someone else is
 * refused, since they can read it whatever its mode. What is not there is passed over.
 *
 * @returns what was put right
 * @throws KontenaError KON_FILE_EXPOSED, KON_FILE_UNREADABLE
 */
export async function keepPrivate(paths: readonly string[]): Promise<readonly string[]> {
  const mended: string[] = [];
  for (const path of paths) {
    const found = await looked(path);
    if (found !== undefined && (await isMended(path, found))) mended.push(path);
  }
  return mended;
}

async function isMended(path: string, { mode, uid }: Stats): Promise<boolean> {
  if (uid !== process.getuid?.()) throw new KontenaError('KON_FILE_EXPOSED', `${path} belongs to another user (${String(uid)}), who can read the keys in it`);
  if ((mode & OTHERS) === 0) return false;
  try {
    await chmod(path, mode & 0o777 & ~OTHERS);
  } catch (error) {
    throw new KontenaError('KON_FILE_EXPOSED', `${path} can be read by others, and that cannot be changed: ${messageOf(error)}`, { cause: error });
  }
  return true;
}

/** Undefined for what is gone meanwhile. */
async function looked(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new KontenaError('KON_FILE_UNREADABLE', `${path} cannot be looked at: ${messageOf(error)}`, { cause: error });
  }
}
