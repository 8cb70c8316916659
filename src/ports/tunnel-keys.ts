import type { TunnelKey } from './machine-network.js';

/** Where a node keeps the key of its tunnels. */
export interface TunnelKeys {
  /** Undefined when there is none, or none that can be read: then another is made, and announced. */
  load(): Promise<TunnelKey | undefined>;
  /** Resolves when it is durable. */
  save(key: TunnelKey): Promise<void>;
}
