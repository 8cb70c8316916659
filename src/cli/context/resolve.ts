import { readFile } from 'node:fs/promises';
import { KontenaError, messageOf } from '../../model/index.js';
import { readContexts, readProject, type Context, type ContextFile, type Place, type ProjectFile } from './file.js';

/** What opens a master: where it is, whom to trust, and who asks. PEM texts. */
export interface Credential {
  /** `host:port`. */
  readonly server: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** What opens a master to a program: where it is, and a token, which says whom to trust. */
export interface RobotToken {
  /** `host:port`. */
  readonly server: string;
  readonly token: string;
}

/** The context a command works in. */
export interface Chosen {
  readonly name: string;
  readonly grid: string;
  readonly credential: Credential | RobotToken;
  /** Where that lies; undefined when in the context itself. */
  readonly file?: string;
}

interface Wish {
  readonly context?: string | undefined;
  readonly grid?: string | undefined;
}

const DEFAULT_GRID = 'default';

/** The name of the context that the environment is. */
const ENVIRONMENT = 'KONTENA_MASTER';
const MASTER_PORT = 9292;

/**
 * The context of a command: what its flags say, else KONTENA_MASTER with KONTENA_TOKEN, else the project's `.kontena.yaml`,
 * else the current one.
 *
 * @throws KontenaError KON_CONTEXT_MISSING, KON_CONTEXT_INVALID
 */
export async function chooseContext(place: Place, wish: Wish): Promise<Chosen> {
  const project = await readProject(place);
  const given = wish.context === undefined ? robotTokenIn(place) : undefined;
  if (given !== undefined) return { name: ENVIRONMENT, grid: wish.grid ?? project?.grid ?? DEFAULT_GRID, credential: given };
  return fromFile(await readContexts(place), project, wish);
}

async function fromFile(file: ContextFile, project: ProjectFile | undefined, wish: Wish): Promise<Chosen> {
  const named = wish.context ?? project?.context;
  const origin = wish.context === undefined && project?.context !== undefined ? `, which ${project.path} names,` : '';
  const context = pick(file, named, origin);
  const read = await readCredential(context);
  return { name: context.name, grid: wish.grid ?? project?.grid ?? context.grid ?? read.grid ?? DEFAULT_GRID, credential: read.credential, ...(context.credential === undefined ? {} : { file: context.credential }) };
}

/** A master's address alone changes nothing, nor does a token: machines join with one that is called so too. */
function robotTokenIn({ env }: Place): RobotToken | undefined {
  const { KONTENA_MASTER: master = '', KONTENA_TOKEN: token = '' } = env;
  if (master === '' || token === '') return undefined;
  return { server: /:\d+$/.test(master) ? master : `${master}:${String(MASTER_PORT)}`, token };
}

function pick({ path, current, contexts }: ContextFile, named: string | undefined, origin: string): Context {
  const wanted = named ?? current;
  if (wanted === undefined) {
    throw new KontenaError('KON_CONTEXT_MISSING', contexts.length === 0 ? `no master is known yet: ${path} holds no context` : 'no context is chosen');
  }
  const found = contexts.find(({ name }) => name === wanted);
  if (found === undefined) {
    const known = contexts.length === 0 ? 'there is none' : `there: ${contexts.map(({ name }) => name).join(', ')}`;
    throw new KontenaError('KON_CONTEXT_MISSING', `the context "${wanted}"${origin} is not in ${path} (${known})`);
  }
  return found;
}

/** What a context opens, from its file or from itself. @throws KontenaError KON_CONTEXT_INVALID */
export async function readCredential(context: Context): Promise<{ readonly credential: Credential; readonly grid?: string }> {
  const read = context.credential === undefined ? {} : await readCredentialFile(context.name, context.credential);
  const all: Readonly<Record<string, unknown>> = { ...read, ...context };
  const field = (name: 'server' | 'ca' | 'certificate' | 'key'): string => {
    const value = all[name];
    if (typeof value === 'string' && value !== '') return value;
    throw new KontenaError('KON_CONTEXT_INVALID', `the context "${context.name}" has no "${name}"${context.credential === undefined ? '' : `, nor has ${context.credential}`}`);
  };
  const credential = { server: field('server'), ca: field('ca'), certificate: field('certificate'), key: field('key') };
  return { credential, ...(typeof all.grid === 'string' ? { grid: all.grid } : {}) };
}

async function readCredentialFile(name: string, path: string): Promise<Readonly<Record<string, unknown>>> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    throw new KontenaError('KON_CONTEXT_INVALID', `the context "${name}" is stale: its credential ${path} cannot be read (${messageOf(error)})`, { cause: error });
  }
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new KontenaError('KON_CONTEXT_INVALID', `the context "${name}" is broken: ${path} is not a credential file`, { cause: error });
  }
  throw new KontenaError('KON_CONTEXT_INVALID', `the context "${name}" is broken: ${path} is not a credential file`);
}
