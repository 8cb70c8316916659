import type { NetworkProblem, NetworkStatus, Peer, TunnelStatus } from '../../model/index.js';
import type { MachineView, NetworkNames } from '../../ports/index.js';
import { neighboursOf } from './plan.js';

/** What is seen of the tunnels to all others, each by the name of the node at its other end, in the order of names. */
export function statusOf(peers: readonly Peer[], view: MachineView, { names, nowMs, problems }: { readonly names: NetworkNames; readonly nowMs: number; readonly problems: readonly NetworkProblem[] }): NetworkStatus {
  const tunnel = view.tunnel === 'foreign' ? undefined : view.tunnel;
  const mtuBytes = view.interfaces.find((one) => one.name === names.tunnel)?.mtuBytes;
  const neighbours = neighboursOf({ names, peers }, view);
  const inOrder = [...peers].sort((a, b) => a.node.localeCompare(b.node, 'en', { numeric: true }));
  const tunnels = inOrder.map(({ node, publicKey, subnet }): TunnelStatus => {
    const seen = tunnel?.peers.find((one) => one.publicKey === publicKey);
    return {
      node,
      ...(neighbours.has(subnet) ? { isLocal: true } : {}),
      ...(seen?.endpoint === undefined ? {} : { endpoint: seen.endpoint }),
      ...(seen?.handshakeAtMs === undefined ? {} : { handshakeAgeMs: Math.max(0, nowMs - seen.handshakeAtMs) }),
      receivedBytes: seen?.receivedBytes ?? 0,
      sentBytes: seen?.sentBytes ?? 0,
    };
  });
  return { ...(mtuBytes === undefined ? {} : { mtuBytes }), tunnels, drops: view.firewall?.drops ?? {}, problems };
}
