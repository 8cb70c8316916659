import { KontenaError, machineOf, standingOfAgent } from '../../model/index.js';
import type { View } from '../../ports/index.js';
import type { Peer } from './master-session.js';

/** Why a connection is not, or no longer, the node's. */
export function refusalOf(peer: Peer, view: View): KontenaError | undefined {
  const { name, grid } = peer;
  const node = view.get('Node', name);
  if (node === undefined) return new KontenaError('KON_NODE_REMOVED', `node ${name} is not, or no longer, part of grid ${grid}`);
  if (standingOfAgent(node.body, peer) !== 'strange') return undefined;
  return new KontenaError('KON_CERTIFICATE_UNTRUSTED', `node ${name} of grid ${grid} has another key now: another machine joined under this name`);
}

/** The machine that is the node; undefined when there is no such node. */
export function machineIn(view: View, name: string): string | undefined {
  const body = view.get('Node', name)?.body;
  return body === undefined ? undefined : machineOf(body);
}
