import { randomBytes } from 'node:crypto';
import type { Random } from './ports/index.js';

/** Real chance: jitter from the fast generator, secrets from the system's. */
export const systemRandom: Random = {
  fraction: () => Math.random(),
  secret: (bytes) => randomBytes(bytes).toString('base64url'),
};
