import { access, constants, mkdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { KontenaError, messageOf } from '../model/index.js';

/** What lies in a data directory. */
export const STORE_FILE = 'store.sqlite';
export const PKI_DIRECTORY = 'pki';
export const VAULT_KEY_FILE = 'vault.key';
export const ADMIN_FILE = 'admin.json';
export const TUNNEL_KEY_FILE = 'tunnel-key.json';
export const ASSIGNMENTS_FILE = 'assignments.json';

/** Makes a directory that only its owner may read, and sees that it can be written. @throws KontenaError KON_FILE_UNREADABLE */
export async function prepareDirectory(path: string): Promise<void> {
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
}

/**
 * Keeps other agents off a data directory: two with the same certificate would take the link from each other for ever.
 * The lock is a socket without a file, so that it goes with the process, however that ends. Returns how to let go.
 *
 * @throws KontenaError KON_DATA_TAKEN
 */
export async function lockForAgent(path: string): Promise<() => Promise<void>> {
  const { dev, ino } = await stat(path);
  const lock = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    lock.once('error', (error) => reject(new KontenaError('KON_DATA_TAKEN', `an agent is running with the data directory ${path} already`, { cause: error })));
    lock.listen(`\0kontena-agent-${String(dev)}-${String(ino)}`, resolve);
  });
  return () => new Promise((resolve) => void lock.close(() => resolve()));
}
