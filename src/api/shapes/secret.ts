import { usersOf } from '../vault-users.js';
import { namesOf, resource, type Shape } from './resource.js';

/** Secrets, without their values. */
export const secrets: Shape = {
  names: (view) => namesOf(view, 'Secret'),
  describe: (view, name) => {
    const entry = view.get('Secret', name);
    if (entry === undefined) return undefined;
    return resource('Secret', view.grid, entry, { spec: {}, status: { version: entry.body.version, usedBy: usersOf({ kind: 'Secret', name }, view) } });
  },
  // Whatever the stack opens, or opened before: its list of users may be another.
  watches: { Secret: (name) => [name], Stack: () => 'all' },
};
