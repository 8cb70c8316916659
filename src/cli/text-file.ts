import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { KontenaError, messageOf } from '../model/index.js';
import type { Host } from './host.js';

/** The text of a file, relative to where the command runs. @throws KontenaError KON_FILE_UNREADABLE */
export async function readText({ directory }: Pick<Host, 'directory'>, file: string): Promise<string> {
  try {
    return await readFile(resolve(directory, file), 'utf8');
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
