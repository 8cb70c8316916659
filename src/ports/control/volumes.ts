import type { MovePhase, Revision, VolumeBody } from '../../model/index.js';
import type { ByteStream } from '../two-way.js';
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

/** A volume of a node: by its declared name, `data` or `data.2`, by its slot, or as the engines call it; of several nodes that have it, one. */
export interface VolumeAt {
  readonly name: string;
  readonly node?: string;
}

/** What was asked of the data of a slot. */
export interface MovedVolume {
  readonly slot: string;
  readonly from: string;
  readonly to: string;
  readonly revision: Revision;
}

/** How far the move of a slot's data is. */
export interface MoveState {
  readonly slot: string;
  readonly from: string;
  readonly to: string;
  readonly phase: MovePhase;
  /** What it waits for, why it failed, or what is left where it was. */
  readonly reason?: string;
  readonly bytes?: number;
}

export interface VolumeCalls {
  /** @throws KON_INVALID, KON_CONFLICT when it is declared otherwise, or at all and must be new */
  declare(grid: string, volume: VolumeWrite): Promise<DeclaredVolume>;
  /** With its data on the nodes, or without. @throws KON_NOT_FOUND, KON_CONFLICT while a service mounts it */
  remove(grid: string, name: string, how: { readonly withData: boolean }, signal: AbortSignal): Promise<RemovedVolume>;
  /** What is in it, as a tar; `isLive`, also while it is written to. @throws KON_NOT_FOUND, KON_NODE_UNREACHABLE, KON_INVALID when several are meant, KON_VOLUME_IN_USE */
  read(grid: string, at: VolumeAt & { readonly isLive: boolean }, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** It holds what the tar holds that is sent, and nothing else, when what is received has ended; where that throws, what it held before. @throws as `read`, KON_VOLUME_DIFFERS */
  write(grid: string, at: VolumeAt, signal: AbortSignal): ByteStream;
  /** Declares that it is to lie on another node, with all that its slot has. @throws as `read`, KON_CONFLICT while it moves elsewhere */
  move(grid: string, at: VolumeAt & { readonly to: string }, signal: AbortSignal): Promise<MovedVolume>;
  /** It stays where it is. @throws as `read`, KON_CONFLICT when it does not move, or has moved */
  callOff(grid: string, at: VolumeAt, signal: AbortSignal): Promise<MovedVolume>;
  /** How far the newest move of a slot's data is, until it is over. @throws KON_NOT_FOUND */
  follow(grid: string, slot: string, signal: AbortSignal): AsyncIterable<MoveState>;
}

export const VOLUME_ACTIONS: Actions<VolumeCalls> = {
  declare: { action: 'volume.declare', isChange: true, on: (grid, { name }) => ({ grid, kind: 'volume', name }) },
  remove: { action: 'volume.remove', isChange: true, on: (grid, name) => ({ grid, kind: 'volume', name }), detail: (_grid, _name, { withData }) => (withData ? 'with its data' : undefined) },
  read: { action: 'volume.read', isChange: false, isNoted: true, on: (grid, { name }) => ({ grid, kind: 'volume', name }), detail: (_grid, { node }) => node },
  write: { action: 'volume.write', isChange: true, on: (grid, { name }) => ({ grid, kind: 'volume', name }), detail: (_grid, { node }) => node },
  move: { action: 'volume.move', isChange: true, on: (grid, { name }) => ({ grid, kind: 'volume', name }), detail: (_grid, { to }) => `to ${to}` },
  callOff: { action: 'volume.call-off', isChange: true, on: (grid, { name }) => ({ grid, kind: 'volume', name }) },
  follow: { action: 'volume.follow', isChange: false, on: (grid, slot) => ({ grid, kind: 'volume', name: slot }) },
};
