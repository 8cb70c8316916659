import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Extract } from 'tar-stream';
import { isSealed, MARK_BYTES, type Opener, opened } from '../age/index.js';
import { auditKey, sealWith, verifyAudit } from '../audit/index.js';
import { systemClock } from '../clock.js';
import { moveWhole, syncDirectory } from '../files/index.js';
import { checkPki } from '../link/index.js';
import { codeOf, KontenaError, messageOf } from '../model/index.js';
import { systemRandom } from '../random.js';
import { openAudit, openStore, raiseEpoch } from '../store/index.js';
import { nextKeyFile, openVault, vaultKeys } from '../vault/index.js';
import { BACKUP_FORMAT, MANIFEST } from './backup.js';
import { AUDIT_FILE, AUDIT_KEY_FILE, lockName, PKI_DIRECTORY, STORE_FILE, VAULT_KEY_FILE } from './data-directory.js';

/** What opens what is sealed. */
export interface Openers {
  /** The passphrase of the vault's key in its file. */
  readonly vault?: string | undefined;
  /** Of the backup itself. */
  readonly backup?: Opener;
}

/**
 * Makes a data directory from a backup, with the epoch raised so that agents obey the restored master from now on. Nothing is
 * there before all of it was read and found to be sound: the chains of the history and of the audit log, keys and certificates, the vault. The
 * directory appears whole or not at all; what a restore that was killed left beside it, the next one removes.
 *
 * @throws KontenaError KON_FILE_EXISTS when something is there already, KON_BACKUP_INVALID when the file is no whole backup, KON_PASSPHRASE_WRONG,
 * KON_CONFLICT when another restore is making the same directory, KON_FILE_UNREADABLE, KON_STORE_FULL
 */
export async function restoreBackup(file: string, directory: string, openers: Openers = {}): Promise<void> {
  await requireFree(directory);
  const unlock = await lockRestore(directory);
  if (unlock === undefined) throw new KontenaError('KON_CONFLICT', `another restore is making ${directory} right now`);
  try {
    await removeScratch(directory);
    const scratch = await makeScratch(directory);
    try {
      await unpack(file, scratch, openers.backup);
      await requireSound(file, scratch, openers);
      raiseEpoch(join(scratch, STORE_FILE), systemClock);
      for (const made of [join(scratch, PKI_DIRECTORY), scratch]) await syncDirectory(made);
      await rm(directory, { recursive: true, force: true });
      await moveWhole(scratch, directory);
    } catch (error) {
      await rm(scratch, { recursive: true, force: true });
      throw restoreError(error, file, directory);
    }
  } finally {
    await unlock();
  }
}

/** Removes what restores that were killed left beside a data directory, unless one is under way. */
export async function removeRestoreScraps(directory: string): Promise<void> {
  const unlock = await lockRestore(directory);
  if (unlock === undefined) return;
  await removeScratch(directory);
  await unlock();
}

/** One restore into a directory at a time. The name of the lock is a digest, as it may have 100 bytes at most. */
const lockRestore = (directory: string): ReturnType<typeof lockName> => lockName(`kontena-restore-${createHash('sha256').update(directory).digest('hex')}`);

const scratchPrefix = (directory: string): string => `${basename(directory)}.restore-`;

async function removeScratch(directory: string): Promise<void> {
  const around = dirname(directory);
  const names = await readdir(around).catch(() => []);
  for (const name of names) if (name.startsWith(scratchPrefix(directory))) await rm(join(around, name), { recursive: true, force: true });
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
    return await mkdtemp(join(dirname(directory), scratchPrefix(directory)));
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

/** What a backup holds, opened where it is sealed. @throws KontenaError KON_PASSPHRASE_WRONG */
async function piecesOf(file: string, opener: Opener | undefined): Promise<AsyncIterable<Uint8Array>> {
  if (!(await isSealedFile(file))) return createReadStream(file);
  if (opener === undefined) throw new KontenaError('KON_PASSPHRASE_WRONG', `${file} is sealed, and neither a passphrase nor an identity was named`);
  return opened(createReadStream(file), opener);
}

async function isSealedFile(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(MARK_BYTES), 0, MARK_BYTES, 0);
    return isSealed(buffer);
  } finally {
    await handle.close();
  }
}

