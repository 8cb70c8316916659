import type { Difference } from '../../ports/index.js';
import { cellOf } from './columns.js';
import type { Colours } from './colour.js';

const MARK = { create: '+', update: '~', delete: '-' } as const;
/** Longer values say more by their beginning. */
const LONGEST_VALUE = 60;

/** What an apply changes, as lines: `~ service todo/web (its containers are made anew)` and each field below it. */
export function renderDifferences(differences: readonly Difference[], colours: Colours): readonly string[] {
  const paint = { create: colours.green, update: colours.yellow, delete: colours.red };
  return differences.flatMap(({ kind, name, action, fields, replaces }) => [
    paint[action](`${MARK[action]} ${kind.toLowerCase()} ${name}${replaces && action === 'update' ? ' (its containers are made anew)' : ''}`),
    ...(action === 'update' ? fields.map(({ path, from, to }) => `    ${path}: ${short(from)} → ${short(to)}`) : []),
  ]);
}

function short(value: unknown): string {
  const text = value === undefined ? 'nothing' : cellOf(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
