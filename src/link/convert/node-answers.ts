import { KontenaError, type Lookup, type NetworkStatus, type NodeAnswer, type TunnelStatus } from '../../model/index.js';
import type * as wire from '../gen/kontena/v1/node.js';
import { LIST_ENTRIES, NAME_CHARACTERS, REASON_CHARACTERS } from '../limits.js';
import { oneOf } from './words.js';
import { defined, orAbsent } from './plain.js';
import { pathInfoFrom, pathInfoTo } from './program.js';

/** What a node answers, as it is put on the wire. */
export function answerTo(answer: NodeAnswer): wire.NodeAnswer {
  switch (answer.kind) {
    case 'network':
      return { answer: { $case: 'network', value: networkTo(answer.said) } };
    case 'lookup':
      return { answer: { $case: 'lookup', value: lookupTo(answer.said) } };
    case 'rotate-keys':
      return { answer: { $case: 'rotateKeys', value: answer.said } };
    case 'look':
      return { answer: { $case: 'look', value: pathInfoTo(answer.said) } };
  }
}

/** Cut to what agents of ours say; how long its lists are is bounded by what one message may be. @throws KON_INVALID for what no agent of ours says */
export function answerFrom({ answer }: wire.NodeAnswer): NodeAnswer {
  switch (answer?.$case) {
    case 'network':
      return { kind: 'network', said: networkFrom(answer.value) };
    case 'lookup':
      return { kind: 'lookup', said: lookupFrom(answer.value) };
    case 'rotateKeys':
      return { kind: 'rotate-keys', said: { publicKey: short(answer.value.publicKey) } };
    case 'look':
      return { kind: 'look', said: pathInfoFrom(answer.value) };
    case undefined:
      throw new KontenaError('KON_INVALID', 'an agent gives an answer of a kind that is not known here');
  }
}

const networkTo = ({ mtuBytes, tunnels, drops, problems }: NetworkStatus): wire.NetworkStatus => ({
  mtuBytes,
  tunnels: tunnels.map(({ endpoint, handshakeAgeMs, isLocal = false, probe, ...rest }) => ({
    ...rest,
    endpoint: endpoint ?? '',
    handshakeAgeMs: handshakeAgeMs === undefined ? undefined : Math.round(handshakeAgeMs),
    isLocal,
    probe: probe && { sent: probe.sent, answered: probe.answered, latencyMs: probe.latencyMs },
  })),
  drops: { ...drops },
  problems: problems.map((problem) => ({ ...problem })),
});

const networkFrom = ({ mtuBytes, tunnels, drops, problems }: wire.NetworkStatus): NetworkStatus => ({
  ...defined({ mtuBytes }),
  tunnels: tunnels.map(tunnelFrom),
  drops: Object.fromEntries(Object.entries(drops).map(([reason, packets]) => [short(reason), packets])),
  problems: problems.slice(0, LIST_ENTRIES).map(({ what, reason, remedy }) => ({ what: short(what), reason: cut(reason), remedy: cut(remedy) })),
});

const tunnelFrom = ({ node, endpoint, handshakeAgeMs, isLocal, probe, ...rest }: wire.TunnelStatus): TunnelStatus => ({
  ...rest,
  node: short(node),
  ...defined({ endpoint: orAbsent(short(endpoint)), handshakeAgeMs, probe: probe && defined(probe) }),
  ...(isLocal ? { isLocal } : {}),
});

const lookupTo = ({ addresses, instances, ...rest }: Lookup): wire.Lookup => ({
  ...rest,
  addresses: [...addresses],
  instances: instances.map(({ whyNot = '', ...row }) => ({ ...row, whyNot })),
});

const lookupFrom = ({ name, kind, because, addresses, instances }: wire.Lookup): Lookup => ({
  name: short(name),
  kind: oneOf('kind', ['records', 'none', 'unknown', 'elsewhere'], kind),
  because: cut(because),
  addresses: addresses.map(short),
  instances: instances.map(({ instance, address, node, serves, whyNot }) => ({ instance: short(instance), address: short(address), node: short(node), serves, ...defined({ whyNot: orAbsent(cut(whyNot)) }) })),
});

const short = (name: string): string => name.slice(0, NAME_CHARACTERS);
const cut = (reason: string): string => reason.slice(0, REASON_CHARACTERS);
