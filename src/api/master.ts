import type { Authority, Clock, MasterCalls, Store } from '../ports/index.js';
import { rotateAuthority } from './rotation.js';

interface Means {
  readonly store: Store;
  readonly clock: Clock;
  readonly authority: Authority;
  readonly version: string;
  readonly startedAt: string;
  /** The master's whole state as one file, in pieces. */
  readonly pack: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** What may be asked of the master itself. */
export const masterCalls = (means: Means): MasterCalls => ({
  info: () => Promise.resolve({ version: means.version, ...means.store.identity, revision: means.store.revision, startedAt: means.startedAt }),
  backup: (signal) => means.pack(signal),
  rotateAuthority: (request) => rotateAuthority(means, request),
});
