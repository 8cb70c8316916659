import { type CertificateBody, isoTime, type Kind, KontenaError, parseService, type SecretBody, type StackBody, type TokenBody } from '../model/index.js';
import type { HistoryItem, Logged, ResourceKind, Store } from '../ports/index.js';
import { defined } from './defined.js';
import { fieldDifferences } from './differences.js';
import { homeOf } from './list.js';
import { fullName, withoutKind } from './names.js';
import { requireGrid } from './require-grid.js';

/** Entries read in one turn. */
const PAGE = 100;

const RECORD: { readonly [K in ResourceKind]: Kind | undefined } = {
  grid: 'Grid',
  node: 'Node',
  stack: 'Stack',
  service: 'Stack', // what a service was declared to be stands in its stack
  instance: 'Instance',
  route: 'Route',
  secret: 'Secret',
  certificate: 'Certificate',
  volume: 'Volume',
  registry: 'Registry',
  token: 'Token',
  credential: 'Credential',
  user: 'User',
  session: 'Session',
  provider: 'Provider',
  member: 'Member',
  role: 'Role',
  source: undefined,
};

/**
 * What was declared of one thing, newest first.
 *
 * @throws KontenaError KON_NOT_FOUND when nothing of that name ever was, KON_INVALID for what is not kept
 */
export async function* historyOf(store: Store, asked: string, kind: ResourceKind, typed: string): AsyncGenerator<HistoryItem> {
  const grid = kind === 'grid' ? withoutKind(kind, typed) : homeOf(kind, asked); // a grid's own record is in itself
  const view = store.view(grid);
  requireGrid(view);
  const record = RECORD[kind];
  if (record === undefined) throw new KontenaError('KON_INVALID', `there is no history of a ${kind}: only its newest state is kept`);
  const name = fullName(kind, typed, view);
  const id = kind === 'service' ? parseService(name) : undefined;
  const entries = newestFirst(store, { grid, kind: record, name: id?.stack ?? name });

  let isEmpty = true;
  for (const { entry, before } of withBefore(entries)) {
    const item = itemOf(entry, before, id?.service);
    if (item === undefined) continue;
    isEmpty = false;
    yield item;
    await Promise.resolve();
  }
  if (isEmpty) throw new KontenaError('KON_NOT_FOUND', `there never was a ${kind} ${typed} in grid ${grid}`);
}

/** Each entry with the one before it in time, which comes after it here. */
function* withBefore(entries: Iterable<Logged>): Generator<{ readonly entry: Logged; readonly before: Logged | undefined }> {
  let entry: Logged | undefined;
  for (const before of entries) {
    if (entry !== undefined) yield { entry, before };
    entry = before;
  }
  if (entry !== undefined) yield { entry, before: undefined };
}

function* newestFirst(store: Store, query: { readonly grid: string; readonly kind: Kind; readonly name: string }): Generator<Logged> {
  let upTo = store.revision;
  for (;;) {
    const page = store.history({ ...query, upTo, limit: PAGE, newestFirst: true });
    yield* page;
    const last = page.at(-1);
    if (page.length < PAGE || last === undefined) return;
    upTo = last.revision - 1;
  }
}

/** One entry as people see it; undefined when it does not concern the service asked for. */
function itemOf(entry: Logged, before: Logged | undefined, service: string | undefined): HistoryItem | undefined {
  const is = shown(entry, service);
  const was = before === undefined ? undefined : shown(before, service);
  if (service !== undefined && fieldDifferences(was, is).length === 0) return undefined;
  const { isCompacted, change } = entry;
  return {
    revision: entry.revision,
    at: isoTime(entry.at),
    actor: entry.actor,
    action: actionOf(was !== undefined || before?.isCompacted === true, is !== undefined || isCompacted),
    reason: isCompacted ? `${change.why} (what it said is no longer kept)` : change.why,
    spec: is,
  };
}

function actionOf(was: boolean, is: boolean): HistoryItem['action'] {
  if (!is) return 'delete';
  return was ? 'update' : 'create';
}

/** What may be shown of a record's body: never a hash that stands for a secret. */
function shown({ change }: Logged, service: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (change.body === undefined) return undefined;
  if (change.kind === 'Stack') return service === undefined ? ofStack(change.body) : ofService(change.body, service);
  if (change.kind === 'Token') return ofToken(change.body);
  if (change.kind === 'Secret' || change.kind === 'Certificate') return ofVault(change.body);
  return defined(change.body);
}

const ofStack = ({ spec, scaled, origin }: StackBody): Readonly<Record<string, unknown>> =>
  defined({ ...spec, scaled: Object.keys(scaled).length === 0 ? undefined : scaled, origin });

function ofService({ spec, scaled }: StackBody, name: string): Readonly<Record<string, unknown>> | undefined {
  const service = spec.services[name];
  return service === undefined ? undefined : defined({ ...service, instances: scaled[name] ?? service.instances });
}

function ofVault({ digest: _digest, ...rest }: SecretBody | CertificateBody): Readonly<Record<string, unknown>> {
  return rest;
}

const ofToken = ({ labels, expiresAt, robot }: TokenBody): Readonly<Record<string, unknown>> => defined({ labels, expiresAt: isoTime(expiresAt), role: robot?.role });
