import { isoTime } from '../../model/index.js';
import type { View } from '../../ports/index.js';

/** Why what a node last said may no longer be so, in one sentence; undefined while it is heard. */
export function silence(node: string, view: View): string | undefined {
  if (view.get('Node', node) === undefined) return `node ${node} was removed`;
  const pulse = view.get('Pulse', node)?.body;
  switch (pulse?.state) {
    case 'heard':
      return undefined;
    case 'silent':
      return `node ${node} is silent since ${isoTime(pulse.since)}`;
    case 'engine':
      return `the container engine of node ${node} does not answer${pulse.reason === undefined ? '' : `: ${pulse.reason}`}`;
    case 'unheard':
    case undefined:
      return `node ${node} has not been heard since the master started`;
  }
}
