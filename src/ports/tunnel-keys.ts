import type { Instant } from '../model/index.js';
import type { TunnelKey } from './machine-network.js';

/** A key, and since when it is this node's. */
export interface KeptKey extends TunnelKey {
  readonly madeAt: Instant;
}

/** Where a node keeps the key of its tunnels. */
export interface TunnelKeys {
  /** Undefined when there is none, or none that can be read: then another is made, and announced. Older agents kept no moment. */
  load(): Promise<(TunnelKey & Partial<KeptKey>) | undefined>;
  /** Resolves when it is durable. */
  save(key: KeptKey): Promise<void>;
}
