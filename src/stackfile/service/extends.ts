import { dirname, resolve } from 'node:path';
import { nearest } from '../../model/index.js';
import { refuse } from '../referred.js';
import type { Mistakes, Path } from '../text/mistakes.js';
import { child, entriesOf, isList, isMap, isNull, mapNode, scalarNode, textOf, type Entry, type MapNode, type Node, type ScalarNode } from '../text/node.js';
import type { Place, SourceFile } from '../text/source.js';
import { isRemoteContext } from './build.js';
import { environmentItems, firstOfEach, mergeEnvironment, mergeSecrets } from './environment.js';
import { envFileItems } from './env-file.js';

/** A file whose services may be taken over. */
export interface OpenFile {
  readonly file: SourceFile;
  readonly root: Node;
}

export interface ExtendsContext {
  readonly mistakes: Mistakes;
  /** Working directory, absolute: names of files are relative to it. */
  readonly directory: string;
  /** The text of a file that another refers to, by its absolute path; undefined when it is not there. @throws KontenaError when it may not be read */
  readonly readFile: (path: string, from: SourceFile) => Promise<string | undefined>;
  /** Another stack file, read with the variables of this one; undefined after a mistake. */
  open(reference: string, from: SourceFile, at: Place, path: Path): Promise<OpenFile | undefined>;
}

/** Keys of a parent that its children do not take over. */
const OWN_AFFAIRS = ['extends', 'only_if', 'skip_if', 'env_file', 'depends_on'];
/** Keys that are not merged as they stand. */
const MERGED = ['environment', 'secrets', 'build', 'links'];

/** A service with everything that it extends, its env files read and its paths absolute; undefined after a mistake. */
export async function understoodService(name: string, from: OpenFile, context: ExtendsContext, chain: readonly string[] = []): Promise<MapNode | undefined> {
  const entry = entriesOf(child(from.root, 'services')).find(({ key }) => key === name);
  if (entry === undefined || !isMap(entry.value)) return undefined;
  const own = settled(withoutNulls(entry.value), from, context);
  const reference = child(entry.value, 'extends');
  const isChild = reference !== undefined && !isNull(reference);
  const parent = isChild ? await parentOf(reference, { entry, from, chain }, context) : undefined;
  if (isChild && parent === undefined) return undefined;
  // env files come last: what is taken over goes before them too
  return withEnvFiles(parent === undefined ? own : merged(parent, own), from, context, ['services', name]);
}

interface Child {
  readonly entry: Entry;
  readonly from: OpenFile;
  readonly chain: readonly string[];
}

/** The file in which the service is looked for. */
async function fileOf(reference: Node, { entry, from }: Child, context: ExtendsContext): Promise<OpenFile | undefined> {
  if (!isMap(reference)) return from;
  const path = ['services', entry.key, 'extends'];
  const source = child(reference, 'file') ?? child(reference, 'stack');
  const name = textOf(source);
  if (source !== undefined && name !== undefined) return context.open(name, from.file, source.at, path);
  context.mistakes.error(reference.at, path, 'does not say where the service is', { hint: 'add file: or stack:, or write only the name of a service of this file' });
  return undefined;
}

async function parentOf(reference: Node, { entry, from, chain }: Child, context: ExtendsContext): Promise<MapNode | undefined> {
  const path = ['services', entry.key, 'extends'];
  const name = textOf(reference) ?? textOf(child(reference, 'service'));
  if (name === undefined) return undefined; // the schema has said what is wrong
  const there = await fileOf(reference, { entry, from, chain }, context);
  if (there === undefined) return undefined;
  const link = `${there.file.name}#${name}`;
  const steps = [...chain, `${from.file.name}#${entry.key}`];
  if (steps.includes(link)) {
    context.mistakes.error(reference.at, path, `extends itself: ${[...steps, link].map((step) => step.slice(step.lastIndexOf('#') + 1)).join(' → ')}`);
    return undefined;
  }
  if (!isMap(child(child(there.root, 'services'), name))) {
    const near = nearest(name, entriesOf(child(there.root, 'services')).map(({ key }) => key));
    context.mistakes.error((child(reference, 'service') ?? reference).at, path, `there is no service "${name}" in ${there.file.name}`, { hint: near === undefined ? undefined : `did you mean ${near}?` });
    return undefined;
  }
  return understoodService(name, there, context, steps);
}

/** Without keys that have no value: they are as good as absent. */
function withoutNulls(node: MapNode): MapNode {
  return { ...node, entries: new Map([...node.entries].filter(([, { value }]) => !isNull(value))) };
}

