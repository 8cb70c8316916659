import { parseInstance } from '../model/index.js';

/** Whose containers a runtime knows. */
export interface Owner {
  readonly cluster: string;
  readonly grid: string;
  readonly node: string;
}

export const INSTANCE_LABEL = 'io.kontena.instance';
export const SERVICE_LABEL = 'io.kontena.service';
/** The address on the grid's network. */
export const ADDRESS_LABEL = 'io.kontena.address';
/** On the helper container of a hook: the instance it belongs to. It is no instance's container, so it has not the label of one. */
export const HOOK_LABEL = 'io.kontena.hook';

/** On a volume: the declared volume it is of, */
export const VOLUME_LABEL = 'io.kontena.volume';
/** and the slot whose own it is. */
export const SLOT_LABEL = 'io.kontena.slot';

/** On a container that never starts, through which a volume is read or written. */
export const READER_LABEL = 'io.kontena.volume-reader';

export type Labels = Readonly<Record<string, string>>;

export const ownerLabels = ({ cluster, grid, node }: Owner): Labels => ({
  'io.kontena.cluster': cluster,
  'io.kontena.grid': grid,
  'io.kontena.node': node,
});

/** What the engine is asked for: containers of instances of this owner alone. */
export const ownerFilter = (owner: Owner): string[] => [...Object.entries(ownerLabels(owner)).map(([name, value]) => `${name}=${value}`), INSTANCE_LABEL];

/** Whether a container with these labels is this owner's, and an instance's. */
export const isOwn = (labels: Labels, owner: Owner): boolean =>
  Object.entries(ownerLabels(owner)).every(([name, value]) => labels[name] === value) && parseInstance(labels[INSTANCE_LABEL] ?? '') !== undefined;
