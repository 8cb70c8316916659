import type { MachineView, Route } from '../../ports/index.js';

/** Bridges and tunnels of nodes, ours among them. */
const OF_NODES = /^k[bw]-/;

/** What of the world's addresses this machine has given away already: its routes, and addresses of its own that no route shows. */
export const occupied = ({ interfaces, routes }: Pick<MachineView, 'interfaces' | 'routes'>): readonly Route[] => [
  ...routes,
  ...interfaces.flatMap(({ name, addresses }) => (OF_NODES.test(name) ? [] : addresses.filter((address) => address.endsWith('/32')).map((to) => ({ to, device: name })))),
];
