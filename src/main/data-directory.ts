import { access, constants, mkdir, readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { keepPrivate, removeLeftovers } from '../files/index.js';
import { codeOf, KontenaError, messageOf } from '../model/index.js';
import type { Log } from '../ports/index.js';

/** What lies in a data directory. */
export const STORE_FILE = 'store.sqlite';
export const PKI_DIRECTORY = 'pki';
export const VAULT_KEY_FILE = 'vault.key';
export const AUDIT_FILE = 'audit.sqlite';
export const AUDIT_KEY_FILE = 'audit.key';
export const ADMIN_FILE = 'admin.json';
export const TUNNEL_KEY_FILE = 'tunnel-key.json';
/** A folder for each balancer, which its container mounts. */
export const BALANCERS_DIRECTORY = 'balancers';
export const EVENTS_DIRECTORY = 'events';
/** Of an agent: a folder for each slot, and its own; of a master its own alone. */
export const LOGS_DIRECTORY = 'logs';
export const STATISTICS_DIRECTORY = 'statistics';
export const ASSIGNMENTS_FILE = 'assignments.json';

/** One of these in it tells that a directory is Kontena's. */
const MARKS = [STORE_FILE, VAULT_KEY_FILE, PKI_DIRECTORY, ASSIGNMENTS_FILE];

/** What of it nobody else may read: the store, the audit log, and what SQLite writes beside them, keys, and what was told of secrets and of others. */
const isPrivate = (name: string): boolean => [STORE_FILE, AUDIT_FILE].some((file) => name.startsWith(file)) || name.startsWith(VAULT_KEY_FILE) || name === AUDIT_KEY_FILE || /\.json(\.damaged)?$/.test(name);

/**
 * Makes a directory that only its owner may read, with all that is in it, and sees that it can be written.
 *
 * @throws KontenaError KON_FILE_UNREADABLE, KON_FILE_EXPOSED
 */
export async function prepareDirectory(path: string, log: Log): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `the data directory ${path} cannot be made: ${messageOf(error)}`, { cause: error });
  }
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `the data directory ${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
  await requireOwn(path);
  const pki = join(path, PKI_DIRECTORY);
  const files = (await readdir(path)).filter(isPrivate);
  const keys = await readdir(pki).catch(() => []);
  const mended = await keepPrivate([path, ...files.map((name) => join(path, name)), pki, ...keys.map((name) => join(pki, name))]);
  if (mended.length > 0) log.warn('others could read files of the data directory; from now on they cannot', { files: mended });
}

/** A directory of somebody else's things, such as /var/lib, is not closed to them by our start. */
async function requireOwn(path: string): Promise<void> {
  const names = (await readdir(path)).filter((name) => name !== 'lost+found');
  const isOurs = names.length === 0 || MARKS.some((name) => names.includes(name));
  const { mode } = await stat(path);
  if (!isOurs && (mode & 0o077) !== 0) throw new KontenaError('KON_FILE_EXPOSED', `${path} is open to others and holds other things (${names.slice(0, 3).join(', ')}): a data directory is for Kontena alone`);
}

/** Removes what writers that died left in it. For the one process that runs on it. */
export async function tidyDirectory(path: string): Promise<void> {
  for (const directory of [path, join(path, PKI_DIRECTORY)]) await removeLeftovers(directory);
}

/**
 * Keeps other agents off a data directory: two with the same certificate would take the link from each other for ever.
 * Returns how to let go.
 *
 * @throws KontenaError KON_DATA_TAKEN
 */
export async function lockForAgent(path: string): Promise<() => Promise<void>> {
  const { dev, ino } = await stat(path);
  const unlock = await lockName(`kontena-agent-${String(dev)}-${String(ino)}`);
  if (unlock === undefined) throw new KontenaError('KON_DATA_TAKEN', `an agent is running with the data directory ${path} already`);
  return unlock;
}

/**
 * Takes a name that one process of this machine can have at a time, without a file, so that it goes with the process however
 * that ends. Undefined when another has it.
 */
export async function lockName(name: string): Promise<(() => Promise<void>) | undefined> {
  const lock = createServer((socket) => socket.destroy());
  const isTaken = await new Promise<boolean>((resolve, reject) => {
    lock.once('error', (error) => (codeOf(error) === 'EADDRINUSE' ? resolve(true) : reject(error)));
    lock.listen(`\0${name}`, () => resolve(false));
  });
  return isTaken ? undefined : () => new Promise((resolve) => void lock.close(() => resolve()));
}
