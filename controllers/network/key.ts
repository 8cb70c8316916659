import type { NodeNetworkBody } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';

/** 32 bytes in base64, written in the one way that says them: another would be the same key under another name. */
const KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

interface Key {
  readonly publicKey?: string | undefined;
  /** Why the key that the node has may not be used. */
  readonly reason?: string | undefined;
}

/** The key by which other nodes know one: its own, unless another node has it already. Who has it keeps it. */
export function keyOf(node: string, { publicKey }: NodeNetworkBody, view: View): Key {
  if (publicKey === undefined || view.get('Lease', node)?.body.publicKey === publicKey) return { publicKey };
  if (!KEY.test(publicKey)) return { reason: 'the key of its tunnels is none: update its agent' };
  const holder = view.list('Lease').find((lease) => lease.name !== node && lease.body.publicKey === publicKey);
  if (holder === undefined) return { publicKey };
  return { reason: `node ${holder.name} has the key of its tunnels: they share a data directory or a copy of one, so give each its own with \`kontenactl node rotate-keys ${node}\`` };
}
