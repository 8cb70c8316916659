import type { GridCalls, GridChange } from '../../../ports/index.js';
import type { ControlServer, GridChange as WireChange } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const gridCalls = ({ ask }: Serving<GridCalls>): Pick<ControlServer, 'createGrid' | 'updateGrid'> => ({
  createGrid: ask('create', (create, { name, subnet, nodePrefix, change }) => create({ name, ...(subnet === '' ? {} : { subnet }), ...(nodePrefix === undefined ? {} : { nodePrefix }), ...changeFrom(change) })),
  updateGrid: ask('update', (update, { name, change }) => update(name, changeFrom(change))),
});

const changeFrom = ({ statsd, defaultAffinity }: Partial<WireChange> = {}): GridChange => ({
  ...(statsd === undefined ? {} : { statsd }),
  ...(defaultAffinity === undefined ? {} : { defaultAffinity: defaultAffinity.rules }),
});
