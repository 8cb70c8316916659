import type { View } from '../../src/ports/index.js';

/** Nodes that were refused a part of the subnet. */
export const waitForPart = (view: View): readonly string[] => view.list('Lease').flatMap(({ name, body }) => (body.subnet === undefined ? [name] : []));

/** Nodes that were refused the key that they have. */
export const waitForKey = (view: View): readonly string[] =>
  view.list('Lease').flatMap(({ name, body }) => (body.publicKey === undefined && view.get('NodeNetwork', name)?.body.publicKey !== undefined ? [name] : []));
