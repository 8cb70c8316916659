import type { Files } from './files.js';
import { referredFile } from './referred.js';
import { type Mistakes } from './text/mistakes.js';
import { child, entriesOf, plainOf, textOf, type Entry, type Node, type Plain } from './text/node.js';
import { rawText } from './text/raw.js';
import type { SourceFile } from './text/source.js';
import { parseYaml } from './text/yaml.js';

/** A stack that is installed with another. */
export interface Dependency {
  /** Name in `depends`. */
  readonly name: string;
  /** Absolute path, name in a registry, or address. */
  readonly source: string;
  readonly file: SourceFile;
  readonly variables: Readonly<Record<string, Plain>>;
  readonly depends: readonly Dependency[];
}

/** Deeper than anybody nests stacks. */
const DEEPEST = 10;

/** The stacks that a file depends on, and those that they depend on. `root` is the file before any variable has a value. */
export async function dependenciesOf(root: Node | undefined, file: SourceFile, files: Files, mistakes: Mistakes): Promise<readonly Dependency[]> {
  return read(root, file, { files, mistakes, chain: [file.name], path: [] });
}

interface Reading {
  readonly files: Files;
  readonly mistakes: Mistakes;
  readonly chain: readonly string[];
  readonly path: readonly string[];
}

async function read(root: Node | undefined, file: SourceFile, reading: Reading): Promise<readonly Dependency[]> {
  const found: Dependency[] = [];
  for (const entry of entriesOf(child(root, 'depends'))) {
    const dependency = await readOne(entry, file, { ...reading, path: [...reading.path, 'depends', entry.key] });
    if (dependency !== undefined) found.push(dependency);
  }
  return found;
}

async function readOne({ key: name, value: node }: Entry, from: SourceFile, reading: Reading): Promise<Dependency | undefined> {
  const reference = child(node, 'stack');
  const text = textOf(reference);
  if (text === undefined || reference === undefined) return undefined; // the schema has said what is wrong
  const path = [...reading.path, 'stack'];
  const located = await referredFile(text, { from, at: reference.at, path }, { ...reading, what: 'stack' });
  if (located === undefined) return undefined;
  if (reading.chain.includes(located.file.name) || reading.chain.length > DEEPEST) {
    reading.mistakes.error(reference.at, path, `depends on itself: ${[...reading.chain, located.file.name].join(' → ')}`);
    return undefined;
  }
  const { source, options } = rawText(located.file);
  const root = parseYaml(source, reading.mistakes, options);
  const variables = plainOf(child(node, 'variables') ?? { kind: 'map', at: node.at, entries: new Map() });
  const depends = await read(root, located.file, { ...reading, chain: [...reading.chain, located.file.name] });
  return { name, source: located.source, file: located.file, variables: isRecord(variables) ? variables : {}, depends };
}

const isRecord = (plain: Plain): plain is Readonly<Record<string, Plain>> => plain !== null && typeof plain === 'object' && !Array.isArray(plain);

/** What variables the dependencies of a stack are: their names once they are installed. */
export function dependencyVariables(dependencies: readonly Dependency[], stack: string): Readonly<Record<string, string>> {
  // a stack further down is known by its short name too, unless one nearer has it
  const nested = dependencies.flatMap((dependency) => Object.entries(nestedVariables(dependency, `${stack}.${dependency.name}`)));
  return { ...Object.fromEntries(nested), ...Object.fromEntries(dependencies.map(({ name }) => [name, `${stack}-${name}`])) };
}

const nestedVariables = ({ depends }: Dependency, prefix: string): Readonly<Record<string, string>> =>
  Object.assign({}, ...depends.map((inner) => ({ ...nestedVariables(inner, `${prefix}.${inner.name}`), [inner.name]: `${prefix}-${inner.name}` }))) as Record<string, string>;

/** Dependencies as the original listed them in its request. */
export const apiDependencies = (dependencies: readonly Dependency[]): readonly unknown[] | null =>
  dependencies.length === 0 ? null : dependencies.map(({ name, source, variables, depends }) => ({ name, stack: source, variables, ...(depends.length === 0 ? {} : { depends: apiDependencies(depends) }) }));

