import type { Revision, VolumeBody } from '../../model/index.js';
import type { Actions } from './actions.js';

/** A volume as it is to be declared. */
export interface VolumeWrite extends VolumeBody {
  readonly name: string;
  /** There must be none of that name; otherwise one that is declared so already will do. */
  readonly isNew: boolean;
}

/** What declaring a volume came to. */
export interface DeclaredVolume {
  readonly name: string;
  readonly revision: Revision;
  /** False when it was declared so already. */
  readonly isNew: boolean;
}

/** What removing a volume came to. */
export interface RemovedVolume {
  readonly revision: Revision;
  /** What was removed on the nodes, with its data: by the names that the engines had for it. */
  readonly removed: readonly { readonly node: string; readonly name: string }[];
  /** What may be there still, and why; without a name, all that the node has. */
  readonly left: readonly { readonly node: string; readonly name?: string; readonly reason: string }[];
}

export interface VolumeCalls {
  /** @throws KON_INVALID, KON_CONFLICT when it is declared otherwise, or at all and must be new */
  declare(grid: string, volume: VolumeWrite): Promise<DeclaredVolume>;
  /** With its data on the nodes, or without. @throws KON_NOT_FOUND, KON_CONFLICT while a service mounts it */
  remove(grid: string, name: string, how: { readonly withData: boolean }, signal: AbortSignal): Promise<RemovedVolume>;
}

export const VOLUME_ACTIONS: Actions<VolumeCalls> = {
  declare: { action: 'volume.declare', isChange: true, on: (grid, { name }) => ({ grid, kind: 'volume', name }) },
  remove: { action: 'volume.remove', isChange: true, on: (grid, name) => ({ grid, kind: 'volume', name }), detail: (_grid, _name, { withData }) => (withData ? 'with its data' : undefined) },
};
