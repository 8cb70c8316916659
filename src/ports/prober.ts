import type { Millis } from '../model/index.js';

/** How to ask a container whether it serves. */
export type Probe = { readonly protocol: 'tcp'; readonly port: number } | { readonly protocol: 'http'; readonly port: number; readonly uri: string };

/** What came of asking: whether it is well, and what was answered or what was wrong, in one sentence. */
export interface Answer {
  readonly isGood: boolean;
  readonly said: string;
}

/** Asks containers over the network. */
export interface Prober {
  /** Good is, of TCP, a connection, and of HTTP a status of 200 to 399, redirects not followed; `timeoutMs` is for the whole of it. Never throws. */
  probe(address: string, probe: Probe, timeoutMs: Millis): Promise<Answer>;
}
