import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import type { AuditHead } from '../model/index.js';
import type { AuditSeal } from '../ports/index.js';

/** The hash before the first entry. */
export const GENESIS = '0'.repeat(64);

/** SHA-256 of the hash before and an entry's JSON, in hex: whatever an entry says is under it, also what later versions add. */
export const chained = (previous: string, entry: string): string => hash('sha256', `${previous}\n${entry}`, 'hex');

const signedText = ({ cluster, number, hash: of, at }: AuditHead): Buffer => Buffer.from(JSON.stringify(['kontena audit log', cluster, number, of, at]));

/** A seal with the master's key, Ed25519. */
export const sealWith = (key: KeyObject): AuditSeal => ({
  genesis: GENESIS,
  publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
  chained,
  sign: (head) => sign(null, signedText(head), key).toString('base64'),
});

export const isSigned = (head: AuditHead, signature: string, publicKey: KeyObject): boolean => verify(null, signedText(head), publicKey, Buffer.from(signature, 'base64'));
