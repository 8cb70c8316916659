import type { NetworkProblem } from '../model/index.js';

/** Answers certificate authorities on port 80 of this machine. */
export interface AnswerServer {
  /**
   * What is answered from now on, by token; nothing listens while there is nothing to answer. Where it cannot listen (the port is
   * taken) that is a problem that is told, and tried again until it can.
   */
  serve(answers: Readonly<Record<string, string>>): void;
  stop(): Promise<void>;
}

/** Makes one that tells its problem whenever that changes. */
export type MakeAnswerServer = (means: { readonly onProblem: (problem: NetworkProblem | undefined) => void }) => AnswerServer;
