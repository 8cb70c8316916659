import { type Entry, parseInstance, parseServiceRevision, serviceOfSlot, slotNumber } from '../../model/index.js';
import type { View } from '../../ports/index.js';
import { volumeUsers } from '../volume-users.js';
import { nodePhase } from './node.js';
import { namesOf, resource, type Shape } from './resource.js';

/** Whatever it mounts: its list of volumes may be another. */
const all = (): 'all' => 'all';

/** Volumes: what people declared, who mounts them, and on which nodes the data of slots lies. */
export const volumes: Shape = {
  names: (view) => namesOf(view, 'Volume'),
  describe: (view, name) => {
    const entry = view.get('Volume', name);
    if (entry === undefined) return undefined;
    const data = view.list('Binding').filter(({ body }) => body.volumes.includes(name)).map((binding) => placeOf(binding, view));
    return resource('Volume', view.grid, entry, { spec: entry.body, status: { usedBy: volumeUsers(name, view), data } });
  },
  watches: {
    Volume: (name) => [name],
    Stack: all,
    Instance: (name, view) => (parseInstance(name) === undefined || view.list('Volume').length === 0 ? [] : 'all'),
    Binding: all,
    Service: (name, view) => (parseServiceRevision(name) === undefined || view.list('Volume').length === 0 ? [] : 'all'),
    Node: all,
    Health: all,
    Pulse: all,
  },
};

/** Where the data of a slot lies, and what that means while its node is not there. */
function placeOf({ name, body: { node } }: Entry<'Binding'>, view: View): Readonly<Record<string, string>> {
  const meaning = whatIsLost(name, node, view);
  return { slot: name, node, phase: view.get('Node', node) === undefined ? 'removed' : nodePhase(node, view), ...(meaning === undefined ? {} : { meaning }) };
}

function whatIsLost(slot: string, node: string, view: View): string | undefined {
  const service = serviceOfSlot(slot);
  const isStateful = isKept(service, view);
  if (view.get('Node', node) === undefined) {
    return isStateful
      ? `${node} was removed, and the data with it: ${slot} waits until ${service} is scaled to fewer than ${String(slotNumber(slot))} and back, which starts it empty`
      : `${node} was removed, and the data with it: ${slot} starts empty elsewhere`;
  }
  if (view.get('Health', node)?.body.phase !== 'offline') return undefined;
  return isStateful
    ? `${node} is offline: ${slot} waits for it, and runs nowhere else. Is the machine lost for good, so is the data: remove the node`
    : `${node} is offline: elsewhere ${slot} starts empty`;
}

const isKept = (service: string, view: View): boolean =>
  view.list('Service', `${service}@`).some(({ body }) => body.isCurrent && body.spec.stateful);