const FILES: readonly string[] = [MANIFEST, STORE_FILE, VAULT_KEY_FILE, nextKeyFile(VAULT_KEY_FILE), AUDIT_FILE, AUDIT_KEY_FILE];
const OF_PKI = new RegExp(`^${PKI_DIRECTORY}/[A-Za-z0-9._-]+$`);

async function unpack(file: string, directory: string, opener: Opener | undefined): Promise<void> {
  await mkdir(join(directory, PKI_DIRECTORY), { mode: 0o700 });
  const pieces = await piecesOf(file, opener);
  const untar = extract();
  // Either may fail first, and takes the other with it: both are waited for, so that no failure is left unheard.
  const [taken, read] = await Promise.allSettled([takeEntries(untar, file, directory), pipeline(pieces, createGunzip(), untar)]);
  const failure = taken.status === 'rejected' && taken.reason instanceof KontenaError ? taken : read;
  if (failure.status === 'rejected') throw failure.reason;
  if (taken.status === 'rejected') throw taken.reason;

  for (const name of [MANIFEST, STORE_FILE, VAULT_KEY_FILE]) {
    if (!taken.value.has(name)) throw new KontenaError('KON_BACKUP_INVALID', `${file} is not a whole Kontena backup: ${name} is missing`);
  }
  const { format } = JSON.parse(await readFile(join(directory, MANIFEST), 'utf8')) as { format?: unknown };
  if (format !== BACKUP_FORMAT) throw new KontenaError('KON_BACKUP_INVALID', `${file} has format ${String(format)}; this version reads ${BACKUP_FORMAT}`);
}

/** Writes what a backup holds, each entry as it comes, and returns the names. */
async function takeEntries(untar: Extract, file: string, directory: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const entry of untar) {
    const { name } = entry.header;
    if ((!FILES.includes(name) && !OF_PKI.test(name)) || name.includes('..')) throw new KontenaError('KON_BACKUP_INVALID', `${file} is not a Kontena backup: it holds "${name}"`);
    if (found.has(name)) throw new KontenaError('KON_BACKUP_INVALID', `${file} is not a Kontena backup: it holds "${name}" twice`);
    await pipeline(entry, createWriteStream(join(directory, name), { mode: 0o600, flags: 'wx', flush: true }));
    found.add(name);
  }
  return found;
}

/** Whoever restores can do something about it. */
const NOT_ITS_FAULT: readonly string[] = ['KON_STORE_FULL', 'KON_PASSPHRASE_WRONG'];

/** @throws KontenaError KON_BACKUP_INVALID when what was unpacked cannot be what a master wrote */
async function requireSound(file: string, directory: string, openers: Openers): Promise<void> {
  try {
    await checkPki(join(directory, PKI_DIRECTORY));
    await checkAudit(directory, await checkStore(directory, openers));
  } catch (error) {
    if (error instanceof KontenaError && NOT_ITS_FAULT.includes(error.code)) throw error;
    throw new KontenaError('KON_BACKUP_INVALID', `${file} is damaged: ${messageOf(error)}`, { cause: error });
  }
}

/** Backups of before there was an audit log have none. */
async function checkAudit(directory: string, cluster: string): Promise<void> {
  const file = join(directory, AUDIT_FILE);
  if (!existsSync(file)) return;
  const audit = openAudit(file, { cluster, seal: sealWith(await auditKey(join(directory, AUDIT_KEY_FILE))), clock: systemClock, onFatal: () => undefined });
  try {
    await verifyAudit(Readable.from(audit.exported()));
  } finally {
    audit.close();
  }
}

/** Returns whose it is. */
async function checkStore(directory: string, { vault }: Openers): Promise<string> {
  const store = openStore(join(directory, STORE_FILE), { clock: systemClock, random: systemRandom, onFatal: () => undefined });
  try {
    const { brokenAt } = store.verify();
    if (brokenAt !== undefined) throw new KontenaError('KON_STORE_DAMAGED', `the chain of its history breaks at revision ${String(brokenAt)}`);
    openVault({ keys: await vaultKeys(join(directory, VAULT_KEY_FILE), { random: systemRandom, passphrase: vault }), store, random: systemRandom });
    return store.identity.cluster;
  } finally {
    await store.close();
  }
}
