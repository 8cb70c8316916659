import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Header, type Pack, pack } from 'tar-stream';
import { localError } from './local-error.js';

/** What is said of a file before it. */
type Headers = Partial<Header> & Pick<Header, 'name'>;

/** Bits of a mode that say who may do what. */
const PERMISSIONS = 0o7777;

/**
 * A file, or a directory with all that is in it, as a tar. Links stay links; what is neither file, directory nor link is left
 * out. In the container all of it is root's, as a user of this machine is nobody there.
 *
 * @param name what it is called in the tar; `.` for a directory whose content alone is meant
 * @throws KontenaError KON_FILE_UNREADABLE
 */
export async function* packTree(path: string, name: string): AsyncIterable<Uint8Array> {
  const tar = pack();
  const adding = add(tar, path, name).then(() => tar.finalize(), (error: unknown) => tar.destroy(localError(path, 'read', error)));
  yield* tar as AsyncIterable<Uint8Array>;
  await adding;
}

async function add(tar: Pack, path: string, name: string): Promise<void> {
  const found = await lstat(path);
  const header: Headers = { name, mode: found.mode & PERMISSIONS, mtime: found.mtime, uid: 0, gid: 0 };
  if (found.isSymbolicLink()) await whole(tar, { ...header, type: 'symlink', linkname: await readlink(path) });
  else if (found.isDirectory()) {
    await whole(tar, { ...header, name: `${name}/`, type: 'directory' });
    for (const each of (await readdir(path)).sort()) await add(tar, join(path, each), `${name}/${each}`);
  } else if (found.isFile()) await addFile(tar, path, { ...header, size: found.size });
}

const whole = (tar: Pack, header: Headers): Promise<void> => new Promise((resolve, reject) => void tar.entry(header, (error) => (error instanceof Error ? reject(error) : resolve())));

/** As long as it was when it was looked at: it may grow meanwhile. */
async function addFile(tar: Pack, path: string, header: Headers & { readonly size: number }): Promise<void> {
  if (header.size === 0) tar.entry(header, '');
  else await pipeline(createReadStream(path, { end: header.size - 1 }), tar.entry(header));
}
