import { mkdir } from 'node:fs/promises';
import { KontenaError, messageOf } from '../model/index.js';

/** What lies in a data directory. */
export const STORE_FILE = 'store.sqlite';
export const PKI_DIRECTORY = 'pki';
export const ADMIN_FILE = 'admin.json';
export const ASSIGNMENTS_FILE = 'assignments.json';

/** Makes a directory that only its owner may read. @throws KontenaError KON_FILE_UNREADABLE */
export async function prepareDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `the data directory ${path} cannot be made: ${messageOf(error)}`, { cause: error });
  }
}
