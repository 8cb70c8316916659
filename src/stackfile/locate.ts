import { dirname, resolve } from 'node:path';
import type { SourceFile } from './text/source.js';

/** How stack files are found. */
export interface Files {
  /** Working directory, absolute. */
  readonly directory: string;
  /** The text of a file by its absolute path; undefined when it is not there. */
  readFile(path: string): Promise<string | undefined>;
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

/** Finds what a reference means, seen from a file: a file beside it, or a name in a registry. Undefined when there is nothing. */
export async function locate(reference: string, from: SourceFile | undefined, files: Files): Promise<Located | undefined> {
  const isAddress = reference.includes('://');
  const path = from === undefined ? reference : siblingOf(from.name, reference);
  const text = isAddress ? undefined : await files.readFile(resolve(files.directory, path));
  if (text !== undefined) return { file: { name: path, text }, source: resolve(files.directory, path) };
  if (!isAddress && !REGISTRY_NAME.test(reference)) return undefined;
  const fetched = await files.fetchStack?.(reference);
  return fetched === undefined ? undefined : { file: { name: reference, text: fetched }, source: reference };
}

/** A path that is relative to the folder of `file`, from where `file` itself is seen. */
function siblingOf(file: string, path: string): string {
  const folder = dirname(file);
  if (path.startsWith('/') || folder === '.') return path;
  return file.startsWith('/') ? resolve(folder, path) : `${folder}/${path}`;
}
