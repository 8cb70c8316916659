import type { GridCalls } from '../../../ports/index.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const gridCalls = ({ ask }: Serving<GridCalls>): Pick<ControlServer, 'createGrid'> => ({
  createGrid: ask('create', (create, { name, subnet, nodePrefix }) => create({ name, ...(subnet === '' ? {} : { subnet }), ...(nodePrefix === undefined ? {} : { nodePrefix }) })),
});
