import { readdir } from 'node:fs/promises';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { KontenaError } from '../../model/index.js';
import { identityIn, readText } from './files.js';
import { AUTHORITY_FILE } from './master-pki.js';

/**
 * Sees that a directory holds a master's authority, and that every key in it belongs to the certificate beside it.
 *
 * @throws KontenaError KON_FILE_UNREADABLE
 */
export async function checkPki(directory: string): Promise<void> {
  const names = await readdir(directory);
  if (!names.includes(AUTHORITY_FILE)) throw new KontenaError('KON_FILE_UNREADABLE', `the certificate authority, ${AUTHORITY_FILE}, is missing`);
  for (const name of names.filter((file) => file.endsWith('.pem'))) {
    if (!isPair((await readText(join(directory, name))) ?? '')) throw new KontenaError('KON_FILE_UNREADABLE', `${name} does not hold a certificate and its key`);
  }
}

function isPair(text: string): boolean {
  const identity = identityIn(text);
  try {
    return identity !== undefined && new X509Certificate(identity.certificate).checkPrivateKey(createPrivateKey(identity.key));
  } catch {
    return false; // neither certificate nor key, whatever it says
  }
}
