import type { Millis } from '../model/index.js';

/** How to ask a container whether it serves. */
export type Probe = { readonly protocol: 'tcp'; readonly port: number } | { readonly protocol: 'http'; readonly port: number; readonly uri: string };

/** Asks containers over the network. */
export interface Prober {
  /** Undefined when it answers well (TCP: accepts; HTTP: 200 to 399, redirects not followed), otherwise why not, in one sentence. Never throws. */
  probe(address: string, probe: Probe, timeoutMs: Millis): Promise<string | undefined>;
}
