import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A fault that is planted on purpose: the tests named by it must fail. */
export interface Mutant {
  /** Of its file, without the ending. */
  readonly name: string;
  /** What is wrong with it, in one sentence. */
  readonly fault: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly search: string;
  readonly replace: string;
  /** What must notice: paths for jest, each by itself. */
  readonly noticedBy: readonly string[];
}

/** All mutants of a folder, in the order of their names. @throws Error when one lacks a part */
export function readMutants(folder: string): readonly Mutant[] {
  return readdirSync(folder).filter((file) => file.endsWith('.yml')).sort().map((file) => {
    const { fault, file: target, search, replace, noticedBy } = parse(readFileSync(join(folder, file), 'utf8')) as Partial<Mutant>;
    if (fault === undefined || target === undefined || search === undefined || replace === undefined || noticedBy === undefined || noticedBy.length === 0) {
      throw new Error(`${join(folder, file)} must say fault, file, search, replace and noticedBy`);
    }
    return { name: file.slice(0, -'.yml'.length), fault, file: target, search, replace, noticedBy };
  });
}

/** The text with the fault in it. @throws Error when it does not stand there exactly once: the code has moved on, and so must the mutant */
export function planted({ name, file, search, replace }: Mutant, text: string): string {
  const parts = text.split(search);
  if (parts.length !== 2) throw new Error(`mutant ${name} no longer applies: what it replaces stands ${String(parts.length - 1)} times in ${file}`);
  return parts.join(replace);
}
