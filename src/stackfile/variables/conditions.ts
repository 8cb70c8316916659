import { entriesOf, isList, isMap, plainOf, plainText, textOf, type Node, type Plain } from '../text/node.js';
import { isPresent, textOfValue, type Value } from './value.js';

/** How a condition finds the value of a variable; undefined when there is no such variable. */
export type ValueOf = (name: string, at: Node) => Promise<Value | undefined>;

/** Whether a value counts as true. */
function isTruthy(value: Value | undefined): boolean {
  if (!isPresent(value)) return false;
  if (typeof value === 'object') return value.length > 0;
  return value !== false && (typeof value !== 'string' || (value.trim() !== '' && value !== 'false'));
}

const number = (value: Plain | Value): number => (typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN);
const items = (value: Plain): readonly string[] => (Array.isArray(value) ? value.map(String) : plainText(value).split(',').map((item) => item.trim()));

/** Compares what a variable is worth with what a condition asks for. */
const OPERATORS: Readonly<Record<string, (value: Value, wanted: Plain) => boolean>> = {
  lt: (value, wanted) => number(value) < number(wanted),
  lte: (value, wanted) => number(value) <= number(wanted),
  gt: (value, wanted) => number(value) > number(wanted),
  gte: (value, wanted) => number(value) >= number(wanted),
  eq: equals,
  ne: (value, wanted) => !equals(value, wanted),
  start_with: (value, wanted) => textOfValue(value).startsWith(plainText(wanted)),
  end_with: (value, wanted) => textOfValue(value).endsWith(plainText(wanted)),
  contain: (value, wanted) => (typeof value === 'object' && value !== null ? value.map(textOfValue).includes(plainText(wanted)) : textOfValue(value).includes(plainText(wanted))),
  any_of: (value, wanted) => items(wanted).includes(textOfValue(value)),
};

export const operatorNames: readonly string[] = Object.keys(OPERATORS);

function equals(value: Value, wanted: Plain): boolean {
  if (!isPresent(value)) return wanted === null;
  return wanted !== null && (Array.isArray(wanted) ? wanted.map(String).join(',') === textOfValue(value) : plainText(wanted) === textOfValue(value));
}

/** Whether each part of a condition holds: a name, a list of them, or a map of names to values or to comparisons. */
export async function partsHold(condition: Node, valueOf: ValueOf): Promise<readonly boolean[]> {
  if (isList(condition)) return (await inTurn(condition.items, (item) => partsHold(item, valueOf))).flat();
  if (isMap(condition)) return inTurn(entriesOf(condition), async ({ key, value }) => compare((await valueOf(key, value)) ?? null, value));
  const name = textOf(condition);
  return [name !== undefined && isTruthy(await valueOf(name, condition))];
}

async function inTurn<T, R>(all: readonly T[], look: (one: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (const one of all) results.push(await look(one));
  return results;
}

function compare(value: Value, wanted: Node): boolean {
  if (!isMap(wanted)) return equals(value, plainOf(wanted));
  return entriesOf(wanted).every(({ key, value: operand }) => Object.hasOwn(OPERATORS, key) && OPERATORS[key]?.(value, plainOf(operand)) === true);
}
