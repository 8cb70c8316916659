import { Mistakes } from './text/mistakes.js';
import { isMap, plainOf, type Plain } from './text/node.js';
import { TracedText } from './text/source.js';
import { parseYaml } from './text/yaml.js';
import type { Mistake } from '../model/index.js';
import type { Value } from './variables/value.js';

type Values = Readonly<Record<string, Value>>;

/** `-v name=value` as names and values. Undefined for an argument without `=`. */
export function assignment(argument: string): readonly [name: string, value: string] | undefined {
  const at = argument.indexOf('=');
  return at < 1 ? undefined : [argument.slice(0, at), argument.slice(at + 1)];
}

/** The values for one dependency: those written `name.variable`. */
export const valuesFor = (dependency: string, values: Values): Values =>
  Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (name.startsWith(`${dependency}.`) ? [[name.slice(dependency.length + 1), value]] : [])));

/** A file of values, for --values-from: a YAML map of names to values. */
export function readValues(name: string, text: string): { readonly values: Values; readonly mistakes: readonly Mistake[] } {
  const mistakes = new Mistakes();
  const root = parseYaml(TracedText.of({ name, text }), mistakes);
  if (root !== undefined && !isMap(root)) mistakes.error(root.at, [], 'must be a mapping of names to values');
  const plain = root !== undefined && isMap(root) ? plainOf(root) : {};
  return { values: Object.fromEntries(Object.entries(plain ?? {}).map(([key, value]) => [key, valueOf(value as Plain)])), mistakes: mistakes.all() };
}

function valueOf(plain: Plain): Value {
  if (plain === null || typeof plain !== 'object') return plain;
  return Array.isArray(plain) ? plain.map((item) => valueOf(item as Plain)) : JSON.stringify(plain);
}
