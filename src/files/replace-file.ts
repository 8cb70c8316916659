import { link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { scratchBeside } from './leftovers.js';

const OWNER_ONLY = 0o600;

/** Writes a file: after a crash at any moment it is there whole, as it was or as it is now. Unless said otherwise, only its owner reads it. */
export async function replaceFile(path: string, content: string | Uint8Array, { mode = OWNER_ONLY }: { readonly mode?: number } = {}): Promise<void> {
  await writtenBeside(path, content, mode, (scratch) => moveWhole(scratch, path));
}

/** The same of a file that must not be there yet. @throws with the code EEXIST where it is */
export async function createFile(path: string, content: string | Uint8Array): Promise<void> {
  await writtenBeside(path, content, OWNER_ONLY, async (scratch) => {
    await link(scratch, path);
    await rm(scratch);
    await syncDirectory(dirname(path));
  });
}

/** Gives a file or directory another name, in place of what has it, and for good: a name is durable when its directory is. */
export async function moveWhole(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncDirectory(dirname(to));
}

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function writtenBeside(path: string, content: string | Uint8Array, mode: number, place: (scratch: string) => Promise<void>): Promise<void> {
  const scratch = scratchBeside(path);
  try {
    const file = await open(scratch, 'wx', mode);
    try {
      await file.chmod(mode); // whatever the umask
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await place(scratch);
  } catch (error) {
    await rm(scratch, { force: true });
    throw error;
  }
}
