import { dirname, resolve } from 'node:path';
import { foreign, isFetched, scopeOf, readReferred } from './scope.js';
import type { SourceFile } from './text/source.js';

/** How stack files are found. */
export interface Files {
  /** Working directory, absolute. */
  readonly directory: string;
  /** Further folders whose files may be referred to, absolute: a person allowed them by name. */
  readonly allowed?: readonly string[] | undefined;
  /**
   * The text of a file by its absolute path; undefined when it is not there.
   *
   * @param folders in one of which the file must really lie, links followed; anywhere when absent
   * @throws KontenaError KON_FILE_OUTSIDE, KON_FILE_UNREADABLE
   */
  readFile(path: string, folders?: readonly string[]): Promise<string | undefined>;
  /** An absolute path with all links followed; the same when there are none. */
  readonly realPath?: (path: string) => Promise<string>;
  /** The text of `user/name[:version]` in a stack registry, or of an address; undefined when it is not there. */
  readonly fetchStack?: ((name: string) => Promise<string | undefined>) | undefined;
}

const REGISTRY_NAME = /^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+(:.*)?$/;

/** Characters a stack file may have; the largest real one has 12,000. */
export const LONGEST = 256 * 1024;

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
