/** The node: looks after the containers that are assigned to it, with or without a master. */
import { Agent, type AgentOptions } from './agent.js';

export { type Agent, type AgentOptions } from './agent.js';
export { fileMemory } from './file-memory.js';

/** An agent at rest; `start` sets it going. */
export const createAgent = (options: AgentOptions): Agent => new Agent(options);
