import type { Mistakes, Path } from '../text/mistakes.js';
import { child, entriesOf, isList, isMap, scalarNode, type Entry, type Node } from '../text/node.js';

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

const REFERENCE = /(?<!\$)\$(?:\{(\w+)(?:(:?[-?+])([^}]*))?\}|(\w+))/g;
const ONE_REFERENCE = new RegExp(REFERENCE.source);

/** The tree with every `${NAME:-default}` as `${NAME}`, and the variables that it mentions. */
export function withVariables(root: Node): { readonly root: Node; readonly variables: readonly ComposeVariable[] } {
  const variables = new Map<string, ComposeVariable>();
  const note = (reference: string): string => {
    const [, braced, operator, word, plain] = ONE_REFERENCE.exec(reference) ?? [];
    const name = braced ?? plain ?? '';
    const fallback = operator?.endsWith('-') === true ? word : undefined;
    variables.set(name, { name, default: fallback ?? variables.get(name)?.default, isRequired: operator?.endsWith('?') ?? false });
    return `\${${name}}`;
  };
  const visit = (node: Node): Node => {
    if (isList(node)) return { ...node, items: node.items.map(visit) };
    if (isMap(node)) return { ...node, entries: new Map([...node.entries].map(([key, entry]): readonly [string, Entry] => [key, { ...entry, value: visit(entry.value) }])) };
    if (typeof node.value !== 'string' || !node.value.includes('$')) return node;
    const text = node.value.replace(REFERENCE, (reference) => note(reference));
    return { ...scalarNode(text, node.at), isPlain: node.isPlain };
  };
  return { root: visit(root), variables: [...variables.values()] };
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
