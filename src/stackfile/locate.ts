import { dirname, resolve } from 'node:path';
import type { Files } from './files.js';
import { foreign, isFetched, scopeOf, readReferred } from './scope.js';
import type { SourceFile } from './text/source.js';

const REGISTRY_NAME = /^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+(:.*)?$/;

export interface Located {
  readonly file: SourceFile;
  /** Absolute path, name in a registry, or address: as the original named it. */
  readonly source: string;
}

/**
 * Finds what a person names. Undefined when there is nothing.
 *
 * @param isFound nobody named it, it was found in a directory: a link in it may not lead elsewhere
 * @throws KontenaError KON_FILE_OUTSIDE, KON_FILE_UNREADABLE
 */
export async function locate(source: string, files: Files, isFound: boolean): Promise<Located | undefined> {
  const whole = resolve(files.directory, source);
  const scope = scopeOf(source, files);
  const text = isAddress(source) ? undefined : await files.readFile(whole, isFound ? scope : undefined);
  return text === undefined ? fetched(source, files) : { file: { name: source, text, scope }, source: whole };
}

/**
 * Finds what a file refers to: a file beside it, a name in a registry, or an address. Undefined when there is nothing.
 *
 * @throws KontenaError KON_FILE_OUTSIDE, KON_FILE_FOREIGN, KON_FILE_UNREADABLE
 */
export async function locateReferred(reference: string, from: SourceFile, files: Files): Promise<Located | undefined> {
  if (isFetched(from)) {
    if (isAddress(reference) ? originOf(reference) !== originOf(from.name) : !REGISTRY_NAME.test(reference)) throw foreign(reference, from);
    return fetched(reference, files);
  }
  const path = siblingOf(from.name, reference);
  const text = isAddress(reference) ? undefined : await readReferred(path, from, files);
  return text === undefined ? fetched(reference, files) : { file: { name: path, text, scope: scopeOf(path, files, from) }, source: resolve(files.directory, path) };
}

async function fetched(reference: string, files: Files): Promise<Located | undefined> {
  if (!isAddress(reference) && !REGISTRY_NAME.test(reference)) return undefined;
  const text = await files.fetchStack?.(reference);
  return text === undefined ? undefined : { file: { name: reference, text, scope: [] }, source: reference };
}

const isAddress = (reference: string): boolean => reference.includes('://');

/** Scheme, host and port of an address; of what is none, itself, which is nobody else's. */
const originOf = (address: string): string => (/^https?:/.test(address) && URL.canParse(address) ? new URL(address).origin : address);

/** A path that is relative to the folder of `file`, from where `file` itself is seen. */
function siblingOf(file: string, path: string): string {
  const folder = dirname(file);
  if (path.startsWith('/') || folder === '.') return path;
  return file.startsWith('/') ? resolve(folder, path) : `${folder}/${path}`;
}
