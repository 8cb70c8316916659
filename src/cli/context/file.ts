import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isNativeError } from 'node:util/types';
import type { CosmiconfigResult, Loader } from 'cosmiconfig';
import explorers from 'cosmiconfig/dist/Explorer.js';
import { parse, stringify } from 'yaml';
import { replaceFile } from '../../files/index.js';
import { codeOf, KontenaError, messageOf } from '../../model/index.js';

/** One master, as a person names it. The credential lies in a file that the master wrote, or in the context itself. */
export interface Context {
  readonly name: string;
  /** `host:port`; the credential file's own when absent. */
  readonly server?: string;
  readonly grid?: string;
  /** Address of the stack registry that goes with this master. */
  readonly registry?: string;
  /** Absolute path of a credential file, `admin.json` of a master's data directory. Read each time: the master renews it. */
  readonly credential?: string;
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
}

export interface ContextFile {
  readonly path: string;
  readonly current?: string;
  /** Address of the stack registry, where a context has none of its own. */
  readonly registry?: string;
  /** By the `host:port` of a stack registry: other servers, `https://host:port`, that may be told what docker login kept for it. */
  readonly tokenServers?: Readonly<Record<string, readonly string[]>>;
  readonly contexts: readonly Context[];
}

/** Which context and grid a project wants; from the nearest `.kontena.yaml`. */
export interface ProjectFile {
  readonly path: string;
  readonly context?: string;
  readonly grid?: string;
}

/** Where to look. */
export interface Place {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  readonly home: string;
}

interface Explorer {
  load(path: string): Promise<CosmiconfigResult>;
  search(from: string): Promise<CosmiconfigResult>;
}

/**
 * cosmiconfig's explorer without its front door, which first looks for settings of its own in the working directory,
 * and would run a `.config/config.js` found there.
 */
const { Explorer } = explorers as { readonly Explorer: new (options: object) => Explorer };

/** One dialect of YAML everywhere: cosmiconfig's own loader would read another. No loader runs code found in a folder above. */
const loaders: Readonly<Record<string, Loader>> = { '.yaml': readYaml, '.yml': readYaml, '.json': readYaml, noExt: readYaml };

/** The nearest of the places, from a folder upwards. The name is nobody's, so that no folder of settings is looked into at the end. */
const explorer = new Explorer({
  moduleName: 'kontena-project', loaders, searchPlaces: ['.kontena.yaml', '.kontena.yml'], searchStrategy: 'global', stopDir: '/', cache: false,
  ignoreEmptySearchPlaces: true, mergeImportArrays: true, mergeSearchPlaces: true, metaConfigFilePath: null, transform: (result: CosmiconfigResult) => result,
});

function readYaml(_path: string, text: string): unknown {
  return parse(text);
}

/** `KONTENA_CONFIG`, else `config.yaml` below `XDG_CONFIG_HOME` or `~/.config`. */
function contextPath({ env, home }: Place): string {
  if (env.KONTENA_CONFIG !== undefined && env.KONTENA_CONFIG !== '') return env.KONTENA_CONFIG;
  const base = env.XDG_CONFIG_HOME === undefined || env.XDG_CONFIG_HOME === '' ? join(home, '.config') : env.XDG_CONFIG_HOME;
  return join(base, 'kontena', 'config.yaml');
}

/** The contexts of this person; none when there is no file yet. @throws KontenaError KON_CONTEXT_FILE_INVALID, KON_FILE_UNREADABLE */
export async function readContexts(place: Place): Promise<ContextFile> {
  const path = contextPath(place);
  const found = await load(path);
  if (found === undefined) return { path, contexts: [] };
  const { current, registry, tokenServers, contexts = [] } = found;
  if (!Array.isArray(contexts)) throw broken(path, '"contexts" must be a list');
  return { path, ...(current === undefined ? {} : { current: text(path, 'current', current) }), ...(registry === undefined ? {} : { registry: text(path, 'registry', registry) }), ...(tokenServers === undefined ? {} : { tokenServers: serversOf(path, tokenServers) }), contexts: contexts.map((entry) => context(path, entry)) };
}

