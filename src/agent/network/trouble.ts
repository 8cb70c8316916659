import { KontenaError, messageOf, type NetworkProblem } from '../../model/index.js';

/** What went wrong in one look at the network. One thing that fails keeps nobody from trying the others. */
export class Trouble {
  readonly #problems: NetworkProblem[] = [];
  #first: Error | undefined;

  get problems(): readonly NetworkProblem[] {
    return this.#problems;
  }

  /** What failed first, to be tried again; undefined when nothing did. */
  get first(): Error | undefined {
    return this.#first;
  }

  add(problems: readonly NetworkProblem[]): void {
    this.#problems.push(...problems);
  }

  /** What the work gives; undefined when it failed, which is kept. */
  async with<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#first ??= error instanceof Error ? error : new Error(messageOf(error));
      const problem = { what, reason: messageOf(error), remedy: error instanceof KontenaError ? error.remedy : 'It is tried again by itself; the log of the agent may say more.' };
      if (!this.#problems.some(({ reason }) => reason === problem.reason)) this.#problems.push(problem);
      return undefined;
    }
  }
}
