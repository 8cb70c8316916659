import {
  type BindingBody, type Change, type Declared, drop, type Entry, groupBy, isSame, ownVolumes, type Plan, put, type Revision, serviceRevisionName, type ServiceSpec, slotNumber, slotOf,
} from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';

/**
 * Decides where the data of each slot of a service is said to lie: where the slot runs, and from then on there, whatever becomes
 * of the slot. It is forgotten when nothing of it is left: its volumes were removed, or its node was and nobody asks for the slot.
 */
export function plan(service: string, view: View): Plan<Change> {
  const bindings = new Map(view.list('Binding', `${service}.`).map((binding) => [binding.name, binding]));
  const specs = specsOf(service, view);
  if (bindings.size === 0 && ![...specs.values()].some(({ stateful, volumes }) => stateful || volumes.length > 0)) return { steps: [] };

  const instances = groupBy(view.instancesOf(service), ({ name }) => slotOf(name));
  const current = view.list('Service', `${service}@`).find(({ body }) => body.isCurrent)?.body.spec;
  const declared: Declared = (name) => view.get('Volume', name)?.body;
  const slots = [...new Set([...bindings.keys(), ...instances.keys()])];
  return {
    steps: slots.flatMap((slot) => {
      const before = bindings.get(slot)?.body;
      const rounds = instances.get(slot) ?? [];
      const after = movedTo(slot, before, view) ?? afterOf({ before, rounds, current, specs }, declared);
      const lost = after === undefined ? undefined : whyLost(slot, { node: after.node, current, rounds }, view);
      return change(slot, before, lost === undefined ? after : undefined, lost);
    }),
  };
}

interface Known {
  readonly before: BindingBody | undefined;
  readonly rounds: readonly Entry<'Instance'>[];
  /** What is declared of the service now. */
  readonly current: ServiceSpec | undefined;
  readonly specs: ReadonlyMap<Revision, ServiceSpec>;
}

/** What was copied lies where it was copied to, whatever ran where it was before. */
function movedTo(slot: string, before: BindingBody | undefined, view: View): BindingBody | undefined {
  const transfer = view.get('Transfer', slot)?.body;
  return before === undefined || transfer?.phase !== 'copied' || before.node !== transfer.from ? undefined : { ...before, node: transfer.to };
}

/** What stops says where the data was before; once that is known, only what runs says where it is. */
function afterOf({ before, rounds, current, specs }: Known, declared: Declared): BindingBody | undefined {
  const last = rounds.at(-1);
  const instance = rounds.findLast(({ body }) => body.wanted === 'running') ?? (before === undefined ? last : undefined);
  const spec = instance && specs.get(instance.body.revision);
  if (instance !== undefined && spec !== undefined) return bindingOf(instance, spec, before, declared);
  return kept(before, current ?? (last && specs.get(last.body.revision)), declared);
}

const specsOf = (service: string, view: View): ReadonlyMap<Revision, ServiceSpec> =>
  new Map([...new Set(view.instancesOf(service).map(({ body }) => body.revision))].flatMap((revision) => {
    const spec = view.get('Service', serviceRevisionName(service, revision))?.body.spec;
    return spec === undefined ? [] : [[revision, spec] as const];
  }));

/** Of a slot that has an instance. What it mounted before and does not any more is still there, where it has not moved. */
function bindingOf({ body }: Entry<'Instance'>, spec: ServiceSpec, before: BindingBody | undefined, declared: Declared): BindingBody | undefined {
  const former = before?.node === body.node ? before.volumes : [];
  const volumes = [...new Set([...former, ...ownVolumes(spec, declared)])].filter((name) => declared(name) !== undefined).sort();
  return spec.stateful || volumes.length > 0 ? { node: body.node, volumes } : undefined;
}

/** Of a slot that does not run. What nobody declared a volume for goes with its service. */
function kept(before: BindingBody | undefined, spec: ServiceSpec | undefined, declared: Declared): BindingBody | undefined {
  if (before === undefined) return undefined;
  const volumes = before.volumes.filter((name) => declared(name) !== undefined);
  return spec?.stateful === true || volumes.length > 0 ? { ...before, volumes } : undefined;
}

interface Lying {
  readonly node: string;
  readonly current: ServiceSpec | undefined;
  readonly rounds: readonly Entry<'Instance'>[];
}

/** Why the data is gone for good; undefined while it may be there, or while somebody may have to hear that it was. */
function whyLost(slot: string, { node, current, rounds }: Lying, view: View): string | undefined {
  if (view.get('Node', node) !== undefined || isWanted(slot, current, rounds)) return undefined;
  return `${node} was removed, and nobody asks for the slot`;
}

function isWanted(slot: string, current: ServiceSpec | undefined, rounds: readonly Entry<'Instance'>[]): boolean {
  if (current?.deploy.strategy === 'daemon') return rounds.some(({ body }) => body.wanted === 'running');
  return current !== undefined && slotNumber(slot) <= current.instances;
}

function change(slot: string, before: BindingBody | undefined, after: BindingBody | undefined, lost: string | undefined): readonly Change[] {
  if (after === undefined) return before === undefined ? [] : [drop('Binding', slot, lost ?? 'nothing of its own is kept')];
  if (isSame(before, after)) return [];
  return [put('Binding', slot, after, before?.node === after.node ? 'its volumes are others' : `its data lies on ${after.node}`)];
}
