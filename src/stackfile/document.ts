import type { Names } from './text/interpolate.js';
import { interpolate } from './text/interpolate.js';
import { renderLiquid } from './text/liquid.js';
import type { Mistakes } from './text/mistakes.js';
import { entriesOf, isList, isMap, isNull, pathAt, plainOf, type Entry, type Node } from './text/node.js';
import { rawText } from './text/raw.js';
import { nameIn, REFERENCE } from './text/reference.js';
import { meaningOf } from './text/scalar.js';
import { addFindings, findings } from './text/schema-mistakes.js';
import type { SourceFile } from './text/source.js';
import { parseYaml } from './text/yaml.js';
import { validateStackFile } from './gen/validate-file.js';

/** A file before any variable has a value: what gives its name, its variables and its dependencies. Undefined when it is not YAML. */
export function rawDocument(file: SourceFile, mistakes: Mistakes): Node | undefined {
  const { source, options } = rawText(file);
  const root = parseYaml(source, mistakes, { ...options, tellsOfMore: true });
  if (root === undefined) {
    if (!mistakes.hasErrors()) mistakes.error({ file, offset: 0, length: 1 }, [], 'the file is empty');
    return undefined;
  }
  mistakes.locateIn(file, (offset) => pathAt(root, offset));
  if (isMap(root)) return root;
  mistakes.error(root.at, [], 'must be a mapping, with stack: and services:');
  return undefined;
}

/** A file with everything put in its place: templates first, then `$NAME`, then YAML. */
export async function filledDocument(file: SourceFile, names: Names & { all(): Readonly<Record<string, unknown>> }, mistakes: Mistakes): Promise<Node | undefined> {
  const rendered = await renderLiquid(file, names.all(), mistakes);
  if (rendered === undefined) return undefined;
  return parseYaml(interpolate(rendered, names, mistakes), mistakes);
}

/** The section `variables` with GRID, STACK and PLATFORM in their places: every other name is blank while variables have no values. */
export function withInternals(node: Node, internals: Readonly<Record<string, string | null>>): Node {
  if (isList(node)) return { ...node, items: node.items.map((item) => withInternals(item, internals)) };
  if (isMap(node)) {
    const entries = [...node.entries].map(([key, entry]): readonly [string, Entry] => [key, ['interpolate', 'evaluate'].includes(key) ? entry : { ...entry, value: withInternals(entry.value, internals) }]);
    return { ...node, entries: new Map(entries) };
  }
  if (typeof node.value !== 'string' || !node.value.includes('$')) return node;
  const text = node.value.replace(REFERENCE, (reference) => (Object.hasOwn(internals, nameIn(reference)) ? (internals[nameIn(reference)] ?? '') : '')).replaceAll('$$', '$');
  return { ...node, value: node.isPlain ? meaningOf(text).value : text };
}

/** Keys of a service whose own keys may have no value, and are then as good as absent. */
const PARTS = ['deploy', 'health_check', 'healthcheck', 'hooks', 'logging', 'build'];

/** Sections of which having no value is a mistake of its own: they must be there, or it is not clear what is meant. */
const NEEDED = ['stack', 'services', 'allow'];

/** Without keys that have no value, at the top and in the services: the original took them as absent. */
function withoutNulls(whole: Node): Node {
  const root = isMap(whole) ? { ...whole, entries: new Map([...whole.entries].filter(([key, { value }]) => NEEDED.includes(key) || !isNull(value))) } : whole;
  return mapValues(root, (key, section) => (key !== 'services' ? section : mapValues(section, (_name, service) => dropNulls(service, (part, value) => (PARTS.includes(part) ? dropNulls(value) : value)))));
}

function mapValues(node: Node, change: (key: string, value: Node) => Node): Node {
  return isMap(node) ? { ...node, entries: new Map([...node.entries].map(([key, entry]) => [key, { ...entry, value: change(key, entry.value) }])) } : node;
}

function dropNulls(node: Node, change: (key: string, value: Node) => Node = (_key, value) => value): Node {
  if (!isMap(node)) return node;
  const kept = entriesOf(node).filter(({ value }) => !isNull(value));
  return { ...node, entries: new Map(kept.map((entry) => [entry.key, { ...entry, value: change(entry.key, entry.value) }])) };
}

/** Checks the form of a filled file against its schema; gives the file without what has no value. */
export function checkedDocument(filled: Node, mistakes: Mistakes): Node {
  const root = withoutNulls(filled);
  if (!validateStackFile(plainOf(root))) addFindings(findings(validateStackFile.errors ?? [], 'a stack file'), root, [], mistakes);
  return root;
}
