import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';

/** AES-256-GCM: NIST SP 800-38D, with the nonce of 96 bits and the tag of 128 that it recommends. */
const CIPHER = 'aes-256-gcm';
export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/** First byte of everything sealed; in what the first one marks the value does not know its version. */
const UNVERSIONED = 1;
const FORMAT = 2;

/** Random bytes. */
export type RandomBytes = (count: number) => Buffer;

/**
 * Envelope encryption: the value under a key of its own, that key under the vault's. So the vault's key seals only random
 * keys, and is changed without touching a value. What is sealed `about` one thing opens as that version of that thing
 * only. All chance is taken at once; of the bytes that are made for different versions, one is to be kept.
 *
 * @param key asked when bytes are made: the one that seals at that moment
 */
export function seal(key: () => Uint8Array, value: Uint8Array, about: string, random: RandomBytes): (version: number) => Buffer {
  const [own, ownNonce, nonce] = [random(KEY_BYTES), random(NONCE_BYTES), random(NONCE_BYTES)];
  return (version) => Buffer.concat([Buffer.from([FORMAT]), encrypt(key(), own, about, ownNonce), encrypt(own, value, versioned(about, version), nonce)]);
}

/** @throws Error when it was sealed with none of these keys, about something else or another version, or was changed since */
export function unseal(keys: readonly Uint8Array[], bytes: Uint8Array, about: string, version: number): Buffer {
  if (bytes[0] !== FORMAT) throw new RangeError(`it is sealed in format ${String(bytes[0])}; format ${String(FORMAT)} is known`);
  return opened(keys, bytes, about, versioned(about, version));
}

/** The same bytes under another key of the vault, the value as it was sealed. @throws Error as {@link unseal} */
export function resealed(keys: readonly Uint8Array[], bytes: Uint8Array, { about, to, random }: { readonly about: string; readonly to: Uint8Array; readonly random: RandomBytes }): Buffer {
  return Buffer.concat([bytes.subarray(0, 1), encrypt(to, ownKey(keys, bytes, about), about, random(NONCE_BYTES)), bytes.subarray(1 + WRAPPED_BYTES)]);
}

/** Whether this key sealed it. */
export function isSealedWith(key: Uint8Array, bytes: Uint8Array, about: string): boolean {
  try {
    ownKey([key], bytes, about);
    return true;
  } catch {
    return false;
  }
}

/** Whether an older master sealed it. */
export const isUnversioned = (bytes: Uint8Array): boolean => bytes[0] === UNVERSIONED;

/** @throws Error as {@link unseal} */
export const unsealUnversioned = (keys: readonly Uint8Array[], bytes: Uint8Array, about: string): Buffer => opened(keys, bytes, about, about);

const opened = (keys: readonly Uint8Array[], bytes: Uint8Array, about: string, aboutValue: string): Buffer =>
  decrypt(ownKey(keys, bytes, about), bytes.subarray(1 + WRAPPED_BYTES), aboutValue);

/** The value's own key, under the first of the vault's keys that opens it. */
function ownKey(keys: readonly Uint8Array[], bytes: Uint8Array, about: string): Buffer {
  const wrapped = bytes.subarray(1, 1 + WRAPPED_BYTES);
  const [key, ...others] = keys;
  if (key === undefined) throw new RangeError('no key of the vault opens it');
  try {
    return decrypt(key, wrapped, about);
  } catch (error) {
    if (others.length === 0) throw error;
    return ownKey(others, bytes, about);
  }
}

const versioned = (about: string, version: number): string => `${about}@${String(version)}`;

/** HMAC-SHA-256 with a key that is derived from the vault's (HKDF, RFC 5869), in hex. */
export function keyedDigest(key: Uint8Array, value: Uint8Array, about: string): string {
  const own = Buffer.from(hkdfSync('sha256', key, '', 'kontena digest', KEY_BYTES));
  return createHmac('sha256', own).update(about).update('\0').update(value).digest('hex');
}

function encrypt(key: Uint8Array, value: Uint8Array, about: string, nonce: Buffer): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(about));
  return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, bytes: Uint8Array, about: string): Buffer {
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(about));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}
