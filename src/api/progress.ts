import { earliest, type Entry, type InstancePhase, type Instant, later, type Millis, type ReportBody, type Revision, type ServiceSpec, serviceName, withVersions } from '../model/index.js';
import type { Progress, View } from '../ports/index.js';
import { effectiveServices, fieldDifferences } from './differences.js';
import { currentRevision, isHealthy, pendingSlots, seen } from './resources/index.js';
import { Trouble } from './trouble.js';

/** How long all must be well before it is called done: what ends right after its start is not up. */
const SETTLE_MS: Millis = 1000;

export interface Look {
  readonly events: readonly Progress[];
  /** When there may be news though nothing changes. */
  readonly wakeAt?: Instant | undefined;
}

/** How far one service is. */
interface ServiceLook {
  readonly events: readonly Progress[];
  /** What was told of the service and its instances, so that it is not told again. */
  readonly told: ReadonlyMap<string, string>;
  /** Of the stack's record that it was looked at by. */
  readonly declaredAt: Revision;
  readonly failure: Progress | undefined;
  readonly isAsDeclared: boolean;
  /** When the last of what makes it so came to be. */
  readonly since: Instant;
  readonly wakeAt: Instant | undefined;
}

/**
 * Tells what happens to a stack on its way to what was declared. Looks at what is so, whenever asked; remembers only
 * what it has told, and what it takes for a failure when it comes twice.
 */
export class StackProgress {
  readonly #stack: string;
  readonly #trouble: Trouble;
  #looks: ReadonlyMap<string, ServiceLook> = new Map();

  constructor(stack: string) {
    this.#stack = stack;
    this.#trouble = new Trouble();
  }

