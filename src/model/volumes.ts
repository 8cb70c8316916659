import { type InstanceId, slotName } from './names.js';
import type { ServiceSpec, VolumeMount } from './service.js';

/** Whose the data of a volume is: each slot's, all of a stack's on a node, or all of the grid's on a node. */
export const VOLUME_SCOPES = ['instance', 'stack', 'grid'] as const;
export type VolumeScope = (typeof VOLUME_SCOPES)[number];

/** Name: `data`. Nothing of it ever changes: what is on the nodes' disks would not. */
export interface VolumeBody {
  readonly scope: VolumeScope;
  /** Of the engines, without a version: `local`. */
  readonly driver: string;
  readonly driverOpts: Readonly<Record<string, string>>;
}

/** A volume as the engine of a node has it. */
export interface EngineVolume {
  /** `todo.db.data-1`. */
  readonly name: string;
  readonly driver: string;
  readonly driverOpts: Readonly<Record<string, string>>;
  /** The declared volume that it is of; absent where a stateful service keeps a path that has no name. */
  readonly volume?: string;
  /** `todo/db.1`, where it is that slot's own. */
  readonly slot?: string;
}

/** A declared volume by its name; undefined when nobody declared it. */
export type Declared = (name: string) => VolumeBody | undefined;

type SlotId = Pick<InstanceId, 'stack' | 'service' | 'slot'>;

/** The names of volumes that a service mounts, each once. */
export const mountedVolumes = ({ volumes }: ServiceSpec): readonly string[] =>
  [...new Set(volumes.flatMap(({ type, source }) => (type === 'volume' && source !== undefined ? [source] : [])))];

/** Of the declared volumes that a service mounts, those in which each slot has data of its own; of a stateful service, all of them. */
export const ownVolumes = (spec: ServiceSpec, declared: Declared): readonly string[] =>
  mountedVolumes(spec).filter((name) => {
    const volume = declared(name);
    return volume !== undefined && (spec.stateful || volume.scope === 'instance');
  });

/** The volumes of a slot by the paths where its container has them: those that are declared, and what a stateful service keeps without a name. */
export function engineVolumes(spec: ServiceSpec, slot: SlotId, declared: Declared): Readonly<Record<string, EngineVolume>> {
  return Object.fromEntries(spec.volumes.flatMap((mount) => {
    const volume = engineVolume(mount, spec, slot, declared);
    return volume === undefined ? [] : [[mount.path, volume] as const];
  }));
}

function engineVolume({ type, source = '', path }: VolumeMount, { stateful }: ServiceSpec, slot: SlotId, declared: Declared): EngineVolume | undefined {
  if (type === 'anonymous') return stateful ? keptPath(path, slot) : undefined;
  const volume = type === 'volume' ? declared(source) : undefined;
  if (volume === undefined) return undefined;
  const { scope, driver, driverOpts } = volume;
  return { name: nameOf(source, volume, slot), driver, driverOpts, volume: source, ...(scope === 'instance' ? { slot: slotName(slot.service, slot.slot) } : {}) };
}

/** What a stateful slot keeps at a path that no volume is mounted at by name. */
export const keptPath = (path: string, slot: SlotId): EngineVolume =>
  ({ name: slotVolume(wordOf(path), slot), driver: 'local', driverOpts: {}, slot: slotName(slot.service, slot.slot) });

function nameOf(volume: string, { scope }: VolumeBody, slot: SlotId): string {
  switch (scope) {
    case 'instance':
      return slotVolume(volume, slot);
    case 'stack':
      return `${slot.stack}.${volume}`;
    case 'grid':
      return volume;
  }
}

const slotVolume = (volume: string, { service, slot }: SlotId): string => `${service.replace('/', '.')}.${volume}-${String(slot)}`;

/** A path as a word that engines take, and that no declared volume is called: `/var/lib/db` → `_var_lib_db`. */
const wordOf = (path: string): string =>
  path.replace(/\/+$/, '').replace(/[^A-Za-z0-9.-]/gu, (sign) => (sign === '/' ? '_' : `__${(sign.codePointAt(0) ?? 0).toString(16)}`));

/** Its data lies on the disk of its node, and not where its driver or an option of that says. */
export const isPlain = ({ driver, driverOpts }: Pick<EngineVolume, 'driver' | 'driverOpts'>): boolean => driver === 'local' && Object.keys(driverOpts).length === 0;

/** The driver as a node's engine calls it, with the version of a plugin: `vieux/sshfs:latest`; undefined where the engine has no such driver. */
export const driverAt = (driver: string, drivers: readonly string[]): string | undefined =>
  drivers.find((one) => one === driver) ?? drivers.find((one) => one.startsWith(`${driver}:`));
