import type { Path } from './mistakes.js';
import { scalarText, type Scalar } from './scalar.js';
import type { Place } from './source.js';

/** What a file holds, each part with its place in the file that the user wrote. */
export type Node = MapNode | ListNode | ScalarNode;

export interface Entry {
  readonly key: string;
  readonly keyAt: Place;
  readonly value: Node;
}

export interface MapNode {
  readonly kind: 'map';
  readonly at: Place;
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface ListNode {
  readonly kind: 'list';
  readonly at: Place;
  readonly items: readonly Node[];
}

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly at: Place;
  readonly value: Scalar;
  /** A number written with a point. */
  readonly isFloat: boolean;
  /** Written without quotes. */
  readonly isPlain: boolean;
}

/** What a node holds, without places. */
export type Plain = Scalar | readonly Plain[] | { readonly [key: string]: Plain };

/** Without places, as plain JavaScript. `scalar` says what becomes of a scalar; by default its value is kept. */
export function plainOf(node: Node, scalar: (scalar: ScalarNode) => Scalar = ({ value }) => value): Plain {
  switch (node.kind) {
    case 'scalar': return scalar(node);
    case 'list': return node.items.map((item) => plainOf(item, scalar));
    case 'map': return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, plainOf(value, scalar)]));
  }
}

/** The value of a scalar, but 2.0 as text: as a number it would be 2. */
export const exactValue = ({ value, isFloat }: ScalarNode): Scalar => (isFloat && Number.isInteger(value) ? scalarText(value, true) : value);

export const isMap = (node: Node | undefined): node is MapNode => node?.kind === 'map';
export const isList = (node: Node | undefined): node is ListNode => node?.kind === 'list';
export const isNull = (node: Node | undefined): boolean => node?.kind === 'scalar' && node.value === null;

/** The value of a key; undefined when `node` is no map or lacks it. */
export const child = (node: Node | undefined, key: string): Node | undefined => (isMap(node) ? node.entries.get(key)?.value : undefined);

/** The entries of a map; none when it is something else. */
export const entriesOf = (node: Node | undefined): readonly Entry[] => (isMap(node) ? [...node.entries.values()] : []);

/** The text of a scalar that is a string. */
export const textOf = (node: Node | undefined): string | undefined => (node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined);

/** Any scalar as text; a list or a map has none. */
export const wordOf = (node: Node | undefined): string => (node?.kind === 'scalar' && node.value !== null ? String(node.value) : '');

/** A plain value as text, for messages and comparisons. */
export const plainText = (plain: Plain): string => (plain === null ? '' : typeof plain === 'object' ? JSON.stringify(plain) : String(plain));

/** The place of what `path` names, or of the nearest thing around it. With `isKey`, of the key itself. */
export function placeOf(root: Node, path: Path, isKey = false): Place {
  let node = root;
  let place = root.at;
  for (const [index, part] of path.entries()) {
    const entry = isMap(node) ? node.entries.get(String(part)) : undefined;
    const next = isList(node) && typeof part === 'number' ? node.items[part] : entry?.value;
    if (next === undefined) return place;
    place = entry === undefined || (index === path.length - 1 && !isKey && isShort(next)) ? next.at : entry.keyAt;
    node = next;
  }
  return place;
}

/** The path of what stands at an offset of the file: the last key or item that begins at or before it. */
export function pathAt(root: Node, offset: number): Path {
  let best: { readonly part: string | number; readonly begin: number; readonly node: Node } | undefined;
  const consider = (part: string | number, begin: number, node: Node): void => {
    if (begin <= offset && (best === undefined || begin >= best.begin)) best = { part, begin, node };
  };
  if (isMap(root)) for (const { key, keyAt, value } of root.entries.values()) consider(key, keyAt.offset, value);
  if (isList(root)) for (const [index, item] of root.items.entries()) consider(index, item.at.offset, item);
  return best === undefined ? [] : [best.part, ...pathAt(best.node, offset)];
}

/** A value that a marker under it shows better than its key does. */
const isShort = (node: Node): boolean => node.kind === 'scalar' && node.at.length > 0;

/** A scalar that stands at `at`. */
export const scalarNode = (value: Scalar, at: Place): ScalarNode => ({ kind: 'scalar', at, value, isFloat: false, isPlain: false });

/** A map of what is given; undefined values are left out. */
export function mapNode(values: Readonly<Record<string, Node | undefined>>, at: Place): MapNode {
  const entries = Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, { key, keyAt: value.at, value }] as const]));
  return { kind: 'map', at, entries: new Map(entries) };
}
