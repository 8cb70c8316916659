import type { LogLine, LogSearch, Revision } from '../../model/index.js';
import { type Actions, onMaster } from './actions.js';

export interface MasterInfo {
  readonly version: string;
  readonly cluster: string;
  readonly epoch: number;
  readonly revision: Revision;
  readonly startedAt: string;
}

export interface RotationRequest {
  /** What was begun is to be ended. */
  readonly isEnd: boolean;
  /** Even where nodes or credentials would be shut out. */
  readonly isForced: boolean;
}

/** How far a change of the certificate authority is. */
export interface Rotation {
  /** SHA-256 of the newest authority's certificate, in hex. */
  readonly fingerprint: string;
  /** Nodes and credentials, `node n1`, whose certificates are of an older one. */
  readonly behind: readonly string[];
}

/** What is asked of the master itself, and of no grid. */
export interface MasterCalls {
  info(): Promise<MasterInfo>;
  /** The master's whole state as one file, in pieces. */
  backup(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /**
   * Begins to change the certificate authority, or ends it. @throws KON_CONFLICT when one is under way or none is, and at
   * the end, unless forced, while nodes or credentials would be shut out
   */
  rotateAuthority(request: RotationRequest): Promise<Rotation>;
  /** What the master said itself, and the agents of a grid's nodes. @throws KON_NOT_FOUND, KON_INVALID */
  logs(grid: string, search: LogSearch, signal: AbortSignal): AsyncIterable<readonly LogLine[]>;
}

export const MASTER_ACTIONS: Actions<MasterCalls> = {
  info: { action: 'master.info', isChange: false, on: onMaster },
  backup: { action: 'master.backup', isChange: false, isNoted: true, on: onMaster },
  logs: { action: 'master.logs', isChange: false, on: onMaster },
  rotateAuthority: { action: 'master.rotate-authority', isChange: true, on: onMaster, detail: ({ isEnd }) => (isEnd ? 'end' : 'begin') },
};
