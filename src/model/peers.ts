import type { Records } from './heads.js';

/** What a node needs to know of another of its grid to reach it. */
export interface Peer {
  readonly node: string;
  /** `10.81.3.0/24`. */
  readonly subnet: string;
  /** Of its tunnels, base64. */
  readonly publicKey: string;
  /** `host:port`, dialled inside a region. */
  readonly privateAddress?: string;
  /** `host:port`, dialled between regions. */
  readonly publicAddress?: string;
  /** `eu` of its label `region=eu`. */
  readonly region?: string;
}

const REGION = 'region=';

/** `eu` of a node's label `region=eu`; undefined where it has none. */
export const regionOf = (labels: readonly string[]): string | undefined => labels.find((label) => label.startsWith(REGION))?.slice(REGION.length);

/** A node as its peers see it; undefined when it was removed, or has no part of the subnet or no tunnels. */
export function peerOf(records: Records, node: string): Peer | undefined {
  const labels = records.get('Node', node)?.body.labels;
  const { subnet, publicKey, privateAddress, publicAddress } = records.get('Lease', node)?.body ?? {};
  if (labels === undefined || subnet === undefined || publicKey === undefined) return undefined;
  const region = regionOf(labels);
  return {
    node,
    subnet,
    publicKey,
    ...(privateAddress === undefined ? {} : { privateAddress }),
    ...(publicAddress === undefined ? {} : { publicAddress }),
    ...(region === undefined ? {} : { region }),
  };
}

/** Every node that others can reach, in the order of names. */
export const peersOf = (records: Records): readonly Peer[] => records.list('Lease').flatMap(({ name }) => peerOf(records, name) ?? []);