/** A service whose keys have one name each, and that no longer depends on the folder of its file, but for its env files. */
function settled(service: MapNode, { file }: OpenFile, context: ExtendsContext): MapNode {
  const entries = new Map([...service.entries].map(([key, entry]) => (key === 'net' ? ['network_mode', { ...entry, key: 'network_mode' }] as const : [key, entry] as const)));
  const build = service.entries.get('build');
  if (build !== undefined) entries.set('build', { ...build, value: settledBuild(build.value, resolve(context.directory, dirname(file.name))) });
  return { ...service, entries };
}

/** A service with the lines of its env files behind its environment. */
async function withEnvFiles(service: MapNode, { file }: OpenFile, context: ExtendsContext, path: Path): Promise<MapNode> {
  const envFile = child(service, 'env_file');
  if (envFile === undefined) return service;
  const read = await envFiles(envFile, file, context, [...path, 'env_file']);
  const environment = child(service, 'environment');
  const items = firstOfEach([...environmentItems(environment), ...read]);
  const entries = new Map(service.entries);
  entries.delete('env_file');
  entries.set('environment', { key: 'environment', keyAt: envFile.at, value: { kind: 'list', at: (environment ?? envFile).at, items } });
  return { ...service, entries };
}

async function envFiles(node: Node, from: SourceFile, { mistakes, directory, readFile }: ExtendsContext, path: Path): Promise<readonly ScalarNode[]> {
  const folder = resolve(directory, dirname(from.name));
  const items: ScalarNode[] = [];
  for (const one of isList(node) ? node.items : [node]) {
    const name = textOf(one);
    if (name === undefined) continue;
    try {
      const text = await readFile(resolve(folder, name), from);
      if (text === undefined) mistakes.error(one.at, path, `cannot read the file ${name}`, { hint: `it is looked for in ${folder}` });
      else items.push(...envFileItems({ name, text }, one.at, path, mistakes));
    } catch (error) {
      refuse(error, { at: one.at, path }, mistakes);
    }
  }
  return items;
}

function settledBuild(build: Node, folder: string): Node {
  const context = textOf(build) ?? textOf(child(build, 'context'));
  if (context === undefined) return build;
  const at = build.at;
  const absolute = scalarNode(isRemoteContext(context) ? context : resolve(folder, context), at);
  if (!isMap(build)) return mapNode({ context: absolute }, at);
  const args = child(build, 'args');
  const asMap = isList(args) ? mapNode(Object.fromEntries(args.items.map((item) => splitArgument(item))), args.at) : args;
  const entries = entriesOf(build).filter(({ key, value }) => key !== 'args' && !isNull(value)).map((entry) => [entry.key, entry] as const);
  const withArguments = asMap === undefined || isNull(asMap) ? [] : [['args', { key: 'args', keyAt: asMap.at, value: asMap }] as const];
  return { ...build, entries: new Map([...entries, ...withArguments, ['context', { key: 'context', keyAt: at, value: absolute }] as const]) };
}

function splitArgument(item: Node): readonly [string, Node] {
  const text = textOf(item) ?? '';
  const at = text.indexOf('=');
  return at === -1 ? [text, scalarNode(null, item.at)] : [text.slice(0, at), scalarNode(text.slice(at + 1), item.at)];
}

/** What a child has, over what its parent has. */
function merged(parent: MapNode, own: MapNode): MapNode {
  const links = linksOf(parent);
  const inherited = entriesOf(parent).filter(({ key }) => !OWN_AFFAIRS.includes(key) && !MERGED.includes(key)).map((entry) => [entry.key, entry] as const);
  const special = mapNode({
    environment: mergeEnvironment(child(parent, 'environment'), child(own, 'environment'), own.at),
    secrets: mergeSecrets(child(parent, 'secrets'), child(own, 'secrets')),
    build: mergeBuild(child(parent, 'build'), child(own, 'build')),
    links: child(own, 'links') ?? (links.length === 0 ? undefined : { kind: 'list', at: own.at, items: links }),
  }, own.at);
  return { ...own, entries: new Map([...inherited, ...own.entries, ...special.entries]) };
}

/** Everything a parent is linked to. */
const linksOf = (parent: MapNode): readonly Node[] => ['links', 'depends_on'].flatMap((key) => {
  const list = child(parent, key);
  return isList(list) ? list.items : [];
});

function mergeBuild(parent: Node | undefined, own: Node | undefined): Node | undefined {
  const [inherited, mine] = [child(parent, 'args'), child(own, 'args')];
  if (!isMap(own) || !isMap(inherited)) return own ?? parent;
  const args = isMap(mine) ? { ...mine, entries: new Map([...inherited.entries, ...mine.entries]) } : inherited;
  return { ...own, entries: new Map([...own.entries, ['args', { key: 'args', keyAt: args.at, value: args }]]) };
}
