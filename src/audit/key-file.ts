import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createFile } from '../files/index.js';
import { codeOf, KontenaError, messageOf } from '../model/index.js';

/**
 * The key that signs the audit log, from its file, made at the first start.
 *
 * @throws KontenaError KON_FILE_UNREADABLE, also when the file holds no such key
 */
export async function auditKey(file: string): Promise<KeyObject> {
  try {
    return createPrivateKey(await readFile(file, 'utf8'));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw unusable(file, error);
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  try {
    await createFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  } catch (error) {
    throw unusable(file, error);
  }
  return privateKey;
}

const unusable = (file: string, error: unknown): KontenaError =>
  new KontenaError('KON_FILE_UNREADABLE', `the key of the audit log ${file} cannot be read or written: ${messageOf(error)}`, { cause: error });
