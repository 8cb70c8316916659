import { type Availability, availabilityOf, awaitedOf, type Entry, hasStopped, type Instant } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { brokenRule } from './affinity.js';
import type { Losses, Standing } from './losses.js';
import { bySlot, revisionOf, type ServiceOrder, type Specs } from './service.js';

type Instance = Entry<'Instance'>;

/** One instance of the service, and what is known of it. */
export interface Member {
  readonly instance: Instance;
  readonly standing: Standing;
  readonly availability: Availability;
  /** Until when its balancers are waited for: until they send to it, it does not serve in another's place. Undefined when they are not. */
  readonly awaitedUntil: Instant | undefined;
  /** It keeps data, so two of it must never live. */
  readonly isStateful: boolean;
  readonly isOnDrained: boolean;
}

/** One slot of the service and what is in it, the newest last. */
export interface Slot {
  readonly slot: number;
  /** Why the slot is not to be; undefined when it is. */
  readonly unwanted: string | undefined;
  /** Nothing of these is left; only their records are. */
  readonly gone: readonly Instance[];
  /** Told to stop, and not yet known to have. */
  readonly stopping: readonly Member[];
  readonly running: readonly Member[];
}

export interface Surroundings {
  readonly order: ServiceOrder;
  readonly view: View;
  readonly now: Instant;
  readonly losses: Losses;
  readonly specs: Specs;
}

/** Every slot that is to be or of which something is left, in the order of numbers. */
export function slotsOf(instances: readonly Instance[], around: Surroundings): readonly Slot[] {
  const found = bySlot(instances);
  const { spec } = around.order;
  const unwanted = spec.deploy.strategy === 'daemon' ? unwantedByNode(found, around) : unwantedByNumber(found, spec.instances);
  const declared = spec.deploy.strategy === 'daemon' ? [] : Array.from({ length: spec.instances }, (_, index) => index + 1);
  const numbers = [...new Set([...declared, ...found.keys()])].sort((a, b) => a - b);
  return numbers.map((slot) => slotOf({ slot, unwanted: unwanted.get(slot) }, found.get(slot) ?? [], around));
}

function unwantedByNumber(found: ReadonlyMap<number, unknown>, declared: number): ReadonlyMap<number, string> {
  const surplus = [...found.keys()].filter((slot) => slot > declared);
  return new Map(surplus.map((slot) => [slot, `slot ${slot} is not wanted: ${declared} declared`]));
}

/** A daemon's slot belongs to its node: it is wanted while the node is one that should have it, and not more than its share. */
function unwantedByNode(found: ReadonlyMap<number, readonly Instance[]>, around: Surroundings): ReadonlyMap<number, string> {
  const { spec } = around.order;
  const unwanted = new Map<number, string>();
  const perNode = new Map<string, number>();
  for (const [slot, instances] of [...found].sort(([a], [b]) => a - b)) {
    const node = instances.at(-1)?.body.node ?? '';
    const share = (perNode.get(node) ?? 0) + 1;
    const reason = nodeRefuses(node, slot, around) ?? (share > spec.instances ? `${node} has ${spec.instances} already` : undefined);
    if (reason === undefined) perNode.set(node, share);
    else unwanted.set(slot, reason);
  }
  return unwanted;
}

function nodeRefuses(node: string, slot: number, { order, view, losses }: Surroundings): string | undefined {
  const body = view.get('Node', node)?.body;
  if (body === undefined) return `${node} was removed`;
  if (order.spec.stateful) return undefined;
  if (losses.standing(node, view.get('Health', node)?.body, order.spec.deploy) === 'lost') return `${node} is offline for longer than its grace`;
  if (body.availability === 'drain') return `${node} is drained`;
  const broken = brokenRule({ spec: order.spec, slot }, { name: node, labels: body.labels }, view);
  return broken === undefined ? undefined : `${node} no longer satisfies ${broken}`;
}

function slotOf(id: Pick<Slot, 'slot' | 'unwanted'>, instances: readonly Instance[], around: Surroundings): Slot {
  const gone: Instance[] = [];
  const stopping: Member[] = [];
  const running: Member[] = [];
  for (const instance of instances) {
    const member = memberOf(instance, around);
    if (member === undefined) gone.push(instance);
    else (instance.body.wanted === 'running' ? running : stopping).push(member);
  }
  return { slot: id.slot, unwanted: id.unwanted, gone, stopping, running };
}

/** What is known of an instance; undefined when nothing of it is left. */
function memberOf(instance: Instance, { order, view, now, losses, specs }: Surroundings): Member | undefined {
  const { body, name } = instance;
  const node = view.get('Node', body.node)?.body;
  const report = view.get('Report', name)?.body;
  if (node === undefined || hasStopped(body, report)) return undefined;
  const health = view.get('Health', body.node)?.body;
  const spec = specs.of(body.revision);
  const until = awaitedOf(view, instance)?.until;
  return {
    instance,
    standing: losses.standing(body.node, health, order.spec.deploy),
    availability: availabilityOf({ instance: body, report, health, spec }),
    awaitedUntil: until !== undefined && now < until ? until : undefined,
    isStateful: order.spec.stateful || (spec?.stateful ?? false),
    isOnDrained: node.availability === 'drain',
  };
}

/** A silent node's instance may still run there: only what keeps no data may run twice for a while. */
export const isLost = ({ standing, isStateful }: Member): boolean => standing === 'lost' && !isStateful;

/** It runs as it should, and its balancers send to it, or are no longer waited for. */
export const isServing = ({ availability, awaitedUntil }: Member): boolean => availability === 'available' && awaitedUntil === undefined;

/** What runs in the slot as it should, by its newest instance. */
export const current = (slot: Slot, order: ServiceOrder): Member | undefined =>
  slot.running.findLast(({ instance }) => instance.body.revision === revisionOf(order, slot.slot));
