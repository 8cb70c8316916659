import type { View } from '../../ports/index.js';
import { volumeUsers } from '../volume-users.js';
import { dataPlace } from './data.js';
import { namesOf, resource, type Shape } from './resource.js';

/** Whoever mounts it, or wherever it lies: its lists may be others. */
const all = (): 'all' => 'all';

/** The same where there are volumes at all: these records change often. */
const allThereAre = (_name: string, view: View): readonly string[] => namesOf(view, 'Volume');

/** Volumes: what people declared, who mounts them, and on which nodes the data of slots lies. */
export const volumes: Shape = {
  names: (view) => namesOf(view, 'Volume'),
  describe: (view, name) => {
    const entry = view.get('Volume', name);
    if (entry === undefined) return undefined;
    const data = view.list('Binding').filter(({ body }) => body.volumes.includes(name)).map(({ name: slot, body }) => {
      const { volumes: _all, ...place } = dataPlace(slot, body, view);
      return { slot, ...place };
    });
    return resource('Volume', view.grid, entry, { spec: entry.body, status: { usedBy: volumeUsers(name, view), data } });
  },
  watches: { Volume: (name) => [name], Stack: all, Binding: all, Move: all, Transfer: all, Instance: allThereAre, Service: allThereAre, Node: all, Health: allThereAre, Pulse: allThereAre },
};
