import type { Change } from './change.js';
import type { Bodies, Kind, Revision } from './records.js';

/** Something that happened in a grid, as it was told when it did. */
export interface GridEvent {
  /** Grows by one per event of the master; never used twice. */
  readonly number: number;
  /** ISO 8601, by the master's clock. */
  readonly at: string;
  readonly grid: string;
  /** What kind of thing, and what happened to it: `instance.failed`. */
  readonly type: string;
  /** Of the thing: `todo/web.2@57`. */
  readonly name: string;
  /** Who asked, which controller decided, or whose agent says so: `ada`, `scheduler`, `agent of n1`. */
  readonly by: string;
  readonly why: string;
  /** Of the change that it was; absent of what was only observed. */
  readonly revision?: Revision;
}

/** What happened, and to what: all of an event but when, and by whom. */
export type Happening = Pick<GridEvent, 'type' | 'name' | 'why'>;

type Recorded = Exclude<Kind, 'Facts' | 'Report' | 'Pulse' | 'NodeNetwork' | 'Balancing' | 'Source'>;

interface Telling<K extends Kind> {
  /** What it is called that the record is of. */
  readonly of: string;
  readonly written: (body: Bodies[K]) => string;
  readonly dropped: string;
  /** The name of what it is of, where that is not the record's. */
  readonly name?: (record: string) => string;
}

const before = (mark: string) => (name: string): string => name.slice(0, name.lastIndexOf(mark));

const RECORDED: { readonly [K in Recorded]: Telling<K> } = {
  Grid: { of: 'grid', written: () => 'declared', dropped: 'removed' },
  Stack: { of: 'stack', written: () => 'declared', dropped: 'removed' },
  Node: { of: 'node', written: ({ availability }) => (availability === 'drain' ? 'draining' : 'declared'), dropped: 'removed' },
  Token: { of: 'token', written: () => 'declared', dropped: 'removed' },
  Credential: { of: 'credential', written: ({ isRevoked }) => (isRevoked ? 'revoked' : 'declared'), dropped: 'removed' },
  Role: { of: 'role', written: () => 'declared', dropped: 'removed' },
  User: { of: 'user', written: ({ isDisabled }) => (isDisabled ? 'disabled' : 'declared'), dropped: 'removed' },
  Provider: { of: 'provider', written: () => 'declared', dropped: 'removed' },
  Session: { of: 'session', written: () => 'begun', dropped: 'ended' },
  Member: { of: 'member', written: () => 'declared', dropped: 'removed' },
  Secret: { of: 'secret', written: () => 'declared', dropped: 'removed' },
  Certificate: { of: 'certificate', written: () => 'declared', dropped: 'removed' },
  CertificateRequest: { of: 'certificate', written: () => 'requested', dropped: 'request-withdrawn' },
  PrivateKey: { of: 'private-key', written: () => 'made', dropped: 'erased' },
  Registry: { of: 'registry', written: () => 'declared', dropped: 'removed' },
  Volume: { of: 'volume', written: () => 'declared', dropped: 'removed' },
  Service: { of: 'service', written: ({ isCurrent }) => (isCurrent ? 'revised' : 'outdated'), dropped: 'forgotten', name: before('@') },
  Rollout: { of: 'stack', written: () => 'moving', dropped: 'ended' },
  Instance: { of: 'instance', written: ({ wanted }) => (wanted === 'running' ? 'assigned' : 'unassigned'), dropped: 'removed' },
  Placement: { of: 'service', written: () => 'unplaced', dropped: 'placed' },
  HooksDone: { of: 'service', written: () => 'hooks-done', dropped: 'hooks-forgotten', name: before('.') },
  Binding: { of: 'service', written: () => 'bound', dropped: 'unbound', name: before('.') },
  Health: { of: 'node', written: ({ phase }) => phase, dropped: 'forgotten' },
  Lease: { of: 'node', written: () => 'leased', dropped: 'released' },
  Route: { of: 'route', written: ({ isServed }) => (isServed ? 'served' : 'unserved'), dropped: 'removed' },
  Renewal: { of: 'certificate', written: ({ nextAt }) => (nextAt === undefined ? 'renewing' : 'renewal-planned'), dropped: 'renewal-ended' },
  Move: { of: 'service', written: () => 'data-to-move', dropped: 'data-to-stay', name: before('.') },
  Transfer: { of: 'service', written: ({ phase }) => `data-${phase}`, dropped: 'data-left', name: before('.') },
  Order: { of: 'certificate', written: ({ phase }) => `order-${phase}`, dropped: 'order-forgotten' },
};

/** What a change of a desired record means to people; undefined of an observed one. @param isCompacted what it said is no longer kept */
export function happeningOf({ kind, name, body, why }: Change, isCompacted: boolean): Happening | undefined {
  if (!(kind in RECORDED)) return undefined;
  const telling = RECORDED[kind as Recorded] as Telling<Kind>;
  const what = body !== undefined ? telling.written(body) : isCompacted ? 'changed' : telling.dropped;
  return { type: `${telling.of}.${what}`, name: telling.name?.(name) ?? name, why };
}

/** What an agent newly says of an instance; undefined for what is no news to people. */
export function instanceHappening(name: string, was: Bodies['Report'] | undefined, is: Bodies['Report']): Happening | undefined {
  const { phase, health, restarts, exitCode, reason } = is;
  const why = reason ?? (exitCode === undefined || phase === 'running' ? 'said by its agent' : `ended with exit code ${String(exitCode)}`);
  if (was?.phase !== phase) return { type: `instance.${phase}`, name, why };
  if (was.restarts !== restarts) return { type: 'instance.restarted', name, why };
  if (health !== undefined && was.health !== health) return { type: `instance.${health}`, name, why };
  return undefined;
}

/** What the link newly hears of a node; undefined before it heard anything. */
export function nodeHappening(name: string, was: Bodies['Pulse'] | undefined, { state, reason }: Bodies['Pulse']): Happening | undefined {
  if (state === 'unheard' || was?.state === state) return undefined;
  const type = { heard: 'node.connected', silent: 'node.silent', engine: 'node.engine-away' }[state];
  return { type, name, why: reason ?? 'its agent is connected' };
}

/** What newly is wrong with a node's network, or no longer. */
export function networkHappening(name: string, was: Bodies['NodeNetwork'] | undefined, { problems }: Bodies['NodeNetwork']): Happening | undefined {
  const said = (body: Pick<Bodies['NodeNetwork'], 'problems'>): string => body.problems.map(({ what, reason }) => `${what}: ${reason}`).join('; ');
  const why = said({ problems });
  if (why === said(was ?? { problems: [] })) return undefined;
  return why === '' ? { type: 'node.network-mended', name, why: 'its network lacks nothing' } : { type: 'node.network-troubled', name, why };
}

/** What newly is wrong with a watched file, or no longer. */
export function sourceHappening(name: string, was: Bodies['Source'] | undefined, { error }: Bodies['Source']): Happening | undefined {
  if (was !== undefined && was.error === error) return undefined;
  return error === undefined ? { type: 'source.read', name, why: 'it has no mistakes' } : { type: 'source.refused', name, why: error };
}
