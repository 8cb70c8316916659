import { mkdir, readFile } from 'node:fs/promises';
import { replaceFile } from '../../files/index.js';
import { codeOf, KontenaError, messageOf } from '../../model/index.js';
import type { Identity } from './certificates.js';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/;
const KEY = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/;

/** The text of a file; undefined when there is none. @throws KON_FILE_UNREADABLE */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new KontenaError('KON_FILE_UNREADABLE', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Writes a file that only its owner may read; it is there whole, or as it was before. @throws KON_FILE_UNREADABLE, KON_STORE_FULL */
export async function writeText(path: string, text: string): Promise<void> {
  try {
    await replaceFile(path, text);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Makes a directory that only its owner may read. @throws KON_FILE_UNREADABLE, KON_STORE_FULL */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): KontenaError {
  const isFull = typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOSPC';
  return new KontenaError(isFull ? 'KON_STORE_FULL' : 'KON_FILE_UNREADABLE', `${path} cannot be written: ${messageOf(error)}`, { cause: error });
}

/** A key and its certificate lie in one file, so that they can never be of two minds. */
export async function readIdentity(path: string): Promise<Identity | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  const identity = identityIn(text);
  if (identity === undefined) throw new KontenaError('KON_FILE_UNREADABLE', `${path} does not hold a certificate and its key`);
  return identity;
}

/** The first certificate and the first key in a text. */
export function identityIn(text: string): Identity | undefined {
  const [certificate] = CERTIFICATE.exec(text) ?? [];
  const [key] = KEY.exec(text) ?? [];
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

export const writeIdentity = (path: string, { certificate, key }: Identity): Promise<void> => writeText(path, certificate + key);
