import { readFile } from 'node:fs/promises';
import { replaceFile } from '../files/index.js';
import { codeOf, KontenaError, type TableName, type Tables } from '../model/index.js';
import type { TableMemory } from '../ports/index.js';

interface Saved {
  readonly format: 1;
  readonly rows: readonly unknown[];
}

/** Tables in files of their own, each replaced whole. What is damaged counts as missing: the master says it anew. */
export const fileTableMemory = (fileOf: (table: TableName) => string): TableMemory => ({
  load: (table) => load(fileOf(table)),
  save: (table, rows) => replaceFile(fileOf(table), JSON.stringify({ format: 1, rows } satisfies Saved)),
});

async function load<T extends TableName>(file: string): Promise<readonly Tables[T][] | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new KontenaError('KON_FILE_UNREADABLE', `cannot read ${file}`, { cause: error });
  });
  return text === undefined ? undefined : (rowsIn(text) as readonly Tables[T][] | undefined);
}

function rowsIn(text: string): readonly unknown[] | undefined {
  try {
    const { format, rows } = JSON.parse(text) as Partial<Saved>;
    return format === 1 && Array.isArray(rows) ? rows : undefined;
  } catch {
    return undefined;
  }
}
