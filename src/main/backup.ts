import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { systemClock } from '../clock.js';
import { KontenaError, messageOf } from '../model/index.js';
import type { Store } from '../ports/index.js';
import { raiseEpoch } from '../store/index.js';
import { PKI_DIRECTORY, STORE_FILE } from './data-directory.js';

/** First entry of a backup: what it is, for whoever opens it. */
const MANIFEST = 'kontena-backup.json';
const FORMAT = 1;

/** The master's whole state as one gzipped tar: a manifest, a consistent copy of the store, and the keys and certificates. */
export async function* packBackup(directory: string, store: Store, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const scratch = await mkdtemp(join(directory, '.backup-'));
  try {
    const copy = join(scratch, STORE_FILE);
    await store.copyTo(copy);
    const tar = pack();
    const gzip = createGzip();
    const packed = pipeline(tar, gzip, { signal });
    const filled = fill(tar, { ...store.identity, revision: store.revision }, copy, join(directory, PKI_DIRECTORY));
    for await (const piece of gzip) yield piece as Uint8Array;
    await Promise.all([packed, filled]);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function fill(tar: ReturnType<typeof pack>, facts: object, storeCopy: string, pki: string): Promise<void> {
  tar.entry({ name: MANIFEST }, JSON.stringify({ format: FORMAT, ...facts }));
  await addFile(tar, STORE_FILE, storeCopy);
  for (const name of await readdir(pki)) await addFile(tar, `${PKI_DIRECTORY}/${name}`, join(pki, name));
  tar.finalize();
}

async function addFile(tar: ReturnType<typeof pack>, name: string, path: string): Promise<void> {
  const { size } = await stat(path);
  await pipeline(createReadStream(path), tar.entry({ name, size, mode: 0o600 }));
}

/**
 * Makes a data directory from a backup, with the epoch raised so that agents obey the restored master from now on.
 * The directory appears whole or not at all.
 *
 * @throws KontenaError KON_CONFLICT when the directory is already in use, KON_FILE_UNREADABLE when the backup is not one
 */
export async function restoreBackup(file: string, directory: string): Promise<void> {
  if ((await readdir(directory).catch(() => [])).length > 0) {
    throw new KontenaError('KON_CONFLICT', `the data directory ${directory} is not empty: a backup is restored into a new one`);
  }
  await mkdir(dirname(directory), { recursive: true });
  const scratch = await mkdtemp(`${directory}.restore-`);
  try {
    await unpack(file, scratch);
    raiseEpoch(join(scratch, STORE_FILE), systemClock);
    await rm(directory, { recursive: true, force: true });
    await rename(scratch, directory);
  } catch (error) {
    await rm(scratch, { recursive: true, force: true });
    if (error instanceof KontenaError) throw error;
    throw new KontenaError('KON_FILE_UNREADABLE', `${file} cannot be restored: ${messageOf(error)}`, { cause: error });
  }
}

const ALLOWED = new RegExp(`^(${MANIFEST}|${STORE_FILE}|${PKI_DIRECTORY}/[A-Za-z0-9._-]+)$`);

async function unpack(file: string, directory: string): Promise<void> {
  await mkdir(join(directory, PKI_DIRECTORY), { recursive: true });
  const untar = extract();
  const read = pipeline(createReadStream(file), createGunzip(), untar);
  const found = new Set<string>();
  for await (const entry of untar) {
    const { name } = entry.header;
    if (!ALLOWED.test(name) || name.includes('..')) throw new KontenaError('KON_FILE_UNREADABLE', `${file} is not a Kontena backup: it holds "${name}"`);
    const pieces: Uint8Array[] = [];
    for await (const piece of entry) pieces.push(piece as Uint8Array);
    await writeFile(join(directory, name), Buffer.concat(pieces), { mode: 0o600 });
    found.add(name);
  }
  await read;
  for (const name of [MANIFEST, STORE_FILE]) {
    if (!found.has(name)) throw new KontenaError('KON_FILE_UNREADABLE', `${file} is not a whole Kontena backup: ${name} is missing`);
  }
  const { format } = JSON.parse(await readFile(join(directory, MANIFEST), 'utf8')) as { format?: unknown };
  if (format !== FORMAT) throw new KontenaError('KON_FILE_UNREADABLE', `${file} has format ${String(format)}; this version reads ${FORMAT}`);
}
