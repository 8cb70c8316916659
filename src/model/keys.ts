import type { NodeBody } from './records.js';

/** Whose key is renewed from time to time. */
export interface Keyed {
  /** SHA-256 of the public key, in hex. */
  readonly keyFingerprint: string;
  /** The key before it, which is good until the newer one was seen: the answer that brought that may have been lost. */
  readonly formerKey?: string;
}

/** What a key is to its holder's record. */
export function standingOfKey({ keyFingerprint, formerKey }: Keyed, key: string): 'current' | 'former' | 'strange' {
  if (key === keyFingerprint) return 'current';
  return key === formerKey ? 'former' : 'strange';
}

/** As it is when the newer key was seen. */
export function settled<T extends Keyed>({ formerKey: _former, ...rest }: T): Omit<T, 'formerKey'> {
  return rest;
}

/** What an agent's certificate says, beside its grid and node. */
export interface ShownKey {
  readonly keyFingerprint: string;
  /** See {@link machineOf}; absent in certificates of before. */
  readonly machine?: string;
  readonly generation?: number;
}

/**
 * What an agent's certificate is to its node's record. `newer`: the authority has certified this machine more often than the
 * record knows, because the master was restored from a backup that is older than the certificate.
 */
export function standingOfAgent(node: NodeBody, { keyFingerprint, machine, generation = 0 }: ShownKey): ReturnType<typeof standingOfKey> | 'newer' {
  const standing = standingOfKey(node, keyFingerprint);
  return standing === 'strange' && machine === machineOf(node) && generation > (node.generation ?? 0) ? 'newer' : standing;
}

/** What tells the machine that a node is from another of the same name: the key that it joined with. */
export const machineOf = ({ machine, keyFingerprint }: NodeBody): string => machine ?? keyFingerprint;
