import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { KontenaError, messageOf } from '../../model/index.js';
import type { ReadResult, Value } from '../../stackfile/index.js';
import { parseAssignments } from '../flags.js';
import type { Host } from '../host.js';
import { parse, stringify } from '../output/yaml.js';
import type { Run } from '../run.js';
import type { ValueFlags } from './flags.js';
import type { InstalledStacks } from './installed.js';

type Values = Readonly<Record<string, Value>>;

/** Values given on the command line: -v goes before --values-from, that before --values-from-stack. @throws KontenaError KON_FILE_UNREADABLE, KON_NOT_FOUND */
export async function givenValues(run: Run, flags: ValueFlags, installed: InstalledStacks): Promise<Values> {
  const fromStacks = await Promise.all((flags['values-from-stack'] ?? []).map((stack) => valuesOfStack(run, installed, stack)));
  const fromFiles = await Promise.all((flags['values-from'] ?? []).map((file) => valuesInFile(run.host, file)));
  return Object.assign({}, ...fromStacks, ...fromFiles, parseAssignments(flags.variable, '-v')) as Values;
}

async function valuesOfStack(run: Run, installed: InstalledStacks, name: string): Promise<Values> {
  await installed.require(name);
  const values = await installed.valuesOf(name);
  if (Object.keys(values).length === 0) run.note(`warning: stack ${name} has no values of variables`);
  return values;
}

async function valuesInFile({ directory }: Host, file: string): Promise<Values> {
  try {
    const values: unknown = parse(await readFile(resolve(directory, file), 'utf8'));
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) return values as Values;
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `the values in ${file} cannot be read: ${messageOf(error).split('\n')[0] ?? ''}`, { cause: error });
  }
  throw new KontenaError('KON_FILE_UNREADABLE', `${file} holds no values: names with values are wanted, like "tag: 1.2"`);
}

/** Keeps the values of a stack's variables for a later --values-from. @throws KontenaError KON_FILE_UNREADABLE */
export async function writeValues({ directory }: Host, file: string, { variables }: Pick<ReadResult, 'variables'>): Promise<void> {
  try {
    await writeFile(resolve(directory, file), stringify(variables), { mode: 0o600 });
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `the values cannot be written to ${file}: ${messageOf(error)}`, { cause: error });
  }
}
