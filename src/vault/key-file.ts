import { readFile } from 'node:fs/promises';
import { createFile } from '../files/index.js';
import { codeOf, KontenaError, messageOf } from '../model/index.js';
import type { Random } from '../ports/index.js';
import { KEY_BYTES } from './seal.js';

/**
 * The vault's key from its file, made at the first start. It is on disk before it is used: a secret sealed with a key that
 * a power cut took would be lost.
 *
 * @throws KontenaError KON_FILE_UNREADABLE, KON_VAULT_SEALED when the file holds no key
 */
export async function vaultKey(file: string, random: Random): Promise<Uint8Array> {
  try {
    return parse(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof KontenaError) throw error;
    if (codeOf(error) !== 'ENOENT') throw unreadable(file, error);
  }
  const text = random.secret(KEY_BYTES);
  try {
    await createFile(file, `${text}\n`);
  } catch (error) {
    throw unreadable(file, error);
  }
  return parse(text, file);
}

function parse(text: string, file: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'base64url');
  if (key.length !== KEY_BYTES) throw new KontenaError('KON_VAULT_SEALED', `${file} does not hold the key of a vault: ${String(KEY_BYTES)} bytes in base64url are wanted`);
  return key;
}

const unreadable = (file: string, error: unknown): KontenaError =>
  new KontenaError('KON_FILE_UNREADABLE', `the vault's key ${file} cannot be read or written: ${messageOf(error)}`, { cause: error });