  /**
   * What is new since the last look. The last event is `done` or `failed` when there is nothing more to follow.
   *
   * @param changed the services that may be other than they were at the last look
   */
  look(view: View, now: Instant, changed: ReadonlySet<string> | 'all' = 'all'): Look {
    const stack = view.get('Stack', this.#stack);
    if (stack === undefined) {
      return { events: [{ type: 'failed', service: this.#stack, reason: `stack ${this.#stack} was removed`, output: [] }] };
    }
    const services = Object.entries(effectiveServices(stack.body)).sort(([a], [b]) => (a < b ? -1 : 1));
    const looks = services.map(([short, spec]): readonly [string, ServiceLook] => {
      const name = serviceName(this.#stack, short);
      const before = this.#looks.get(name);
      const isOld = before?.declaredAt !== stack.revision || (before.wakeAt !== undefined && before.wakeAt <= now) || changed === 'all' || changed.has(name);
      return [name, isOld ? this.#lookAt({ name, short, spec, stack }, view, now) : { ...before, events: [] }];
    });
    this.#looks = new Map(looks);
    return this.#conclude(looks.map(([, look]) => look), new Set(services.map(([short]) => short)), view, now);
  }

  #conclude(looks: readonly ServiceLook[], declared: ReadonlySet<string>, view: View, now: Instant): Look {
    const events = looks.flatMap((look) => look.events);
    const failure = looks.find((look) => look.failure !== undefined)?.failure;
    if (failure !== undefined) return { events: [...events, failure] };

    const isDone = looks.every(({ isAsDeclared }) => isAsDeclared) && !this.#hasLeftOvers(declared, view);
    if (!isDone) return { events, wakeAt: earliest(...looks.map(({ wakeAt }) => wakeAt)) };
    const settledAt = later(Math.max(...looks.map(({ since }) => since), 0) as Instant, SETTLE_MS);
    return settledAt <= now ? { events: [...events, { type: 'done' }] } : { events, wakeAt: settledAt };
  }

  #lookAt(service: Declared, view: View, now: Instant): ServiceLook {
    const { name, stack } = service;
    const before = this.#looks.get(name)?.told;
    const told = new Map<string, string>();
    const events: Progress[] = [];
    const tell = (key: string, event: Progress, isNews = true): void => {
      const text = textOf(event);
      told.set(key, text);
      if (isNews && before?.get(key) !== text) events.push(event);
    };

    const entries = view.instancesOf(name);
    const current = currentRevision(name, view);
    let running = 0;
    for (const entry of entries) {
      const isUp = entry.body.revision === current?.revision && isServing(entry, view);
      if (isUp) running += 1;
      // Of what runs already when following begins there is nothing to tell.
      tell(entry.name, instanceEvent(entry, view), before !== undefined || !isUp);
    }
    const wanted = wantedInstances(service, entries, view);
    tell(name, { type: 'service', service: name, wanted, running, reason: view.get('Placement', name)?.body.reason });

    const { failure, wakeAt } = this.#trouble.lookAt({ ...service, declaredAt: stack.updatedAt, revision: current?.revision }, view, now);
    const since = latest(current?.entry, entries, view);
    return { events, told, declaredAt: stack.revision, failure, wakeAt, isAsDeclared: isAsDeclared(service, { wanted, running }, view), since };
  }

  /** Instances of services that the stack no longer declares. */
  #hasLeftOvers(declared: ReadonlySet<string>, view: View): boolean {
    return view.list('Instance', `${this.#stack}/`).some(({ body }) => !declared.has(body.service.slice(this.#stack.length + 1)));
  }
}

/** What tells one event about something from the next. */
function textOf(event: Progress): string {
  if (event.type === 'instance') return `${event.phase} ${event.reason ?? ''}`;
  return event.type === 'service' ? `${event.running}/${event.wanted} ${event.reason ?? ''}` : event.type;
}

interface Declared {
  /** `todo/web`. */
  readonly name: string;
  /** `web`. */
  readonly short: string;
  readonly spec: ServiceSpec;
  readonly stack: Entry<'Stack'>;
}

/** How many shall run. Of a daemon only the scheduler knows how many nodes there are for it. */
function wantedInstances({ name, spec }: Declared, entries: readonly Entry<'Instance'>[], view: View): number {
  if (spec.deploy.strategy !== 'daemon') return spec.instances;
  return entries.filter(({ body }) => body.wanted === 'running').length + pendingSlots(name, view).length;
}

/** Every slot runs what is declared, nothing else of the service is left, and nobody means to change that. */
function isAsDeclared({ name, short, spec }: Declared, count: { readonly wanted: number; readonly running: number }, view: View): boolean {
  const current = currentRevision(name, view);
  const opening = withVersions(spec, (item) => view.get(item.kind, item.name)?.body.version);
  if (current === undefined || fieldDifferences(current.entry.body.spec, opening).length > 0) return false;
  const entries = view.instancesOf(name);
  if (count.running !== count.wanted || entries.length !== count.wanted || pendingSlots(name, view).length > 0) return false;
  if (spec.instances === 0) return true;
  const rollout = view.get('Rollout', current.entry.name.slice(0, current.entry.name.indexOf('/')))?.body.services[short];
  const isComplete = rollout?.revision === current.revision && Object.keys(rollout.still).length === 0;
  return isComplete && entries.length > 0;
}

function isServing(entry: Entry<'Instance'>, view: View): boolean {
  if (entry.body.wanted !== 'running') return false;
  const { phase, report, isKnown } = seen(entry, view);
  return phase === 'running' && isKnown && isHealthy(entry, report, view);
}

function instanceEvent(entry: Entry<'Instance'>, view: View): Progress {
  const { phase, report, reason } = seen(entry, view);
  return { type: 'instance', service: entry.body.service, instance: entry.name, node: entry.body.node, phase, reason: reason ?? healthReason(phase, report?.health) };
}

function healthReason(phase: InstancePhase, health: ReportBody['health']): string | undefined {
  if (phase !== 'running' || health === undefined || health === 'healthy') return undefined;
  return health === 'starting' ? 'its health is not known yet' : 'its health check fails';
}

/** When the newest of these facts was written, by the master's clock: those of nodes may differ. */
function latest(service: Entry<'Service'> | undefined, entries: readonly Entry<'Instance'>[], view: View): Instant {
  let found = service?.updatedAt ?? (0 as Instant);
  for (const { name } of entries) {
    const at = view.get('Report', name)?.updatedAt;
    if (at !== undefined && at > found) found = at;
  }
  return found;
}

