import type { Assignments } from '../model/index.js';

/** What an agent keeps through its own restarts, so that it goes on without a master. */
export interface Memory {
  /** Undefined when there is nothing, or nothing that can be trusted. */
  load(): Promise<Assignments | undefined>;
  /** Resolves when it is durable. */
  save(assignments: Assignments): Promise<void>;
}