/** Writes the contexts, readable by their owner alone: they may hold keys. The file is replaced whole. */
export async function writeContexts({ path, current, registry, tokenServers, contexts }: ContextFile): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await replaceFile(path, stringify({ ...(current === undefined ? {} : { current }), ...(registry === undefined ? {} : { registry }), ...(tokenServers === undefined ? {} : { tokenServers }), contexts }));
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `the contexts cannot be written to ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/** The nearest `.kontena.yaml` from the working directory upwards. With `KONTENA_CONFIG` that one file decides alone. */
export async function readProject(place: Place): Promise<ProjectFile | undefined> {
  if (place.env.KONTENA_CONFIG !== undefined && place.env.KONTENA_CONFIG !== '') return undefined;
  let result: CosmiconfigResult;
  try {
    result = await explorer.search(place.directory);
  } catch (error) {
    throw broken(projectPath(error), firstLine(error), error);
  }
  if (result === null) return undefined;
  const { filepath: path } = result;
  const { context: name, grid } = mapping(path, result.config);
  return { path, ...(name === undefined ? {} : { context: text(path, 'context', name) }), ...(grid === undefined ? {} : { grid: text(path, 'grid', grid) }) };
}

async function load(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const result = await explorer.load(path);
    return result === null || result.isEmpty === true ? undefined : mapping(path, result.config);
  } catch (error) {
    if (error instanceof KontenaError) throw error;
    if (codeOf(error) === 'ENOENT') return undefined;
    if (isNativeError(error) && 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) {
      throw new KontenaError('KON_FILE_UNREADABLE', `the contexts in ${path} cannot be read: ${messageOf(error)}`, { cause: error });
    }
    throw broken(path, firstLine(error), error);
  }
}

/** What is wrong, without the excerpt that the YAML parser adds below it. */
const firstLine = (error: unknown): string => (messageOf(error).split('\n')[0] ?? '').replace(/:$/, '');

/** Which file a search stumbled over: cosmiconfig notes it on the error. */
const projectPath = (error: unknown): string => (isNativeError(error) && 'filepath' in error && typeof error.filepath === 'string' ? error.filepath : '.kontena.yaml');

const FIELDS = ['name', 'server', 'grid', 'registry', 'credential', 'ca', 'certificate', 'key'] as const;

function context(path: string, entry: unknown): Context {
  const fields = mapping(path, entry);
  const name = text(path, 'name', fields.name);
  const given = FIELDS.filter((field) => fields[field] !== undefined).map((field) => [field, text(path, `${name}.${field}`, fields[field])]);
  return { ...(Object.fromEntries(given) as Readonly<Partial<Record<(typeof FIELDS)[number], string>>>), name };
}

function serversOf(path: string, value: unknown): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(mapping(path, value)).map(([registry, servers]) => {
    if (!Array.isArray(servers)) throw broken(path, `"tokenServers.${registry}" must be a list`);
    return [registry, servers.map((server) => text(path, `tokenServers.${registry}`, server))];
  }));
}

function mapping(path: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw broken(path, 'names with values are wanted, like "context: dev"');
  return value as Readonly<Record<string, unknown>>;
}

function text(path: string, field: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw broken(path, `"${field}" must be a text`);
  return value;
}

const broken = (path: string, why: string, cause?: unknown): KontenaError =>
  new KontenaError('KON_CONTEXT_FILE_INVALID', `${path} cannot be used: ${why}`, { cause });

/** Adds a context in place of one of the same name, and makes it the current one. */
export async function addContext(place: Place, context: Context): Promise<void> {
  const file = await readContexts(place);
  await writeContexts({ ...file, current: context.name, contexts: [...file.contexts.filter(({ name }) => name !== context.name), context] });
}

/** Makes a grid the one that a context works in. One that is not there stays so. */
export async function setGrid(place: Place, name: string, grid: string): Promise<void> {
  const { contexts, ...file } = await readContexts(place);
  await writeContexts({ ...file, contexts: contexts.map((context) => (context.name === name ? { ...context, grid } : context)) });
}

/** Forgets a context; when it was the current one, there is none. One that is not there stays so. */
export async function removeContext(place: Place, name: string): Promise<void> {
  const { current, contexts, ...file } = await readContexts(place);
  if (!contexts.some((context) => context.name === name)) return;
  await writeContexts({ ...file, contexts: contexts.filter((context) => context.name !== name), ...(current === undefined || current === name ? {} : { current }) });
}
