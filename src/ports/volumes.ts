import type { EngineVolume, VolumeWeight } from '../model/index.js';

/** The volumes of a container engine, and what is in them. Of those that are there, lists only what bears the labels of this cluster and grid. */
export interface EngineVolumes {
  /** All that are of a declared volume, or a slot's own. */
  list(): Promise<readonly EngineVolume[]>;
  /** Makes one that lacks, and says whether it did. @throws KON_VOLUME_TAKEN when one is there that is not the one that is meant */
  ensure(volume: EngineVolume): Promise<boolean>;
  /** What is gone is left so. @throws KON_ENGINE_REFUSED while a container mounts it */
  remove(name: string): Promise<void>;
  /** What is in a volume, as a tar. @throws KON_NOT_FOUND */
  read(name: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** @throws KON_NOT_FOUND */
  weigh(name: string, signal: AbortSignal): Promise<VolumeWeight>;
  /** Puts what a tar holds into a volume, beside what is there, and says what it held. @throws KON_NOT_FOUND, KON_INVALID for what is no whole tar, KON_ENGINE_REFUSED */
  write(name: string, tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<VolumeWeight>;
}
