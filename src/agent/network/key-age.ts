import { type Instant, later, type Millis } from '../../model/index.js';
import type { KeptKey } from '../../ports/index.js';

/** The last part of its life in which a key is changed: not all nodes of a grid, which joined together, do so together. */
const SPREAD = 1 / 4;

/** When a key is to make way for another. Where in the last part of its life that is, the key itself says, which is chance. */
export function changeDue({ publicKey, madeAt }: KeptKey, maxAgeMs: Millis): Instant {
  const chance = (Buffer.from(publicKey, 'base64')[0] ?? 0) / 256;
  return later(madeAt, Math.round(maxAgeMs * (1 - SPREAD * chance)));
}
