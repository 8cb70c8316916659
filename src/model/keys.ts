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

/** What tells the machine that a node is from another of the same name: the key that it joined with. */
export const machineOf = ({ machine, keyFingerprint }: NodeBody): string => machine ?? keyFingerprint;
