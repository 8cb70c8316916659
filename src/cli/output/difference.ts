import type { Difference } from '../../ports/index.js';
import { cellOf } from './columns.js';
import type { Colours } from './colour.js';

const MARK = { create: '+', update: '~', delete: '-' } as const;
/** Longer values are cut to what differs. */
const LONGEST_VALUE = 60;
/** Characters shown on either side of what differs, to find it by. */
const AROUND = 12;

/** What an apply changes, as lines: `~ service todo/web (its containers are made anew)` and each field below it. */
export function renderDifferences(differences: readonly Difference[], colours: Colours): readonly string[] {
  const paint = { create: colours.green, update: colours.yellow, delete: colours.red };
  return differences.flatMap(({ kind, name, action, fields, replaces }) => [
    paint[action](`${MARK[action]} ${kind.toLowerCase()} ${name}${replaces && action === 'update' ? ' (its containers are made anew)' : ''}`),
    ...(action === 'update' ? fields.filter(({ path }) => !path.startsWith('variableOrigins')).map(({ path, from, to }) => `    ${path}: ${shown(textOf(from), textOf(to)).join(' → ')}`) : []),
  ]);
}

const textOf = (value: unknown): string => (value === undefined ? 'nothing' : cellOf(value));

/** Two texts, whole where they are short; of long ones what differs, with a little around it. */
function shown(from: string, to: string): readonly [string, string] {
  if (from.length <= LONGEST_VALUE && to.length <= LONGEST_VALUE) return [from, to];
  const shorter = Math.min(from.length, to.length);
  let begin = 0;
  while (begin < shorter && from[begin] === to[begin]) begin += 1;
  let end = 0;
  while (end < shorter - begin && from.at(-1 - end) === to.at(-1 - end)) end += 1;
  return [part(from, begin, end), part(to, begin, end)];
}

/** A text without its first `begin` and last `end` characters, but for a little of them. */
function part(text: string, begin: number, end: number): string {
  const from = begin <= AROUND ? 0 : begin - AROUND;
  const wanted = end <= AROUND ? text.length : text.length - end + AROUND;
  const until = Math.min(wanted, from + LONGEST_VALUE);
  return `${from > 0 ? '…' : ''}${text.slice(from, until)}${until < text.length ? '…' : ''}`;
}
