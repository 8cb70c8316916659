import type { Authority, Clock, MasterCalls, Nodes, OwnLog, Store } from '../ports/index.js';
import { readAgentLogs } from './logs.js';
import { requireGrid } from './require-grid.js';
import { rotateAuthority } from './rotation.js';

interface Means {
  readonly store: Store;
  readonly clock: Clock;
  readonly nodes: Pick<Nodes, 'logs'>;
  /** The master's own. */
  readonly ownLog: OwnLog;
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
  logs: (grid, search, signal) => {
    const view = means.store.view(grid);
    requireGrid(view);
    return readAgentLogs(means, { grid, names: view.list('Node').map(({ name }) => name), search }, means.ownLog.read(search, signal), signal);
  },
  rotateAuthority: (request) => rotateAuthority(means, request),
});
