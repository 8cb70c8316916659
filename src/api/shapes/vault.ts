import { isoTime } from '../../model/index.js';
import { usersOf } from '../vault-users.js';
import { namesOf, resource, type Shape } from './resource.js';

/** Whatever the stack opens, or opened before: its list of users may be another. */
const all = (): 'all' => 'all';

/** Secrets, without their values. */
export const secrets: Shape = {
  names: (view) => namesOf(view, 'Secret'),
  describe: (view, name) => {
    const entry = view.get('Secret', name);
    if (entry === undefined) return undefined;
    return resource('Secret', view.grid, entry, { spec: {}, status: { version: entry.body.version, usedBy: usersOf({ kind: 'Secret', name }, view) } });
  },
  watches: { Secret: (name) => [name], Stack: all },
};

/** Certificates, without their keys. */
export const certificates: Shape = {
  names: (view) => namesOf(view, 'Certificate'),
  describe: (view, name) => {
    const entry = view.get('Certificate', name);
    if (entry === undefined) return undefined;
    const { version, names, expiresAt } = entry.body;
    return resource('Certificate', view.grid, entry, { spec: { names, expiresAt: isoTime(expiresAt) }, status: { version, usedBy: usersOf({ kind: 'Certificate', name }, view) } });
  },
  watches: { Certificate: (name) => [name], Stack: all },
};
