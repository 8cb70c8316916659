/** What a service asks of the place where it runs, one rule. */
export interface AffinityRule {
  /** As the user wrote it. */
  readonly text: string;
  readonly key: 'node' | 'label' | 'service' | 'container';
  /** `==`, not `!=`. */
  readonly isEqual: boolean;
  /** A wish: ignored where no node that fits would be left. */
  readonly isSoft: boolean;
  /** With the slot's number filled in. */
  readonly value: string;
  /** Of a value between slashes; unanchored. */
  readonly pattern: RegExp | undefined;
}

const KEYS = ['node', 'label', 'service', 'container'] as const;

/** Greedy: the last operator splits, so that a value may hold a single `=`, and a label's name may not hold an operator. */
const RULE = /^(.+)(==|!=)(~?)(.*)$/s;

/**
 * Reads `key==value` or `key!=value`, with `~` after the operator for a wish. `%s`, `%d` and `%i` in the text are
 * replaced by the number of the slot, `%%` by a percent sign.
 *
 * @returns the rule, or a sentence that says what is wrong with it
 */
export function parseAffinity(text: string, slot = 1): AffinityRule | string {
  const filled = fillIn(text, slot);
  if (filled === undefined) return `"${text}" has a % that is not %s, %d, %i or %%`;
  const match = RULE.exec(filled);
  if (match === null) return `"${text}" has no operator: write key==value or key!=value`;

  const [, left = '', operator = '', tilde = '', value = ''] = match;
  const key = KEYS.find((known) => known === left);
  if (key === undefined) return `"${text}" begins with "${left}": only ${KEYS.join(', ')} can be compared`;
  if (value === '') return `"${text}" compares with nothing`;
  const pattern = patternOf(value);
  if (typeof pattern === 'string') return `"${text}" is not a valid regular expression: ${pattern}`;
  return { text, key, isEqual: operator === '==', isSoft: tilde === '~', value, pattern };
}

/** What is wrong with an affinity rule, in one sentence; undefined when nothing is. */
export function affinityMistake(text: string): string | undefined {
  const rule = parseAffinity(text);
  return typeof rule === 'string' ? rule : undefined;
}

/** `text` with the slot's number in place of `%s`, `%d` and `%i`; undefined when another `%` stands in it. */
export function fillIn(text: string, slot: number): string | undefined {
  if (!text.includes('%')) return text;
  if (/%(?![sdi%])/.test(text.replaceAll('%%', ''))) return undefined;
  return text.replace(/%[sdi%]/g, (found) => (found === '%%' ? '%' : String(slot)));
}

/** The pattern of a value between slashes; undefined when it is plain; the engine's complaint when it is broken. */
function patternOf(value: string): RegExp | string | undefined {
  if (value.length < 2 || !value.startsWith('/') || !value.endsWith('/')) return undefined;
  try {
    return new RegExp(value.slice(1, -1));
  } catch (error) {
    return error instanceof Error ? error.message : 'it cannot be read';
  }
}
