import { registryOf } from '../../model/index.js';
import type { View } from '../../ports/index.js';
import { namesOf, resource, type Shape } from './resource.js';

/** Registries that are asked by name, without the passwords, and which services' images come from there. */
export const registries: Shape = {
  names: (view) => namesOf(view, 'Registry'),
  describe: (view, name) => {
    const entry = view.get('Registry', name);
    if (entry === undefined) return undefined;
    return resource('Registry', view.grid, entry, { spec: { user: entry.body.user }, status: { version: entry.body.version, usedBy: usersOf(name, view) } });
  },
  watches: { Registry: (name) => [name], Stack: () => 'all' },
};

const usersOf = (registry: string, view: View): readonly string[] =>
  view.list('Stack').flatMap(({ name, body }) => Object.entries(body.spec.services).flatMap(([service, { image }]) => (registryOf(image) === registry ? [`${name}/${service}`] : [])));
