import { type Assignment, type ContainersSection, type EngineVolume, engineVolumes, itemInWords, parseInstance, type RegistryLogin, registryOf, type ServiceSpec, slotOf, vaultUses, versionName } from '../../model/index.js';
import type { Balancing } from '../balancing.js';

/** Why what is to run cannot be obeyed. To take a service that is not told for one that is not wanted would stop what runs well. */
export const refusal = ({ instances, services }: ContainersSection): string | undefined =>
  instances.some(({ service, wanted }) => wanted === 'running' && !Object.hasOwn(services, service)) ? 'they name services that they do not bring' : undefined;

/** `next`, with the hooks that its slots have behind them as far as `before` knows: the master may not have heard of them yet. */
export function withHooksOf(next: ContainersSection, before: ContainersSection | undefined): ContainersSection {
  const known = new Map((before?.instances ?? []).flatMap(({ name, hooksDone }) => (hooksDone === undefined ? [] : [[slotOf(name), hooksDone] as const])));
  if (known.size === 0) return next;
  return { ...next, instances: next.instances.map((one) => withHooks(one, known.get(slotOf(one.name)) ?? [])) };
}

/** A slot has a hook behind it for good. */
export const withHookDone = (section: ContainersSection, slot: string, hook: string): ContainersSection =>
  ({ ...section, instances: section.instances.map((one) => (slotOf(one.name) === slot ? withHooks(one, [hook]) : one)) });

function withHooks(assignment: Assignment, hooks: readonly string[]): Assignment {
  const all = [...new Set([...(assignment.hooksDone ?? []), ...hooks])];
  return all.length === 0 ? assignment : { ...assignment, hooksDone: all };
}

/** What is to run, by instance. */
export class Wanted {
  readonly #section: ContainersSection;
  readonly #balancing: Balancing;
  readonly #instances: ReadonlyMap<string, Assignment>;

  constructor(section: ContainersSection, balancing: Balancing) {
    this.#section = section;
    this.#balancing = balancing;
    this.#instances = new Map(section.instances.map((assignment) => [assignment.name, assignment]));
  }

  /** What is to run as this instance; undefined when nothing is. */
  running(name: string): { readonly service: string; readonly spec: ServiceSpec } | undefined {
    const assignment = this.#instances.get(name);
    if (assignment?.wanted !== 'running') return undefined;
    const spec = this.spec(name);
    return spec === undefined ? undefined : { service: assignment.service, spec };
  }

  /** What this instance is made from, be it to run or to stop. */
  spec(name: string): ServiceSpec | undefined {
    const declared = this.#section.services[this.#instances.get(name)?.service ?? ''];
    return declared === undefined ? undefined : this.#balancing.containerOf(name, declared);
  }

  /** Why this instance cannot be made although it is wanted: what it opens was not told. Undefined when nothing is lacking. */
  lacks(name: string): string | undefined {
    const spec = this.running(name)?.spec;
    const { secrets } = this.#section;
    const missing = spec === undefined ? undefined : vaultUses(spec).find((use) => use.version === undefined || !Object.hasOwn(secrets, versionName(use, use.version)));
    return missing === undefined ? undefined : `the vault does not give ${itemInWords(missing)}`;
  }

  /** The volumes that an instance of this spec has here, by path. */
  volumes(name: string, spec: ServiceSpec): Readonly<Record<string, EngineVolume>> {
    const id = parseInstance(name);
    return id === undefined ? {} : engineVolumes(spec, id, (volume) => this.#section.volumes?.[volume]);
  }

  /** Hooks that run once and that the slot of this instance has behind it. */
  hooksDone(name: string): readonly string[] {
    return this.#instances.get(name)?.hooksDone ?? [];
  }

  /** How long what is open with this instance has to end before it is stopped; undefined when balancers send nothing to it. */
  drainSeconds(name: string): number | undefined {
    return this.#instances.get(name)?.drainSeconds;
  }

  /** Whether the master asks after this instance, be it to run or to stop. */
  has(name: string): boolean {
    return this.#instances.has(name);
  }

  /** The images of all that is told of. */
  get images(): ReadonlySet<string> {
    return new Set(Object.values(this.#section.services).map(({ image }) => image));
  }

  /** Those of what is told of and runs nowhere here: it will soon. */
  get imagesAhead(): ReadonlySet<string> {
    const used = new Set(this.#section.instances.map(({ service }) => service));
    return new Set(Object.entries(this.#section.services).flatMap(([name, { image }]) => (used.has(name) ? [] : [image])));
  }

  get names(): Iterable<string> {
    return this.#instances.keys();
  }

  /** How the registry of an image is asked; undefined when as by everyone. */
  login(image: string): RegistryLogin | undefined {
    return this.#section.logins?.[registryOf(image)];
  }

  get secrets(): Readonly<Record<string, string>> {
    return this.#section.secrets;
  }
}
