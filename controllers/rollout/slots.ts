import {
  type Availability, availabilityOf, earliest, type Entry, groupBy, type Instant, later, maxUnavailable, type Millis, parseService, parseServiceRevision, type ReportBody, type Revision,
  type RolloutBody, type ServiceRollout, type ServiceSpec, serviceName, serviceRevisionName,
} from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';

/**
 * One service of a stack, as far as its rollout is concerned. Its slots are looked at when they are first asked for:
 * of a stack of many services mostly one or two are under way.
 */
export class ServiceState {
  /** Short: `web`. */
  readonly name: string;
  /** The one declared now. */
  readonly revision: Revision;
  /** Other services of the same stack, by short name. */
  readonly linksTo: readonly string[];
  /** All slots are told to run what is declared. */
  readonly isComplete: boolean;
  readonly #spec: ServiceSpec;
  readonly #look: () => readonly SlotState[];
  #slots: readonly SlotState[] | undefined;

  constructor(declared: Declared, before: ServiceRollout | undefined, look: () => readonly SlotState[]) {
    this.name = declared.name;
    this.revision = declared.revision;
    this.linksTo = linksWithin(declared.stack, declared.spec);
    this.isComplete = before?.revision === declared.revision && Object.keys(before.still).length === 0;
    this.#spec = declared.spec;
    this.#look = look;
  }

  /** In the order of their numbers. */
  get slots(): readonly SlotState[] {
    return (this.#slots ??= this.#look());
  }

  /** How many slots may be unavailable while others are replaced. */
  get mayBeMissing(): number {
    return maxUnavailable(this.slots.length, this.#spec.deploy.minHealth);
  }

  /** A slot that moved has failed, and the service says to stop there. */
  get isHeld(): boolean {
    return this.#spec.deploy.onFailure !== 'continue' && this.slots.some(({ hasFailed }) => hasFailed);
  }

  /** When the next slot has settled, as far as slots were looked at. */
  get settlesAt(): Instant | undefined {
    return earliest(...(this.#slots ?? []).map(({ settlesAt }) => settlesAt));
  }
}

export interface SlotState {
  readonly slot: number;
  /** The older revision this slot still runs; undefined when it is to run the declared one. */
  readonly still: Revision | undefined;
  /** Of what the slot is to run now. */
  readonly availability: Availability;
  /** It has served as long as the service asks before the next one moves. */
  readonly isSettled: boolean;
  readonly hasFailed: boolean;
  readonly settlesAt: Instant | undefined;
}

/** The services of `stack` that are declared now, by short name, in the order of their names. */
export function serviceStates(stack: string, rollout: RolloutBody | undefined, view: View, now: Instant): ReadonlyMap<string, ServiceState> {
  const states = new Map<string, ServiceState>();
  for (const { name, body } of view.list('Service', `${stack}/`)) {
    const id = parseServiceRevision(name);
    const short = id === undefined ? undefined : parseService(id.service)?.service;
    if (!body.isCurrent || id === undefined || short === undefined) continue;
    const declared = { stack, name: short, revision: id.revision, spec: body.spec };
    const before = rollout?.services[short];
    states.set(short, new ServiceState(declared, before, () => lookAt(declared, before, view, now)));
  }
  return states;
}

interface Declared {
  readonly stack: string;
  readonly name: string;
  readonly revision: Revision;
  readonly spec: ServiceSpec;
}

function lookAt(declared: Declared, before: ServiceRollout | undefined, view: View, now: Instant): readonly SlotState[] {
  const { stack, name, spec } = declared;
  const bySlot = groupBy(view.instancesOf(serviceName(stack, name)), ({ body }) => body.slot);
  const numbers = spec.deploy.strategy === 'daemon' ? slotsWanted(bySlot) : Array.from({ length: spec.instances }, (_, index) => index + 1);
  return numbers.map((slot) => slotState({ declared, slot, before, instances: bySlot.get(slot) ?? [] }, view, now));
}

/** A daemon has as many slots as the scheduler finds nodes for it. */
const slotsWanted = (bySlot: ReadonlyMap<number, readonly Entry<'Instance'>[]>): number[] =>
  [...bySlot].filter(([, instances]) => instances.some(({ body }) => body.wanted === 'running')).map(([slot]) => slot).sort((a, b) => a - b);

const linksWithin = (stack: string, spec: ServiceSpec): readonly string[] =>
  spec.links.flatMap(({ service }) => {
    const names = parseService(service);
    return names?.stack === stack ? [names.service] : [];
  });

interface SlotFacts {
  readonly declared: Declared;
  readonly slot: number;
  readonly before: ServiceRollout | undefined;
  readonly instances: readonly Entry<'Instance'>[];
}

function slotState(facts: SlotFacts, view: View, now: Instant): SlotState {
  const { declared, slot, instances } = facts;
  const still = revisionBehind(facts);
  const toRun = still ?? declared.revision;
  const current = instances.findLast(({ body }) => body.revision === toRun && body.wanted === 'running');
  const report = current === undefined ? undefined : view.get('Report', current.name);
  // By the master's clock, which wrote the reading, not by the node's.
  const settlesAt = report === undefined ? undefined : later(report.updatedAt, settleMs(declared, still, report.body));
  const isSettled = settlesAt === undefined || settlesAt <= now;
  const availability = current === undefined ? 'unavailable' : availabilityIn(current, report, view);
  return {
    slot,
    still,
    availability,
    isSettled,
    hasFailed: still === undefined && hasEnded(report?.body) && !(availability === 'available' && isSettled),
    settlesAt: isSettled ? undefined : settlesAt,
  };
}

/** What ends again and again runs for a moment at each try; after so long without an end its agent calls it up, too. */
const PROVEN_MS: Millis = 10_000;

/** How long an instance must have run before it counts: what was moved as long as is declared, what has ended before until it is proven. */
function settleMs({ spec }: Declared, still: Revision | undefined, { restarts }: ReportBody): Millis {
  const declaredMs = still === undefined ? spec.deploy.settleSeconds * 1000 : 0;
  return restarts > 0 ? Math.max(declaredMs, PROVEN_MS) : declaredMs;
}

/** Between two tries of its agent, too. */
const hasEnded = (report: ReportBody | undefined): boolean => report !== undefined && (report.phase === 'failed' || report.restarts > 0);

const availabilityIn = ({ body }: Entry<'Instance'>, report: Entry<'Report'> | undefined, view: View): Availability =>
  availabilityOf({
    instance: body,
    report: report?.body,
    health: view.get('Health', body.node)?.body,
    spec: view.get('Service', serviceRevisionName(body.service, body.revision))?.body.spec,
  });

/** The older revision that a slot is to run until it moves; undefined when it may run the declared one. */
function revisionBehind({ declared, slot, before, instances }: SlotFacts): Revision | undefined {
  const running = instances.findLast(({ body }) => body.wanted === 'running')?.body.revision;
  const assigned = before === undefined ? running : (before.still[String(slot)] ?? before.revision);
  return assigned === declared.revision || instances.length === 0 ? undefined : assigned;
}
