import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { extract, pack, type Extract } from 'tar-stream';
import { systemClock } from '../clock.js';
import { codeOf, KontenaError, messageOf } from '../model/index.js';
import type { Store } from '../ports/index.js';
import { raiseEpoch } from '../store/index.js';
import { PKI_DIRECTORY, STORE_FILE, VAULT_KEY_FILE } from './data-directory.js';

/** First entry of a backup: what it is, for whoever opens it. */
const MANIFEST = 'kontena-backup.json';
const FORMAT = 1;

/** The master's whole state as one gzipped tar: a manifest, a consistent copy of the store, the vault's key, and the keys and certificates. */
export async function* packBackup(directory: string, store: Store, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const scratch = await mkdtemp(join(directory, '.backup-'));
  try {
    const copy = join(scratch, STORE_FILE);
    await store.copyTo(copy);
    const tar = pack();
    const gzip = createGzip();
    const packed = pipeline(tar, gzip, { signal });
    const filled = fill(tar, { ...store.identity, revision: store.revision }, copy, directory).catch((error: unknown) => {
      tar.destroy(error instanceof Error ? error : undefined); // nobody would wait for the rest
      throw error;
    });
    const work = Promise.all([filled, packed]);
    work.catch(() => gzip.destroy()); // who left early is told nothing
    try {
      for await (const piece of gzip) yield piece as Uint8Array;
    } catch (error) {
      await work; // it knows why the pieces ended early
      throw error;
    }
    await work;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function fill(tar: ReturnType<typeof pack>, facts: object, storeCopy: string, directory: string): Promise<void> {
  const pki = join(directory, PKI_DIRECTORY);
  tar.entry({ name: MANIFEST }, JSON.stringify({ format: FORMAT, ...facts }));
  await addFile(tar, STORE_FILE, storeCopy);
  await addFile(tar, VAULT_KEY_FILE, join(directory, VAULT_KEY_FILE));
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
 * @throws KontenaError KON_FILE_EXISTS when something is there already, KON_BACKUP_INVALID when the file is no whole backup,
 * KON_FILE_UNREADABLE, KON_STORE_FULL
 */
export async function restoreBackup(file: string, directory: string): Promise<void> {
  await requireFree(directory);
  const scratch = await makeScratch(directory);
  try {
    await unpack(file, scratch);
    raiseEpoch(join(scratch, STORE_FILE), systemClock);
    await rm(directory, { recursive: true, force: true });
    await rename(scratch, directory);
  } catch (error) {
    await rm(scratch, { recursive: true, force: true });
    throw restoreError(error, file, directory);
  }
}

/** Nothing, or an empty directory: all else is somebody's. */
async function requireFree(directory: string): Promise<void> {
  const inside = await readdir(directory).catch((error: unknown) => {
    const code = codeOf(error);
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR') throw new KontenaError('KON_FILE_EXISTS', `${directory} is a file: a backup is restored into a new directory`, { cause: error });
    throw new KontenaError('KON_FILE_UNREADABLE', `the data directory ${directory} cannot be read: ${messageOf(error)}`, { cause: error });
  });
  if (inside.length > 0) throw new KontenaError('KON_FILE_EXISTS', `the data directory ${directory} is not empty: a backup is restored into a new one`);
}

async function makeScratch(directory: string): Promise<string> {
  try {
    await mkdir(dirname(directory), { recursive: true });
    return await mkdtemp(`${directory}.restore-`);
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `the data directory ${directory} cannot be made: ${messageOf(error)}`, { cause: error });
  }
}

/** What is wrong with the disk says so by a code of the system, such as ENOENT; all else is wrong with the backup. */
function restoreError(error: unknown, file: string, directory: string): KontenaError {
  if (error instanceof KontenaError) return error;
  const code = codeOf(error);
  if (code === 'ENOSPC') return new KontenaError('KON_STORE_FULL', `${file} cannot be restored into ${directory}: no space is left there`, { cause: error });
  if (/^E[A-Z]+$/.test(code)) return new KontenaError('KON_FILE_UNREADABLE', `${file} cannot be restored: ${messageOf(error)}`, { cause: error });
  return new KontenaError('KON_BACKUP_INVALID', `${file} is not a whole Kontena backup: ${messageOf(error)}`, { cause: error });
}

const ALLOWED = new RegExp(`^(${MANIFEST}|${STORE_FILE}|${VAULT_KEY_FILE.replace('.', '\\.')}|${PKI_DIRECTORY}/[A-Za-z0-9._-]+)$`);

async function unpack(file: string, directory: string): Promise<void> {
  await mkdir(join(directory, PKI_DIRECTORY), { recursive: true });
  const untar = extract();
  // Either may fail first, and takes the other with it: both are waited for, so that no failure is left unheard.
  const [taken, read] = await Promise.allSettled([takeEntries(untar, file, directory), pipeline(createReadStream(file), createGunzip(), untar)]);
  const failure = taken.status === 'rejected' && taken.reason instanceof KontenaError ? taken : read;
  if (failure.status === 'rejected') throw failure.reason;
  if (taken.status === 'rejected') throw taken.reason;

  for (const name of [MANIFEST, STORE_FILE]) {
    if (!taken.value.has(name)) throw new KontenaError('KON_BACKUP_INVALID', `${file} is not a whole Kontena backup: ${name} is missing`);
  }
  const { format } = JSON.parse(await readFile(join(directory, MANIFEST), 'utf8')) as { format?: unknown };
  if (format !== FORMAT) throw new KontenaError('KON_BACKUP_INVALID', `${file} has format ${String(format)}; this version reads ${FORMAT}`);
}

/** Writes what a backup holds, and returns the names. */
async function takeEntries(untar: Extract, file: string, directory: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const entry of untar) {
    const { name } = entry.header;
    if (!ALLOWED.test(name) || name.includes('..')) throw new KontenaError('KON_BACKUP_INVALID', `${file} is not a Kontena backup: it holds "${name}"`);
    const pieces: Uint8Array[] = [];
    for await (const piece of entry) pieces.push(piece as Uint8Array);
    await writeFile(join(directory, name), Buffer.concat(pieces), { mode: 0o600 });
    found.add(name);
  }
  return found;
}
