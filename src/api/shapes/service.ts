import { awaitedOf, causeOf, type Entry, hasStopped, parseInstance, parseServiceRevision, type Revision, serviceName, servicesToldOf } from '../../model/index.js';
import type { Resource, View } from '../../ports/index.js';
import { type CurrentRevision, currentRevision, newestRevision } from './current-revision.js';
import { seen, type Seen } from './instance.js';
import { isHealthy } from './is-healthy.js';
import { pendingSlots } from './pending-slots.js';
import { resource, type Shape } from './resource.js';
import { heldUpBy, type Revert, revertOf, revertText } from './revert.js';
import { waitOf } from './wait.js';

export type State = 'deploying' | 'running' | 'degraded' | 'stopping' | 'stopped' | 'failed';

/** A service at a glance. */
export interface Summary {
  readonly state: State;
  readonly declared: Revision | undefined;
  /** Revisions that instances run now, lowest first. */
  readonly running: readonly Revision[];
  readonly instances: { readonly wanted: number; readonly running: number; readonly healthy: number };
  /** What keeps it from being as declared. */
  readonly reason: string | undefined;
  /** Why what is declared does not run: it failed, and the slots went back. */
  readonly reverted?: Revert | undefined;
}

/** What the instances of a service amount to. */
export function summarize(service: string, view: View): Summary {
  const current = currentRevision(service, view);
  const entries = entriesOf(service, current, view);
  const tally = count(entries, view);
  const running = [...tally.revisions].sort((a, b) => a - b);
  if (current === undefined) return { state: 'stopping', declared: undefined, running, instances: { ...tally.counts, wanted: 0 }, reason: tally.trouble };

  const pending = pendingSlots(service, view).length;
  const wanted = wantedInstances(current.entry, tally.alive + pending);
  const isSettled =
    tally.counts.running === wanted && tally.counts.healthy === wanted && tally.alive === entries.length && running.every((revision) => revision === current.revision);
  const reverted = revertOf(service, view);
  const trouble = view.get('Placement', service)?.body.reason ?? tally.trouble ?? heldUpBy(service, view);
  const reason = reverted === undefined ? trouble : withTrouble(revertText(reverted, running), trouble);
  return {
    state: state({ wanted, isSettled, running: tally.counts.running, hasFailed: tally.hasFailed || pending > 0, reason }),
    declared: current.revision,
    running,
    instances: { wanted, ...tally.counts },
    reason: reason ?? waitOf(service, view) ?? firstOf(entries, (entry) => awaitedOf(view, entry)?.why),
    reverted,
  };
}

const withTrouble = (revert: string, trouble: string | undefined): string => (trouble === undefined ? revert : `${revert}; ${trouble}`);

/** Its instances; of one that stands still there may be more records, of where its data is. */
function entriesOf(service: string, current: CurrentRevision | undefined, view: View): readonly Entry<'Instance'>[] {
  const all = view.instancesOf(service);
  return current?.entry.body.isStopped === true ? all.filter((entry) => isLeft(entry, view)) : all;
}

/** Whether anything may be left of an instance. */
export const isLeft = ({ name, body }: Entry<'Instance'>, view: View): boolean => view.get('Node', body.node) !== undefined && !hasStopped(body, view.get('Report', name)?.body);

/** How many instances are wanted. Of a daemon only the scheduler knows how many nodes there are for it. */
function wantedInstances({ body: { spec, isStopped } }: Entry<'Service'>, decided: number): number {
  if (isStopped === true) return 0;
  return spec.deploy.strategy === 'daemon' ? decided : spec.instances;
}

interface Tally {
  /** Instances that shall run. */
  readonly alive: number;
  readonly counts: { readonly running: number; readonly healthy: number };
  readonly revisions: ReadonlySet<Revision>;
  readonly hasFailed: boolean;
  readonly trouble: string | undefined;
}

function count(entries: readonly Entry<'Instance'>[], view: View): Tally {
  const alive = entries.filter(({ body }) => body.wanted === 'running').map((entry) => ({ entry, ...seen(entry, view) }));
  const running = alive.filter(({ phase, isKnown }) => phase === 'running' && isKnown);
  return {
    alive: alive.length,
    counts: { running: running.length, healthy: running.filter(({ entry, report }) => isHealthy(entry, report, view)).length },
    revisions: new Set(running.map(({ entry }) => entry.body.revision)),
    hasFailed: alive.some(({ phase, isKnown }) => phase === 'failed' && isKnown),
    trouble: firstOf(alive, ({ entry, ...what }) => troubleOf(entry.name, what)),
  };
}

function firstOf<T>(items: readonly T[], look: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What is the matter with an instance; one that is merely on its way has no trouble. */
function troubleOf(name: string, { phase, report, reason, isKnown }: Seen): string | undefined {
  if (phase === 'running' && isKnown && report?.health === 'unhealthy') return `${name} is unhealthy${reason === undefined ? '' : `: ${causeOf(reason)}`}`;
  const isTold = report?.reason !== undefined || !isKnown;
  return isTold && reason !== undefined ? `${name}: ${reason}` : undefined;
}

interface Facts {
  readonly wanted: number;
  readonly running: number;
  readonly isSettled: boolean;
  readonly hasFailed: boolean;
  readonly reason: string | undefined;
}

function state({ wanted, running, isSettled, hasFailed, reason }: Facts): State {
  if (isSettled) return wanted === 0 ? 'stopped' : 'running';
  if (wanted === 0) return 'stopping';
  if (hasFailed && running === 0) return 'failed';
  return reason === undefined ? 'deploying' : 'degraded';
}

/** Services as declared, and those that are still being taken away. */
export const services: Shape = {
  names: (view) => {
    const names = new Set<string>();
    for (const { name, body } of view.list('Service')) {
      const service = parseServiceRevision(name)?.service;
      if (service !== undefined && (body.isCurrent || view.instancesOf(service).length > 0)) names.add(service);
    }
    return [...names].sort();
  },

  describe: (view, name) => {
    const shown = currentRevision(name, view) ?? (view.instancesOf(name).length > 0 ? newestRevision(name, view) : undefined);
    return shown === undefined ? undefined : describeService(name, shown.entry, view);
  },

  watches: {
    Service: (name) => [parseServiceRevision(name)?.service ?? name],
    Instance: (name) => [parseInstance(name)?.service ?? name],
    Report: (name) => [parseInstance(name)?.service ?? name],
    Placement: (name) => [name],
    Balancing: (balancer, view) => servicesToldOf(view, balancer),
    // Of others it shows nothing that their instances do not show.
    Rollout: (stack, view) => {
      const { services: told = {}, waits = {} } = view.get('Rollout', stack)?.body ?? {};
      const names = Object.keys({ ...told, ...waits }).map((name) => ({ name: serviceName(stack, name), isReverted: told[name]?.reverted !== undefined }));
      return names.filter(({ name, isReverted }) => isReverted || view.instancesOf(name).length === 0).map(({ name }) => name);
    },
    Pulse: (node, view) => servicesOn(node, view),
    Node: (node, view) => servicesOn(node, view),
  },
};

const servicesOn = (node: string, view: View): readonly string[] => [...new Set(view.instancesOn(node).map(({ body }) => body.service))];

function describeService(name: string, entry: Entry<'Service'>, view: View): Resource {
  const placement = view.get('Placement', name)?.body;
  return resource('Service', view.grid, { ...entry, name }, {
    spec: entry.body.spec,
    status: { ...summarize(name, view), placement },
  });
}
