import { createCipheriv, createDecipheriv, scrypt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { KontenaError, messageOf } from '../model/index.js';
import type { Random } from '../ports/index.js';

/** scrypt (RFC 7914) with 128 MiB, as OWASP recommends it; about half a second, once for each start. */
const COST = { N: 2 ** 17, r: 8, p: 1 } as const;
const MEMORY_BYTES = 256 * 2 ** 20;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';
/** First word of a file that holds a key sealed by a passphrase; salt and key follow, in base64url. */
const MARK = 'kontena-vault-key-scrypt17';

/** What a file says, without its last line break. @throws KontenaError KON_FILE_UNREADABLE, KON_INVALID when it says nothing */
export async function passphraseIn(file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `the passphrase in ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const passphrase = text.replace(/\r?\n$/, '');
  if (passphrase === '') throw new KontenaError('KON_INVALID', `${file} holds no passphrase: it is empty`);
  return passphrase;
}

export const isLocked = (text: string): boolean => text.startsWith(`${MARK} `);

/** The vault's key as it may lie open to whoever does not know the passphrase. */
export async function lockedKey(key: Uint8Array, passphrase: string, random: Random): Promise<string> {
  const salt = Buffer.from(random.secret(SALT_BYTES), 'base64url');
  const nonce = Buffer.from(random.secret(NONCE_BYTES), 'base64url');
  const cipher = createCipheriv(CIPHER, await derived(passphrase, salt), nonce).setAAD(Buffer.from(MARK));
  const sealed = Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
  return [MARK, salt.toString('base64url'), sealed.toString('base64url')].join(' ');
}

/** @throws KontenaError KON_PASSPHRASE_WRONG without the passphrase that sealed it */
export async function unlockedKey(text: string, passphrase: string | undefined, file: string): Promise<Uint8Array> {
  if (passphrase === undefined) throw new KontenaError('KON_PASSPHRASE_WRONG', `${basename(file)} is sealed by a passphrase, and none was named`);
  const [, salt = '', sealed = ''] = text.split(' ');
  const bytes = Buffer.from(sealed, 'base64url');
  const key = await derived(passphrase, Buffer.from(salt, 'base64url'));
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(MARK));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw new KontenaError('KON_PASSPHRASE_WRONG', `the passphrase does not open ${basename(file)}`, { cause: error });
  }
}

const derived = (passphrase: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => scrypt(passphrase, salt, KEY_BYTES, { ...COST, maxmem: MEMORY_BYTES }, (error, key) => (error === null ? resolve(key) : reject(error))));
