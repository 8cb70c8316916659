import { KontenaError } from '../model/index.js';
import type { Files } from './files.js';
import { locateReferred, type Located } from './locate.js';
import type { Mistakes, Path } from './text/mistakes.js';
import type { Place, SourceFile } from './text/source.js';

/** Where one file mentions another. */
export interface Mention {
  readonly from: SourceFile;
  readonly at: Place;
  readonly path: Path;
}

/** The stack file that another refers to; undefined after a mistake that says why there is none. */
export async function referredFile(reference: string, mention: Mention, { files, mistakes, what }: { readonly files: Files; readonly mistakes: Mistakes; readonly what: string }): Promise<Located | undefined> {
  const { from, at, path } = mention;
  try {
    const located = await locateReferred(reference, from, files);
    if (located === undefined) mistakes.error(at, path, `cannot find the ${what} ${reference}`, { hint: `it is looked for beside ${from.name}, and in the stack registry` });
    else if (isStackText(located.file.text)) return located;
    else mistakes.error(at, path, `${located.file.name} is no stack file: nothing in it begins with stack: or services:`);
  } catch (error) {
    refuse(error, mention, mistakes);
  }
  return undefined;
}

/** Whether a text is meant as a stack file. Of any other file no line is ever shown, whoever names it: it may be a key. */
export const isStackText = (text: string): boolean => /^[\s{]*["']?(stack|services)["']?[ \t]*:/m.test(text);

const ABOUT_FILES: readonly string[] = ['KON_FILE_OUTSIDE', 'KON_FILE_FOREIGN', 'KON_FILE_UNREADABLE'];

/** Says where a file mentions another why that is not read. @throws what has nothing to do with files */
export function refuse(error: unknown, { at, path }: Pick<Mention, 'at' | 'path'>, mistakes: Mistakes): void {
  if (!(error instanceof KontenaError) || !ABOUT_FILES.includes(error.code)) throw error;
  mistakes.error(at, path, error.message, { hint: error.remedy });
}
