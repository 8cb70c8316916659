import type { NodeStatistics } from '../../model/index.js';
import type { View } from '../../ports/index.js';

/** What a node says, without what it says of instances that others are assigned. */
export const ofItsOwn = (view: View, name: string, { node, instances }: NodeStatistics): NodeStatistics => ({
  node, instances: Object.fromEntries(Object.entries(instances).filter(([instance]) => view.get('Instance', instance)?.body.node === name)),
});
