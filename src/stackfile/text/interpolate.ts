import { nearest } from '../../model/index.js';
import type { Mistakes } from './mistakes.js';
import { nameIn, REFERENCE } from './reference.js';
import { TraceWriter, type TracedText } from './source.js';

/** Lines whose references are resolved by the variable itself, when its turn comes, and the one that tells editors of the schema. */
const LEFT_ALONE = /^\s*(interpolate:|evaluate:|# *yaml-language-server:)/;

export const isLeftAlone = (line: string): boolean => LEFT_ALONE.test(line);

/** What a name stands for. */
export interface Found {
  readonly isDeclared: boolean;
  readonly value?: unknown;
}

export interface Names {
  lookup(name: string): Found;
  readonly known: readonly string[];
}

/** Puts values in the place of `$NAME` and `${NAME}`, line by line, in comments too; `$$` becomes `$`. */
export function interpolate(source: TracedText, names: Names, mistakes: Mistakes): TracedText {
  if (!source.text.includes('$')) return source;
  const writer = new TraceWriter(source.file);
  let lineStart = 0;
  while (lineStart < source.text.length) {
    const newline = source.text.indexOf('\n', lineStart);
    const lineEnd = newline === -1 ? source.text.length : newline + 1;
    const line = source.text.slice(lineStart, lineEnd);
    if (!line.includes('$')) writer.append(source, lineStart, lineEnd);
    else if (isLeftAlone(line)) undouble(source, lineStart, lineEnd, writer);
    else interpolateLine(source, { line, lineStart, mistakes }, writer, (name, at) => resolve(name, { source, at }, names, mistakes));
    lineStart = lineEnd;
  }
  return writer.done();
}

interface Line {
  readonly line: string;
  readonly lineStart: number;
  readonly mistakes: Mistakes;
}

function interpolateLine(source: TracedText, { line, lineStart, mistakes }: Line, writer: TraceWriter, valueOf: (name: string, at: readonly [number, number]) => unknown): void {
  let done = 0;
  for (const match of line.matchAll(REFERENCE)) {
    const begin = lineStart + match.index;
    const end = begin + match[0].length;
    undouble(source, lineStart + done, begin, writer);
    const { offset, length } = source.place(begin, end);
    const before = line.slice(0, match.index);
    const value = valueOf(nameIn(match[0]), [begin, end]);
    // nothing after a colon would make a key of the value: a mistake that is only seen because of another
    const isMissing = mistakes.hasErrors() && isNothing(value) && /:\s+[^\s"'#][^"']*:$/.test(before);
    writer.insert(isMissing ? nameIn(match[0]) : written(value, before), offset, offset + length);
    done = match.index + match[0].length;
  }
  undouble(source, lineStart + done, lineStart + line.length, writer);
}

/** Copies a part of the text, each `$$` as `$`. */
function undouble(source: TracedText, begin: number, end: number, writer: TraceWriter): void {
  const part = source.text.slice(begin, end);
  let from = begin;
  for (let at = part.indexOf('$$'); at !== -1; at = part.indexOf('$$', at + 2)) {
    writer.append(source, from, begin + at + 1);
    from = begin + at + 2;
  }
  writer.append(source, from, end);
}

interface Where {
  readonly source: TracedText;
  readonly at: readonly [number, number];
}

function resolve(name: string, { source, at: [begin, end] }: Where, names: Names, mistakes: Mistakes): unknown {
  const found = names.lookup(name);
  const place = source.place(begin, end);
  if (!found.isDeclared) {
    const near = nearest(name, names.known);
    const remedy = near === undefined ? `declare it in variables: ${name}: {type: string}` : `did you mean \${${near}}?`;
    const where = isInComment(source.text, begin) ? ' in a comment, where templates stand and names count too' : '';
    mistakes.error(place, [], `undeclared variable "${name}"${where}`, { hint: `${remedy} Or write $$${name} to mean the text itself` });
  } else if (isNothing(found.value)) {
    mistakes.warn(place, [], `variable "${name}" has no value; nothing is put in its place`, { hint: `set it with -v ${name}=VALUE` });
  }
  return found.isDeclared ? found.value : name; // a word, so that the rest of the file can still be judged
}

const isInComment = (text: string, at: number): boolean => /^\s*#/.test(text.slice(text.lastIndexOf('\n', at) + 1, at));

const isNothing = (value: unknown): boolean => value === null || value === undefined || value === '';

/** A value as it is written into YAML, after what stands before it on its line. */
function written(value: unknown, before: string): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
  const text = wordOfValue(value);
  if (!/[\n"'|]/.test(text)) return text;
  const quote = openQuote(before);
  if (quote === '"') return JSON.stringify(text).slice(1, -1);
  if (quote === "'") return text.replaceAll("'", "''");
  return JSON.stringify(text);
}

const wordOfValue = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : JSON.stringify(value));

/** The quotation mark that is open at the end of a line's beginning. */
function openQuote(before: string): string | undefined {
  let open: string | undefined;
  for (let index = 0; index < before.length; index += 1) {
    const character = before[index];
    if (open === '"' && character === '\\') index += 1;
    else if (open !== undefined && character === open) open = undefined;
    else if (open === undefined && (character === '"' || character === "'") && /(^|[\s[{,(=:-])$/.test(before.slice(0, index))) open = character;
  }
  return open;
}
