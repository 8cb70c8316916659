import { nearest } from '../../model/index.js';
import type { Mistakes, Path } from '../text/mistakes.js';
import { child, entriesOf, isList, isMap, plainOf, textOf, type Node } from '../text/node.js';
import type { Variables } from '../variables/group.js';
import { textOfValue, type Value } from '../variables/value.js';

/** Whether `only_if` or `skip_if` of a service leaves it out: all of the one must hold, and none of the other. */
export function isLeftOut(service: Node, variables: Variables, path: Path, mistakes: Mistakes): boolean {
  const parts = (key: 'only_if' | 'skip_if'): readonly boolean[] => {
    const condition = child(service, key);
    return condition === undefined ? [] : holds(condition, (name, at) => look(name, at, [...path, key]));
  };
  const look = (name: string, at: Node, where: Path): Value => {
    const { isDeclared, value } = variables.lookup(name);
    if (!isDeclared) {
      const near = nearest(name, variables.known);
      mistakes.warn(at.at, where, `there is no variable "${name}"; it counts as having no value`, { hint: near === undefined ? undefined : `did you mean ${near}?` });
    }
    return (value ?? null) as Value;
  };
  return !parts('only_if').every(Boolean) || parts('skip_if').some(Boolean);
}

function holds(condition: Node, valueOf: (name: string, at: Node) => Value): readonly boolean[] {
  if (isList(condition)) return condition.items.flatMap((item) => holds(item, valueOf));
  if (isMap(condition)) return entriesOf(condition).map(({ key, value }) => equals(valueOf(key, value), value));
  const name = textOf(condition);
  const value = name === undefined ? null : valueOf(name, condition);
  return [value !== null && value !== false && value !== 'false'];
}

function equals(value: Value, wanted: Node): boolean {
  const plain = plainOf(wanted);
  return value === null || plain === null ? value === plain : typeof plain !== 'object' && String(plain) === textOfValue(value);
}
