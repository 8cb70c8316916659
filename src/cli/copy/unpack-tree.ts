import { createWriteStream } from 'node:fs';
import { chmod, link, lstat, mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Extract, extract, type Header } from 'tar-stream';
import { codeOf, KontenaError } from '../../model/index.js';
import { localError } from './local-error.js';

type Entry = Extract extends AsyncIterable<infer Each> ? Each : never;

/** Who may do what; not whose rights a program has that somebody else wrote. */
const PERMISSIONS = 0o777;

/**
 * Unpacks a tar of one file or directory to `root`, whatever it is called in the tar. Whoever made it is not trusted: nothing
 * is written but below `root`, and never through a link. What is neither file, directory nor link is left out.
 *
 * @throws KontenaError KON_FILE_UNREADABLE, KON_FILE_EXISTS
 */
export async function unpackTree(tar: AsyncIterable<Uint8Array>, root: string): Promise<void> {
  const entries = extract();
  const reading = pipeline(Readable.from(tar, { objectMode: false }), entries);
  // an entry that was cut short before somebody read it does not say so to who comes later
  const broken = new Promise<never>((_resolve, reject) => void reading.catch(reject));
  broken.catch(() => undefined); // or nobody is there to be told
  for await (const entry of entries) {
    const path = pathOf(entry.header.name, root);
    try {
      await Promise.race([put(entry, path, root), broken]);
    } catch (error) {
      throw localError(path, 'written', error);
    }
  }
  await reading;
}

/** The name without the first part, which is that of the whole. */
function pathOf(name: string, root: string): string {
  const path = join(root, ...name.split('/').slice(1));
  if (path !== root && !path.startsWith(root.endsWith(sep) ? root : root + sep)) throw new KontenaError('KON_INVALID', `the instance gives a file a name outside of what was asked for: "${name}"`);
  return path;
}

async function put(entry: Entry, path: string, root: string): Promise<void> {
  const { header } = entry;
  await requireDirectories(dirname(path), root);
  switch (header.type) {
    case 'directory':
      await makeDirectory(path, header);
      entry.resume();
      return;
    case 'file':
    case 'contiguous-file':
      await makeRoom(path);
      await pipeline(entry, createWriteStream(path, { flags: 'wx', mode: permissionsOf(header) }));
      return;
    case 'symlink':
      await makeRoom(path);
      await symlink(header.linkname, path);
      entry.resume();
      return;
    case 'link': {
      const target = pathOf(header.linkname, root);
      await requireDirectories(dirname(target), root);
      await makeRoom(path);
      await link(target, path);
      entry.resume();
      return;
    }
    case 'fifo':
    case 'block-device':
    case 'character-device':
      entry.resume();
  }
}

const permissionsOf = ({ mode }: Header): number => mode & PERMISSIONS;

async function makeDirectory(path: string, header: Header): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !(await lstat(path)).isDirectory()) throw error;
  }
  await chmod(path, permissionsOf(header) | 0o700); // what follows is written into it
}

/** What is there goes, unless it is a directory. */
async function makeRoom(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isDirectory() === true) throw new KontenaError('KON_FILE_EXISTS', `${path} is a directory, and would be a file`);
  await rm(path, { force: true });
}

/** Between `root` and this directory there are no links, by which something else would be written to. */
async function requireDirectories(directory: string, root: string): Promise<void> {
  for (let path = resolve(directory); path.length >= root.length && path !== dirname(root); path = dirname(path)) {
    if (!(await lstat(path)).isDirectory()) throw new KontenaError('KON_INVALID', `the instance would have a file written through ${path}, which is no directory`);
  }
}
