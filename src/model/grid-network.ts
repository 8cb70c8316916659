import type { GridBody } from './records.js';
import { requireSubnet, type Subnet } from './subnet.js';

/** Of the grid `default`, the only one that older stores have. */
export const FIRST_SUBNET = '10.81.0.0/16';

/** A part for each node unless a grid says otherwise: 253 instances. */
export const DEFAULT_NODE_PREFIX = 24;

export interface GridNetwork {
  readonly subnet: Subnet;
  /** How large a part of the subnet each node owns. */
  readonly nodePrefix: number;
}

/** The subnet of a grid and how it is divided, with what records of older stores do not say. */
export const gridNetwork = ({ subnet = FIRST_SUBNET, nodePrefix = DEFAULT_NODE_PREFIX }: Pick<GridBody, 'subnet' | 'nodePrefix'>): GridNetwork => ({
  subnet: requireSubnet(subnet),
  nodePrefix,
});
