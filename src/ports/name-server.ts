import type { NetworkProblem } from '../model/index.js';

/** What somebody asks a server of names. */
export interface NameQuestion {
  /** As it was asked, in any letters. */
  readonly name: string;
  /** `A`, `SRV`, `PTR` … */
  readonly type: string;
}

export type NameRecord =
  | { readonly type: 'A'; readonly name: string; readonly address: string }
  | { readonly type: 'SRV'; readonly name: string; readonly target: string; readonly port: number }
  | { readonly type: 'PTR'; readonly name: string; readonly target: string };

/**
 * What is answered. `none`: the name is known, and has nothing of that type just now; `unknown`: there is no such name, nor one
 * below it; `elsewhere`: others must be asked.
 */
export type NameAnswer =
  | { readonly kind: 'records'; readonly records: readonly NameRecord[]; readonly besides: readonly NameRecord[] }
  | { readonly kind: 'none' | 'unknown' | 'elsewhere' };

/** Where names are served, and to whom. */
export interface NamePlace {
  /** Of this machine: UDP and TCP, port 53. */
  readonly address: string;
  /** The network whose askers are answered, beside the machine itself: `10.81.0.0/16`. Anyone else gets nothing. */
  readonly subnet: string;
}

/** A server of names in this process. */
export interface NameServer {
  /**
   * Serves at a place from now on, or nowhere. What cannot be yet (the address is not there, the port is taken) is a problem that is
   * told, and tried again until it can.
   */
  serve(place: NamePlace | undefined): void;
  stop(): Promise<void>;
}

/** Makes a server that asks `answer`, and tells its problem whenever that changes. */
export type MakeNameServer = (means: {
  readonly answer: (question: NameQuestion) => NameAnswer;
  readonly onProblem: (problem: NetworkProblem | undefined) => void;
}) => NameServer;
