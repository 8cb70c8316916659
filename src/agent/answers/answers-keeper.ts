import type { AnswersSection } from '../../model/index.js';
import type { AnswerServer } from '../../ports/index.js';
import type { Keeper } from '../keeper.js';

/** Answers certificate authorities where no balancer does. */
export class AnswersKeeper implements Keeper<AnswersSection> {
  readonly #server: AnswerServer;

  constructor(server: AnswerServer) {
    this.#server = server;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  obey({ challenges }: AnswersSection): void {
    this.#server.serve(challenges);
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}
