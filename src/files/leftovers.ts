import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const LEFTOVER = /\.[0-9a-f]{8}\.new$/;

/** Whether a name was made by {@link scratchBeside}. */
export const isLeftover = (name: string): boolean => LEFTOVER.test(name);

/** Where something is made ready beside its place. Who dies meanwhile leaves it behind. */
export const scratchBeside = (path: string): string => `${path}.${randomBytes(4).toString('hex')}.new`;

/** Removes what writers that died left in a directory, if there is one. Nobody else may be writing there. */
export async function removeLeftovers(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) if (isLeftover(name)) await rm(join(directory, name), { recursive: true, force: true });
}
