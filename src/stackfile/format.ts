import type { Mistake } from '../model/index.js';

export interface FormatOptions {
  /** The text of a file that a mistake points at; undefined when it is not at hand. */
  readonly source: (file: string) => string | undefined;
  readonly colour: boolean;
  /** Characters a line may have; as wide as a terminal comfortably is when not given. */
  readonly columns?: number | undefined;
}

/** As wide as a terminal comfortably is. */
const WIDEST = 128;
/** Less than this shows nothing of a line. */
const NARROWEST = 20;
/** What stands before a line of the file: its number. */
const GUTTER = '12345 | ';

const ESCAPE = '\u001B[';
const paint = (code: string, text: string, colour: boolean): string => (colour ? `${ESCAPE}${code}m${text}${ESCAPE}0m` : text);

/** Mistakes for people: each as `file:line:column  path  what is wrong`, its line with a marker under the word, and what to write instead. */
export function formatMistakes(mistakes: readonly Mistake[], { source, colour, columns = WIDEST }: FormatOptions): string {
  const room = Math.max(NARROWEST, Math.min(columns, WIDEST) - GUTTER.length);
  return mistakes.map((mistake) => formatOne(mistake, mistake.file === undefined ? undefined : source(mistake.file), { colour, room })).join('\n');
}

function formatOne({ severity, file, line, column = 1, length = 1, path, message, hint }: Mistake, text: string | undefined, { colour, room }: { readonly colour: boolean; readonly room: number }): string {
  const place = file === undefined ? '' : line === undefined ? `${file}  ` : `${file}:${line}:${column}  `;
  const tint = severity === 'error' ? '31' : '33';
  const head = `${paint('1', place, colour)}${paint(tint, severity, colour)}  ${path === '' ? '' : `${path}  `}${message}`;
  const marked = line === undefined ? [] : marker({ line, column, length }, text?.split('\n')[line - 1], { tint, colour, room });
  return [head, ...marked, ...(hint === undefined ? [] : [`  ${paint('36', 'hint:', colour)} ${hint}`])].join('\n');
}

function marker(at: { readonly line: number; readonly column: number; readonly length: number }, text: string | undefined, { tint, colour, room }: { readonly tint: string; readonly colour: boolean; readonly room: number }): readonly string[] {
  if (text === undefined) return [];
  const start = at.column + Math.min(at.length, room / 2) > room ? at.column - Math.floor(room / 3) : 0;
  const shown = text.slice(start, start + room).replaceAll('\t', ' ');
  const gutter = `${at.line}`.padStart(GUTTER.length - 3);
  const under = ' '.repeat(Math.max(0, at.column - 1 - start)) + '^'.repeat(Math.max(1, Math.min(at.length, shown.length - (at.column - 1 - start))));
  return [`${gutter} | ${shown}`, `${' '.repeat(gutter.length)} | ${paint(tint, under, colour)}`];
}
