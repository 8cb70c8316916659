import type { TunnelKey } from './machine-network.js';

/** Where a node keeps the keys of its tunnels. */
export interface TunnelKeys {
  /** Undefined when there are none, or none that can be read: then others are made, and announced. */
  load(): Promise<KeptKeys | undefined>;
  /** Resolves when it is durable. */
  save(keys: KeptKeys): Promise<void>;
}

export interface KeptKeys {
  readonly current: TunnelKey;
  /** Announced to the peers, and not in use yet. */
  readonly next?: TunnelKey;
}
