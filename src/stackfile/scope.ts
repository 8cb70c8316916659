import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { KontenaError } from '../model/index.js';
import type { Files } from './files.js';
import type { SourceFile } from './text/source.js';

/*
 * Who may be read from where. A local file refers to files under its own folder, under the folders from which it was named
 * or referred to, and under those that a person allows by name. What came from a stack registry or an address refers only
 * to what came with it, whatever is allowed: who wrote it is not who reads it. Links are followed before deciding.
 */

/** The folders that the files lie in to which a local file may refer. */
export const scopeOf = (path: string, { directory, allowed = [] }: Files, from?: SourceFile): readonly string[] =>
  [...new Set([resolve(directory, dirname(path)), ...(from?.scope ?? [directory, ...allowed])])];

/** Whether a file came from a stack registry or an address. */
export const isFetched = ({ scope = [] }: SourceFile): boolean => scope.length === 0;

/**
 * The text of a file that another refers to; undefined when it is not there.
 *
 * @param path as `from` means it, relative to the working directory
 * @throws KontenaError KON_FILE_OUTSIDE, KON_FILE_FOREIGN
 */
export async function readReferred(path: string, from: SourceFile, files: Files): Promise<string | undefined> {
  const whole = resolve(files.directory, path);
  return files.readFile(whole, admitted(whole, path, from));
}

/** Sees that a folder or file, links followed, may be used for building. @throws KontenaError KON_FILE_OUTSIDE, KON_FILE_FOREIGN */
export async function mustBeInScope(path: string, from: SourceFile, { realPath = (same) => Promise.resolve(same) }: Files): Promise<void> {
  const folders = admitted(path, path, from);
  const [real = path, ...roots] = await Promise.all([path, ...folders].map(realPath));
  if (!liesIn(real, roots)) throw leadsOut(path, folders);
}

/** Whether a path is one of some folders, or under one. All are absolute. */
export const liesIn = (path: string, folders: readonly string[]): boolean => folders.some((folder) => {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
});

/** The refusal of what lies elsewhere than its path says. */
export const leadsOut = (path: string, folders: readonly string[]): KontenaError =>
  new KontenaError('KON_FILE_OUTSIDE', `${path} is a link that leads out of ${folders.join(' and ')}`);

export const foreign = (reference: string, { name }: SourceFile): KontenaError =>
  new KontenaError('KON_FILE_FOREIGN', `${name} did not bring ${reference} with it: what comes from a stack registry or an address refers to nothing else on this machine or elsewhere`);

/** The folders in which a path that a file mentions has to lie. Decided by its name alone: nothing is told of what is outside. */
function admitted(whole: string, written: string, from: SourceFile): readonly string[] {
  const { scope = [] } = from;
  if (isFetched(from)) throw foreign(written, from);
  if (!liesIn(whole, scope)) throw new KontenaError('KON_FILE_OUTSIDE', `${whole} is not under ${scope.join(' or ')}, and ${from.name} may refer to no other files`);
  return scope;
}
