import { generateKeyPairSync } from 'node:crypto';
import type { TunnelKey } from '../ports/index.js';

/** Bytes of an X25519 key; in DER they come last. */
const LENGTH = 32;

/** A key of WireGuard is one of X25519, in base64. */
export function makeKey(): TunnelKey {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  return {
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-LENGTH).toString('base64'),
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-LENGTH).toString('base64'),
  };
}
