import { dirname, relative } from 'node:path';
import { KontenaError, messageOf, type Mistake } from '../model/index.js';

/**
 * An error with all its mistakes, each with its place and what to write instead.
 *
 * @param watched absolute path of the file it is about: a mistake in another names that
 */
export function inOneSentence(error: unknown, watched: string): string {
  const mistakes = error instanceof KontenaError ? error.mistakes.filter(({ severity }) => severity === 'error') : [];
  return mistakes.length === 0 ? messageOf(error) : mistakes.map((mistake) => placed(mistake, watched)).join('; ');
}

function placed({ file, line, column, path, message, hint }: Mistake, watched: string): string {
  const other = file === undefined || file === watched ? '' : `${file.startsWith('/') ? relative(dirname(watched), file) : file} `;
  const place = line === undefined ? '' : `line ${line}${column === undefined ? '' : `:${column}`} `;
  return `${other}${place}${path === '' ? '' : `${path}: `}${message}${hint === undefined ? '' : ` (${hint})`}`;
}
