import { createHash } from 'node:crypto';
import type { NetworkNames } from '../../ports/index.js';

/** Whose network it is. */
export interface NetworkOwner {
  readonly cluster: string;
  readonly grid: string;
  readonly node: string;
}

/** Hex digits of the hash: with what stands before them, well below the 15 characters that Linux gives an interface. */
const LENGTH = 8;

/** Numbers of tables of routes: far from those below 256 that Linux and its programs use. */
const FIRST_TABLE = 81_000_000;
const TABLES = 1_000_000;

/** Names that no other node has, neither of another grid nor of another cluster, should they share a machine. */
export function networkNames({ cluster, grid, node }: NetworkOwner): NetworkNames {
  const hash = createHash('sha256').update(JSON.stringify([cluster, grid, node])).digest('hex').slice(0, LENGTH);
  const routingTable = FIRST_TABLE + (parseInt(hash, 16) % TABLES);
  return { routingTable, bridge: `kb-${hash}`, tunnel: `kw-${hash}`, table: `kontena-${hash}` };
}

/** Where this machine's own programs ask the node for names: one of its loopback addresses, another for each node on it. */
export function machineAddress({ routingTable }: NetworkNames): string {
  const number = routingTable % 0x1_0000;
  return `127.81.${number >> 8}.${number & 0xff}`;
}

/** The tunnel of the node whose bridge this is. */
export const tunnelBeside = (bridge: string): string => bridge.replace(/^kb-/, 'kw-');
