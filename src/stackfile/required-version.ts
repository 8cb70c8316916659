/** The last Kontena whose stack files are read here as it read them; files say in `meta` which one they need. */
export const LANGUAGE_VERSION = '1.5.4';

type Segments = readonly (number | string)[];

const TERM = /^\s*(=|!=|>=|<=|>|<|~>)?\s*(\d+(?:\.[0-9A-Za-z]+)*)\s*$/;

/**
 * Whether a version meets a requirement as RubyGems writes it: `>= 1.3`, `~> 1.4`, `>= 1.2, < 2`. Undefined when it is none.
 *
 * @see https://guides.rubygems.org/patterns/#declaring-dependencies
 */
export function meets(version: string, requirement: string): boolean | undefined {
  const terms = requirement.split(',').map((term) => TERM.exec(term));
  const wanted = terms.flatMap((term) => (term === null ? [] : [{ operator: term[1] ?? '=', bound: segmentsOf(term[2] ?? '') }]));
  if (wanted.length < terms.length) return undefined;
  const own = segmentsOf(version);
  return wanted.every(({ operator, bound }) => holds(operator, compare(own, bound)) && (operator !== '~>' || compare(own, next(bound)) < 0));
}

function holds(operator: string, order: number): boolean {
  switch (operator) {
    case '!=':
      return order !== 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>=':
    case '~>':
      return order >= 0;
    default:
      return order === 0;
  }
}

const segmentsOf = (version: string): Segments => version.split('.').flatMap((part) => part.match(/\d+|[A-Za-z]+/g) ?? []).map((part) => (/^\d/.test(part) ? Number(part) : part));

/** What `~>` stays below: `1.4.2` → `1.5`, `1.4` → `2`, `1` → `2`. */
function next(bound: Segments): Segments {
  const word = bound.findIndex((segment) => typeof segment === 'string');
  const release = bound.slice(0, word === -1 ? bound.length : word).map(Number);
  const kept = release.length > 1 ? release.slice(0, -1) : release;
  return [...kept.slice(0, -1), (kept.at(-1) ?? 0) + 1];
}

/** Negative, zero or positive. A word is a version before its number is complete: `1.0.rc` is less than `1.0`. */
function compare(a: Segments, b: Segments): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const [left, right] = [a[at] ?? 0, b[at] ?? 0];
    if (left === right) continue;
    if (typeof left === 'number' && typeof right === 'number') return left - right;
    if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : 1;
    return typeof left === 'string' ? -1 : 1;
  }
  return 0;
}
