import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What lies directly in a directory: path → a text that changes when the file does. Undefined when it cannot be read. */
export async function scan(directory: string): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const names = (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
    const marks = await marksOf(names.map((name) => join(directory, name)));
    return new Map([...marks].flatMap(([path, text]) => (text === undefined ? [] : [[path, text]])));
  } catch {
    return undefined;
  }
}

/** Of files by their paths, a text each that changes when the file does; undefined for what is no file, and for what is gone. */
export const marksOf = async (paths: readonly string[]): Promise<ReadonlyMap<string, string | undefined>> =>
  new Map(await Promise.all(paths.map(async (path) => [path, await mark(path)] as const)));

async function mark(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found?.isFile() === true ? [found.ino, found.size, found.mtimeNs].join(' ') : undefined;
}

export const isStackFile = (path: string): boolean => /\.ya?ml$/i.test(path);
