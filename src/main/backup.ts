import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { isLeftover } from '../files/index.js';
import type { AuditLog, Store, VaultKeys } from '../ports/index.js';
import { nextKeyFile } from '../vault/index.js';
import { AUDIT_FILE, AUDIT_KEY_FILE, PKI_DIRECTORY, STORE_FILE, VAULT_KEY_FILE } from './data-directory.js';

/** First entry of a backup: what it is, for whoever opens it. */
export const MANIFEST = 'kontena-backup.json';
export const BACKUP_FORMAT = 1;

const SCRATCH = '.backup-';

export interface BackupParts {
  readonly store: Store;
  readonly audit: AuditLog;
  readonly vaultKeys: Pick<VaultKeys, 'alone'>;
  readonly vaultKeyFile: string;
}

/** The master's whole state as one gzipped tar: a manifest, a consistent copy of the store and of the audit log, the vault's key, and the keys and certificates. */
export async function* packBackup(directory: string, parts: BackupParts, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const scratch = await mkdtemp(join(directory, SCRATCH));
  try {
    const { store, vaultKeys } = parts;
    await vaultKeys.alone(() => copyParts(parts, scratch));
    signal.throwIfAborted();
    const tar = pack();
    const gzip = createGzip();
    const packed = pipeline(tar, gzip, { signal });
    const filled = fill(tar, { ...store.identity, revision: store.revision }, scratch, directory).catch((error: unknown) => {
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

/** What belongs together: no key is changed meanwhile. */
async function copyParts({ store, audit, vaultKeyFile }: BackupParts, scratch: string): Promise<void> {
  await store.copyTo(join(scratch, STORE_FILE));
  await audit.copyTo(join(scratch, AUDIT_FILE));
  await copyFile(vaultKeyFile, join(scratch, VAULT_KEY_FILE));
  const next = nextKeyFile(vaultKeyFile); // of a change that was cut short
  if (existsSync(next)) await copyFile(next, join(scratch, nextKeyFile(VAULT_KEY_FILE)));
}

async function fill(tar: ReturnType<typeof pack>, facts: object, copies: string, directory: string): Promise<void> {
  const pki = join(directory, PKI_DIRECTORY);
  tar.entry({ name: MANIFEST }, JSON.stringify({ format: BACKUP_FORMAT, ...facts }));
  for (const name of await readdir(copies)) await addFile(tar, name, join(copies, name));
  await addFile(tar, AUDIT_KEY_FILE, join(directory, AUDIT_KEY_FILE));
  for (const name of (await readdir(pki)).filter((file) => !isLeftover(file))) await addFile(tar, `${PKI_DIRECTORY}/${name}`, join(pki, name));
  tar.finalize();
}

async function addFile(tar: ReturnType<typeof pack>, name: string, path: string): Promise<void> {
  const { size } = await stat(path);
  await pipeline(createReadStream(path), tar.entry({ name, size, mode: 0o600 }));
}

/** Removes what backups that were cut short by the master's end left in its data directory. */
export async function removeBackupScraps(directory: string): Promise<void> {
  for (const name of await readdir(directory)) if (name.startsWith(SCRATCH)) await rm(join(directory, name), { recursive: true, force: true });
}
