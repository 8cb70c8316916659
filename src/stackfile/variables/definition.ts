import { nearest } from '../../model/index.js';
import type { Mistakes } from '../text/mistakes.js';
import { child, entriesOf, exactValue, isList, isMap, plainOf, textOf, wordOf, type Entry, type MapNode, type Node, type Plain } from '../text/node.js';
import type { Place } from '../text/source.js';

const TYPES = ['string', 'integer', 'boolean', 'enum', 'uri', 'array'] as const;
export type VariableType = (typeof TYPES)[number];

/** The keys that every type takes, and those of one type. */
const KEYS: readonly string[] = ['type', 'value', 'default', 'required', 'label', 'description', 'from', 'to', 'only_if', 'skip_if', 'in'];
const OPTIONS: Readonly<Record<VariableType, readonly string[]>> = {
  string: ['min_length', 'max_length', 'empty_is_nil', 'upcase', 'downcase', 'strip', 'chomp', 'capitalize', 'encode_64', 'decode_64', 'hexdigest', 'echo'],
  integer: ['min', 'max', 'nil_is_zero'],
  boolean: ['truthy', 'nil_is', 'blank_is', 'as', 'true', 'false'],
  enum: ['options', 'can_be_other'],
  uri: ['schemes'],
  array: ['split', 'join', 'empty_is_nil', 'sort', 'uniq', 'compact', 'count'],
};

/** Keys that hold values of the variable. */
const VALUES: readonly string[] = ['value', 'default', 'options', 'in'];

/** Where a value comes from or goes to: `env: NAME` is `{name: 'env', hint}`. */
export interface Way {
  readonly name: string;
  /** Undefined when only the name is written. */
  readonly hint: Node | undefined;
  readonly at: Place;
}

export interface Definition {
  readonly name: string;
  readonly type: VariableType;
  readonly at: Place;
  readonly label: string;
  readonly isRequired: boolean;
  readonly options: Readonly<Record<string, Plain>>;
  readonly from: readonly Way[];
  readonly to: readonly Way[];
  readonly onlyIf: Node | undefined;
  readonly skipIf: Node | undefined;
}

/** The variables that a file defines, in order; what is wrong with one leaves it out. */
export function definitionsOf(section: Node | undefined, mistakes: Mistakes): readonly Definition[] {
  if (section === undefined || (section.kind === 'scalar' && section.value === null)) return [];
  if (!isMap(section)) {
    mistakes.error(section.at, ['variables'], 'must be a mapping of names to variables');
    return [];
  }
  return entriesOf(section).flatMap((entry) => definitionOf(entry, mistakes) ?? []);
}

function definitionOf({ key: name, keyAt: at, value: node }: Entry, mistakes: Mistakes): Definition | undefined {
  const path = ['variables', name];
  if (!isMap(node)) {
    mistakes.error(at, path, 'must be a mapping with a type', { hint: `${name}: {type: string}` });
    return undefined;
  }
  const type = typeOf(node, name, at, mistakes);
  if (type === undefined) return undefined;
  judgeKeys(node, name, type, mistakes);
  judgeBounds(node, name, mistakes);
  if (type === 'enum') judgeOptions(child(node, 'options'), name, at, mistakes);
  const required = child(node, 'required');
  return {
    name, type, at,
    label: textOf(child(node, 'label')) ?? name,
    isRequired: required === undefined || plainOf(required) !== false,
    options: Object.fromEntries(entriesOf(node).map(({ key, value }) => [key, plainOf(value, VALUES.includes(key) ? exactValue : undefined)])),
    from: waysOf(child(node, 'from')),
    to: waysOf(child(node, 'to')),
    onlyIf: child(node, 'only_if'),
    skipIf: child(node, 'skip_if'),
  };
}

function typeOf(node: MapNode, name: string, at: Place, mistakes: Mistakes): VariableType | undefined {
  const written = child(node, 'type');
  const path = ['variables', name, 'type'];
  if (written === undefined) {
    mistakes.error(at, path, 'type is missing', { hint: `one of ${TYPES.join(', ')}` });
    return undefined;
  }
  const type = TYPES.find((known) => known === textOf(written));
  if (type === undefined) {
    const near = nearest(wordOf(written), TYPES);
    mistakes.error(written.at, path, `there is no type "${wordOf(written)}"`, { hint: near === undefined ? `one of ${TYPES.join(', ')}` : `did you mean ${near}?` });
  }
  return type;
}

function judgeKeys(node: MapNode, name: string, type: VariableType, mistakes: Mistakes): void {
  const known = [...KEYS, ...OPTIONS[type]];
  for (const { key, keyAt } of entriesOf(node)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    const owner = Object.entries(OPTIONS).find(([, keys]) => keys.includes(key))?.[0];
    const hint = near !== undefined ? `did you mean ${near}?` : owner === undefined ? undefined : `it is for type ${owner}`;
    mistakes.warn(keyAt, ['variables', name, key], `"${key}" means nothing to a variable of type ${type}`, { hint });
  }
}

/** Bounds that no value is within. */
function judgeBounds(node: MapNode, name: string, mistakes: Mistakes): void {
  for (const [lower, upper] of [['min', 'max'], ['min_length', 'max_length']] as const) {
    const [least, most] = [child(node, lower), child(node, upper)];
    if (least?.kind !== 'scalar' || most?.kind !== 'scalar' || typeof least.value !== 'number' || typeof most.value !== 'number' || least.value <= most.value) continue;
    mistakes.error(least.at, ['variables', name, lower], `${lower} is ${least.value} and ${upper} is ${most.value}: no value is within`, { hint: 'see which is meant to be greater' });
  }
}

/** What an enum may be chosen from must be there, be whole, and be there once. */
function judgeOptions(options: Node | undefined, name: string, at: Place, mistakes: Mistakes): void {
  const path = ['variables', name, 'options'];
  const items = isList(options) ? options.items : entriesOf(options).map(({ value }) => value);
  if (items.length === 0) mistakes.error(options?.at ?? at, path, `enum "${name}" has no options to choose from`, { hint: 'options: [one, another]' });
  const seen = new Set<string>();
  for (const item of isList(options) ? options.items : []) {
    const value = isMap(item) ? child(item, 'value') : item;
    if (!isWhole(item)) mistakes.error(item.at, path, 'an option needs value and description', { hint: '{value: mysql, label: MySQL, description: One server}' });
    else if (seen.has(wordOf(value))) mistakes.error(item.at, path, `option "${wordOf(value)}" stands here a second time`);
    seen.add(wordOf(value));
  }
}

const isWhole = (option: Node): boolean => !isMap(option) || (child(option, 'value')?.kind === 'scalar' && child(option, 'description') !== undefined);

/** `from` or `to`: a name, a list of names and maps, or a map of names to hints. */
function waysOf(node: Node | undefined): readonly Way[] {
  if (isList(node)) return node.items.flatMap(waysOf);
  if (isMap(node)) return entriesOf(node).map(({ key, keyAt, value }) => ({ name: snakeCase(key), hint: value, at: keyAt }));
  const name = textOf(node);
  return node === undefined || name === undefined ? [] : [{ name: snakeCase(name), hint: undefined, at: node.at }];
}

const snakeCase = (name: string): string => name.replace(/([a-z\d])([A-Z])/g, '$1_$2').replaceAll('-', '_').toLowerCase();
