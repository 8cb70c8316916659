import { nearest } from '../model/index.js';
import type { ResourceKind } from '../ports/index.js';
import { UsageError } from './usage-error.js';

interface Words {
  readonly plural: string;
  readonly short: readonly string[];
  /** As in the JSON of one record. */
  readonly title: string;
}

/** The kinds as people write them. */
export const KINDS: Readonly<Record<ResourceKind, Words>> = {
  grid: { plural: 'grids', short: ['gr'], title: 'Grid' },
  node: { plural: 'nodes', short: ['no'], title: 'Node' },
  stack: { plural: 'stacks', short: ['st'], title: 'Stack' },
  service: { plural: 'services', short: ['svc'], title: 'Service' },
  instance: { plural: 'instances', short: ['in'], title: 'Instance' },
  route: { plural: 'routes', short: ['ro'], title: 'Route' },
  secret: { plural: 'secrets', short: ['sec'], title: 'Secret' },
  certificate: { plural: 'certificates', short: ['cert'], title: 'Certificate' },
  volume: { plural: 'volumes', short: ['vol'], title: 'Volume' },
  registry: { plural: 'registries', short: ['reg'], title: 'Registry' },
  token: { plural: 'tokens', short: ['tok'], title: 'Token' },
  credential: { plural: 'credentials', short: [], title: 'Credential' },
  user: { plural: 'users', short: [], title: 'User' },
  provider: { plural: 'providers', short: [], title: 'Provider' },
  session: { plural: 'sessions', short: [], title: 'Session' },
  member: { plural: 'members', short: [], title: 'Member' },
  role: { plural: 'roles', short: [], title: 'Role' },
  source: { plural: 'sources', short: ['src'], title: 'Source' },
};

const PLURALS = Object.values(KINDS).map(({ plural }) => plural);

/** `grids, nodes, stacks …`: all that there is to ask for. */
export const KIND_NAMES = PLURALS.join(', ');

const isKind = (word: string): word is ResourceKind => word in KINDS;

/** What a command is about. */
export interface Target {
  readonly kind: ResourceKind;
  readonly name: string;
}

/** `services`, `service` and `svc` are one kind, in any case. @throws UsageError */
export function parseKind(word: string): ResourceKind {
  const kind = findKind(word);
  if (kind === undefined) {
    const meant = nearest(word, PLURALS);
    throw new UsageError(`there is no kind "${word}"; ${meant === undefined ? `there are: ${KIND_NAMES}` : `did you mean ${meant}?`}`);
  }
  return kind;
}

function findKind(word: string): ResourceKind | undefined {
  const lower = word.toLowerCase();
  if (isKind(lower)) return lower;
  return Object.keys(KINDS).filter(isKind).find((kind) => KINDS[kind].plural === lower || KINDS[kind].short.includes(lower));
}

/** How many slashes a name of a kind has: a route is called after both its services, or after the one that is served. */
function slashesIn(kind: ResourceKind, name: string): number {
  if (kind === 'route') return name.includes(':') ? 2 : 1;
  return kind === 'service' || kind === 'instance' || kind === 'session' ? 1 : 0;
}

/** `stack/todo` as `-o name` prints it, and `todo`: both are the name `todo`. A service `stack/web` of a stack called stack stays itself. */
export function plainName(kind: ResourceKind, name: string): string {
  const slash = name.indexOf('/');
  if (slash < 0 || findKind(name.slice(0, slash)) !== kind) return name;
  return name.split('/').length - 1 > slashesIn(kind, name) ? name.slice(slash + 1) : name;
}

/** The target of `KIND NAME` or `KIND/NAME`. @throws UsageError */
export function parseTarget(word: string, name: string | undefined): Target {
  if (name !== undefined) {
    const kind = parseKind(word);
    return { kind, name: plainName(kind, name) };
  }
  const slash = word.indexOf('/');
  if (slash < 0) throw new UsageError(`"${word}" does not say which one: write KIND NAME or KIND/NAME, like "stack todo"`);
  return { kind: parseKind(word.slice(0, slash)), name: word.slice(slash + 1) };
}

/** `stack/todo`, as commands take it. */
export const fullName = (kind: ResourceKind, name: string): string => `${kind}/${name}`;
