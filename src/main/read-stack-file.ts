import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KontenaError, messageOf, type StackSpec } from '../model/index.js';
import type { Random } from '../ports/index.js';
import { readStack } from '../stackfile/index.js';

/**
 * Reads a stack file of a watched directory. Nobody is there to be asked, so every variable must have a value.
 *
 * @throws KontenaError KON_STACK_INVALID with every mistake in the file
 */
export async function readStackFile(path: string, grid: string, random: Random): Promise<StackSpec> {
  const outside = { environment: process.env, random, readFile: readIfThere };
  const { stack, mistakes } = await readStack({ source: path, grid, platform: grid, files: { directory: dirname(path), readFile: readIfThere }, outside });
  const errors = mistakes.filter(({ severity }) => severity === 'error');
  if (stack === undefined || errors.length > 0) throw new KontenaError('KON_STACK_INVALID', `${path} is not a valid stack file`, { mistakes: errors });
  return stack;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR')) return undefined;
    throw new KontenaError('KON_FILE_UNREADABLE', `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}
