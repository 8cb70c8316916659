import { setup, transition } from 'xstate';
import type { NodePhase } from '../../src/model/index.js';

/** What can be seen of a node. `ready`: it is heard, and has said what it is. Time passing is not an event: the plan says what it means. */
export type NodeEvent = { readonly type: 'heard' | 'ready' | 'lost' };

/**
 * The life of a node. No `after`, no actions, no context: a delayed transition does not survive a restart from
 * a stored state, and a restart of the master must not change what a node is.
 */
const nodeMachine = setup({ types: { events: {} as NodeEvent } }).createMachine({
  id: 'node',
  initial: 'created',
  states: {
    created: { on: { heard: 'connecting', ready: 'online' } },
    connecting: { on: { ready: 'online', lost: 'offline' } },
    online: { on: { lost: 'offline' } },
    offline: { on: { ready: 'online' } },
  },
});

/** The phase after `event`. An event that a phase does not know leaves it as it is. */
export function step(phase: NodePhase, event: NodeEvent): NodePhase {
  const [next] = transition(nodeMachine, nodeMachine.resolveState({ value: phase }), event);
  return next.value;
}
