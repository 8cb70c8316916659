import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Ring } from '../files/index.js';
import type { LogRings } from '../ports/index.js';
import { FileLogRing } from './file-log-ring.js';

/** Rings of files, a folder for each; `todo/web.2` lies in `todo:web.2`, as names have no colon. */
export const fileLogRings = (directory: string): LogRings => ({
  list: async () => {
    const folders = await readdir(directory).catch(() => []);
    return Promise.all(folders.map(async (folder) => ({ name: folder.replace(':', '/'), writtenMs: await lastWritten(join(directory, folder)) })));
  },
  open: async (name, maxBytes) => new FileLogRing(await Ring.open(join(directory, folderOf(name)), maxBytes)),
  remove: (name) => rm(join(directory, folderOf(name)), { recursive: true, force: true }),
});

const folderOf = (name: string): string => name.replace('/', ':');

async function lastWritten(folder: string): Promise<number> {
  const newest = (await readdir(folder)).sort().at(-1);
  return newest === undefined ? 0 : (await stat(join(folder, newest))).mtimeMs;
}
