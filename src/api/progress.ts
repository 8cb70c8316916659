import { awaitedOf, earliest, type Entry, type InstancePhase, type Instant, later, type Millis, type ReportBody, type Revision, type ServiceRollout, type ServiceSpec, serviceName, withVersions } from '../model/index.js';
import type { Failed, Progress, View } from '../ports/index.js';
import { effectiveServices, fieldDifferences } from './differences.js';
import { currentRevision, isHealthy, pendingSlots, type Revert, revertedText, isLeft, revertOf, seen, waitOf } from './shapes/index.js';
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
  readonly failure: Failed | undefined;
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
  readonly #lastWords = new Map<string, readonly string[]>();
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
      return { events: [{ type: 'failed', service: this.#stack, reason: `stack ${this.#stack} was removed`, output: [], isReverted: false }] };
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
    const serving = new Set(entries.filter((entry) => isServing(entry, view)));
    for (const entry of entries) {
      this.#listen(entry, view);
      // Of what runs already when following begins there is nothing to tell.
      tell(entry.name, instanceEvent(entry, view), before !== undefined || !serving.has(entry));
    }
    const running = [...serving].filter(({ body }) => body.revision === current?.revision).length;
    const count = { wanted: wantedInstances(service, entries, view), running, older: serving.size - running };
    const awaited = entries.flatMap((entry) => awaitedOf(view, entry) ?? []);
    const awaitedUntil = earliest(...awaited.map(({ until }) => until).filter((until) => now < until));
    tell(name, { type: 'service', service: name, ...count, reason: reasonOf(name, view) ?? (count.running === count.wanted ? awaited[0]?.why : undefined) });

    const since = latest(current?.entry, entries, view);
    const { failure, wakeAt } = this.#verdict(service, count, view, now);
    const isAsItShould = awaitedUntil === undefined && isAsDeclared(service, count, view);
    return { events, told, declaredAt: stack.revision, failure, wakeAt: earliest(wakeAt, awaitedUntil), isAsDeclared: isAsItShould, since };
  }

  /** Whether it will not come up. What goes back is followed until it is there. */
  #verdict({ stack, ...service }: Declared, { wanted, older }: Count, view: View, now: Instant): Pick<ServiceLook, 'failure' | 'wakeAt'> {
    const { name } = service;
    if (isStopped(service, stack)) return { failure: undefined, wakeAt: undefined };
    const revert = revertOf(name, view);
    const revision = revert?.to ?? currentRevision(name, view)?.revision;
    const found = this.#trouble.lookAt({ ...service, declaredAt: stack.updatedAt, revision }, view, now);
    if (revert === undefined) return found;
    const isBack = older === wanted && view.instancesOf(name).length === wanted;
    return isBack || found.failure !== undefined ? { failure: this.#reverted(name, revert), wakeAt: undefined } : found;
  }

  /** Its last words are needed when it is gone. */
  #listen({ name }: Entry<'Instance'>, view: View): void {
    const output = view.get('Report', name)?.body.output;
    if (output !== undefined) this.#lastWords.set(name, output);
  }

  #reverted(service: string, { from, to, instance, reason }: Revert): Failed {
    return { type: 'failed', service, instance, reason: `${reason}; ${revertedText(from, [to])}`, output: this.#lastWords.get(instance) ?? [], isReverted: true };
  }

  /** Instances of services that the stack no longer declares. */
  #hasLeftOvers(declared: ReadonlySet<string>, view: View): boolean {
    return view.list('Instance', `${this.#stack}/`).some(({ body }) => !declared.has(body.service.slice(this.#stack.length + 1)));
  }
}

/** What keeps a service from being as declared, as far as its slots go. */
function reasonOf(service: string, view: View): string | undefined {
  const revert = revertOf(service, view);
  return view.get('Placement', service)?.body.reason ?? waitOf(service, view) ?? (revert === undefined ? undefined : revertedText(revert.from, [revert.to]));
}

/** What tells one event about something from the next. */
function textOf(event: Progress): string {
  if (event.type === 'instance') return `${event.phase} ${event.reason ?? ''}`;
  return event.type === 'service' ? `${event.running}+${event.older}/${event.wanted} ${event.reason ?? ''}` : event.type;
}

interface Count {
  readonly wanted: number;
  /** Of what is declared now, */
  readonly running: number;
  /** and of older revisions. */
  readonly older: number;
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
function wantedInstances({ name, short, spec, stack }: Declared, entries: readonly Entry<'Instance'>[], view: View): number {
  if (isStopped({ short }, stack)) return 0;
  if (spec.deploy.strategy !== 'daemon') return spec.instances;
  return entries.filter(({ body }) => body.wanted === 'running').length + pendingSlots(name, view).length;
}

/** Every slot runs what is declared, nothing else of the service is left, and nobody means to change that. */
function isAsDeclared(service: Declared, count: Count, view: View): boolean {
  const { name, short, spec, stack } = service;
  const current = currentRevision(name, view);
  if (current === undefined || !saysWhatIsDeclared(current.entry, service, view)) return false;
  const entries = view.instancesOf(name);
  if (isStopped(service, stack)) return !entries.some((entry) => isLeft(entry, view));
  if (count.running !== count.wanted || entries.length !== count.wanted || pendingSlots(name, view).length > 0) return false;
  const rollout = view.get('Rollout', stack.name)?.body.services[short];
  return spec.instances === 0 || (entries.length > 0 && rollout?.revision === current.revision && isOver(rollout, service));
}

/** The stack's word has reached the record of the service. */
function saysWhatIsDeclared({ body }: Entry<'Service'>, { short, spec, stack }: Declared, view: View): boolean {
  const opening = withVersions(spec, (item) => view.get(item.kind, item.name)?.body.version);
  return (body.isStopped ?? false) === isStopped({ short }, stack) && (body.rounds ?? 0) === roundsOf({ short }, stack) && fieldDifferences(body.spec, opening).length === 0;
}

/** Whether a person has stopped it. */
const isStopped = ({ short }: Pick<Declared, 'short'>, { body }: Entry<'Stack'>): boolean => body.stopped?.includes(short) === true;

/** How often a person has asked for a round of its own. */
const roundsOf = ({ short }: Pick<Declared, 'short'>, { body }: Entry<'Stack'>): number => body.rounds?.[short] ?? 0;

/** Nothing more is to move. What may yet go back is not there before that is out of the question. */
const isOver = ({ revision, round, rounds = 0, still, complete }: ServiceRollout, { short, spec: { deploy }, stack }: Declared): boolean =>
  round === undefined && rounds === roundsOf({ short }, stack) && Object.keys(still).length === 0 && (deploy.onFailure !== 'revert' || complete?.revision === revision);

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

