import type { Mistakes, Path } from '../text/mistakes.js';
import { child, entriesOf, isList, isMap, isNull, plainOf, scalarNode, type Entry, type Node, type Plain } from '../text/node.js';

/** A variable that docker-compose would take from the environment. */
export interface ComposeVariable {
  readonly name: string;
  readonly default: string | undefined;
  readonly isRequired: boolean;
}

/** What a conversion says, and of what. */
export interface Converting {
  readonly mistakes: Mistakes;
  readonly path: Path;
}

/** The same, in a service. */
export interface InService extends Converting {
  /** Names of the other services. */
  readonly services: readonly string[];
  /** A text with the defaults of the variables that it mentions. */
  readonly filled: (text: string) => string;
}

/** Keys of a stack file, and what they hold. */
export type Made = Readonly<Record<string, Plain>>;

const REFERENCE = /(?<!\$)\$(?:\{(\w+)(?:(:?[-?+])([^}]*))?\}|(\w+))/g;
const ONE_REFERENCE = new RegExp(REFERENCE.source);

/** Whether a text is a reference and nothing else, once defaults are out of it. */
export const isOneReference = (text: string): boolean => /^\$\{\w+\}$/.test(text);

/** The tree with every `${NAME:-default}` as `${NAME}`, and the variables that it mentions. */
export function withVariables(root: Node, mistakes: Mistakes): { readonly root: Node; readonly variables: readonly ComposeVariable[] } {
  const variables = new Map<string, ComposeVariable>();
  const note = (reference: string, at: Node['at']): string => {
    const { name, operator, word } = partsOfReference(reference);
    if (operator === '+') mistakes.warn(at, [], `${reference} has no counterpart: the value of ${name} itself is put there`);
    const known = variables.get(name);
    const fallback = operator === '-' && word !== '' ? word : undefined; // an empty default is none
    variables.set(name, { name, default: known?.default ?? fallback, isRequired: known?.isRequired === true || operator === '?' });
    return `\${${name}}`;
  };
  const visit = (node: Node): Node => {
    if (isList(node)) return { ...node, items: node.items.map(visit) };
    if (isMap(node)) return { ...node, entries: new Map([...node.entries].map(([key, entry]): readonly [string, Entry] => [key, { ...entry, value: visit(entry.value) }])) };
    if (typeof node.value !== 'string' || !node.value.includes('$')) return node;
    const text = node.value.replace(REFERENCE, (reference) => note(reference, node.at));
    return { ...scalarNode(text, node.at), isPlain: node.isPlain };
  };
  return { root: visit(root), variables: [...variables.values()] };
}

function partsOfReference(reference: string): { readonly name: string; readonly operator: string; readonly word: string } {
  const [, braced, operator = '', word = '', plain = ''] = ONE_REFERENCE.exec(reference) ?? [];
  return { name: braced ?? plain, operator: operator.replace(':', ''), word };
}

/** Keys and values of a map, or of a list of `NAME=value`. A name alone has the value null. */
export function pairsOf(node: Node | undefined): readonly (readonly [string, Node])[] {
  if (isMap(node)) return entriesOf(node).map(({ key, value }) => [key, value]);
  if (!isList(node)) return [];
  return node.items.flatMap((item) => {
    const text = item.kind === 'scalar' ? String(item.value) : '';
    const at = text.indexOf('=');
    return [[at === -1 ? text : text.slice(0, at), scalarNode(at === -1 ? null : text.slice(at + 1), item.at)] as const];
  });
}

/** Says of each key of a map that is not among `known` that it has no counterpart. `owner` is what the map is called: `deploy.resources`. */
export function tellOthers(node: Node | undefined, owner: string, known: readonly string[], { mistakes, path }: Converting): void {
  for (const { key, keyAt } of entriesOf(node)) {
    if (!known.includes(key)) mistakes.warn(keyAt, [...path, key], `${owner}.${key} has no counterpart`);
  }
}

/** What stands at the end of a path of keys. */
export const deepChild = (node: Node | undefined, ...path: readonly string[]): Node | undefined => path.reduce<Node | undefined>((at, key) => child(at, key), node);

/** A text as it is; of a map the keys that mean the same. */
export function partsOf(node: Node, owner: string, known: readonly string[], converting: Converting): Plain {
  if (!isMap(node)) return plainOf(node);
  tellOthers(node, owner, known, converting);
  return Object.fromEntries(entriesOf(node).filter(({ key, value }) => known.includes(key) && !isNull(value)).map(({ key, value }) => [key, plainOf(value)]));
}
