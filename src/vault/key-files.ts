import { readFile } from 'node:fs/promises';
import { createFile, moveWhole, replaceFile } from '../files/index.js';
import { codeOf, KontenaError, messageOf } from '../model/index.js';
import type { Random, VaultKeys } from '../ports/index.js';
import { isLocked, lockedKey, unlockedKey } from './passphrase.js';
import { KEY_BYTES } from './seal.js';

export interface KeyFileOptions {
  readonly random: Random;
  /** Seals the key in its file; undefined where the file holds it as it is. */
  readonly passphrase?: string | undefined;
}

/** Beside the file of the key while another takes its place: from then on that one seals. */
export const nextKeyFile = (file: string): string => `${file}.next`;

/**
 * The vault's keys in their files; the first is made at the first start. A key is on disk before it is used: what is sealed
 * with a key that a power cut took would be lost. A file that was there without a passphrase is sealed with it from then on.
 *
 * @throws KontenaError KON_FILE_UNREADABLE, KON_VAULT_SEALED when a file holds no key, KON_PASSPHRASE_WRONG
 */
export async function vaultKeys(file: string, options: KeyFileOptions): Promise<VaultKeys> {
  const known = await readKey(file, options);
  const next = await readKey(nextKeyFile(file), options);
  const key = known ?? next ?? (await makeKey(file, options));
  return new KeyFiles(file, options, next === undefined ? [key] : [next, key]);
}

class KeyFiles implements VaultKeys {
  readonly #file: string;
  readonly #options: KeyFileOptions;
  #all: VaultKeys['all'];
  #last: Promise<unknown> = Promise.resolve();

  constructor(file: string, options: KeyFileOptions, all: VaultKeys['all']) {
    this.#file = file;
    this.#options = options;
    this.#all = all;
  }

  get all(): VaultKeys['all'] {
    return this.#all;
  }

  async renew(): Promise<void> {
    this.#all = [await makeKey(nextKeyFile(this.#file), this.#options), ...this.#all];
  }

  async forgetFormer(): Promise<void> {
    const [newest, ...former] = this.#all;
    if (former.length === 0) return;
    try {
      await moveWhole(nextKeyFile(this.#file), this.#file);
    } catch (error) {
      throw unreadable(this.#file, error);
    }
    this.#all = [newest];
  }

  alone<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return next;
  }
}

/** Undefined where there is no such file. */
async function readKey(file: string, { passphrase, random }: KeyFileOptions): Promise<Uint8Array | undefined> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unreadable(file, error);
  }
  if (isLocked(text)) return unlockedKey(text, passphrase, file);
  const key = Buffer.from(text, 'base64url');
  if (key.length !== KEY_BYTES) throw new KontenaError('KON_VAULT_SEALED', `${file} does not hold the key of a vault: ${String(KEY_BYTES)} bytes in base64url are wanted`);
  if (passphrase !== undefined) await write(file, () => lockedKey(key, passphrase, random).then((locked) => replaceFile(file, `${locked}\n`)));
  return key;
}

async function makeKey(file: string, { passphrase, random }: KeyFileOptions): Promise<Uint8Array> {
  const text = random.secret(KEY_BYTES);
  const key = Buffer.from(text, 'base64url');
  const kept = passphrase === undefined ? text : await lockedKey(key, passphrase, random);
  await write(file, () => createFile(file, `${kept}\n`));
  return key;
}

async function write(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw unreadable(file, error);
  }
}

const unreadable = (file: string, error: unknown): KontenaError =>
  new KontenaError('KON_FILE_UNREADABLE', `the vault's key ${file} cannot be read or written: ${messageOf(error)}`, { cause: error });
