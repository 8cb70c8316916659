import { entriesOf, isList, isMap, scalarNode, textOf, type ListNode, type Node, type ScalarNode } from '../text/node.js';
import { scalarText } from '../text/scalar.js';
import type { Place } from '../text/source.js';
import { assignmentOf } from './units.js';

/** `environment`, a list or a map, as a list of `NAME=value`, each in its place. */
export function environmentItems(node: Node | undefined): readonly ScalarNode[] {
  if (isList(node)) return node.items.flatMap((item) => (item.kind === 'scalar' ? item : []));
  return entriesOf(node).flatMap(({ key, keyAt, value }) => (value.kind === 'scalar' ? scalarNode(`${key}=${scalarText(value.value, value.isFloat)}`, keyAt) : []));
}

const nameOf = (item: ScalarNode): string => assignmentOf(textOf(item) ?? '')[0];

/** All of `items`; of those with the same name, the first. */
export function firstOfEach(items: readonly ScalarNode[]): readonly ScalarNode[] {
  const seen = new Set<string>();
  return items.filter((item) => !seen.has(nameOf(item)) && seen.add(nameOf(item)));
}

/** Two environments as one: the parent's order, the child's values, then what only the child has. */
export function mergeEnvironment(parent: Node | undefined, own: Node | undefined, at: Place): ListNode | undefined {
  if (parent === undefined && own === undefined) return undefined;
  const mine = environmentItems(own);
  const inherited = environmentItems(parent).map((item) => mine.find((other) => nameOf(other) === nameOf(item)) ?? item);
  const added = mine.filter((item) => !inherited.includes(item));
  return { kind: 'list', at, items: [...inherited, ...added] };
}

/** Two lists of secrets as one: the child's, then those of the parent's that name another secret. */
export function mergeSecrets(parent: Node | undefined, own: Node | undefined): Node | undefined {
  if (!isList(parent) || !isList(own)) return own ?? parent;
  const names = new Set(own.items.map(secretName));
  return { ...own, items: [...own.items, ...parent.items.filter((item) => !names.has(secretName(item)))] };
}

const secretName = (item: Node): string | undefined => (isMap(item) ? textOf(item.entries.get('secret')?.value) : undefined);
