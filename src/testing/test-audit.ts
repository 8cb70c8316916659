import { generateKeyPairSync } from 'node:crypto';
import { sealWith } from '../audit/index.js';
import type { AuditLog, AuditSeal, Clock } from '../ports/index.js';
import { openAudit } from '../store/index.js';

/** A seal with a key of its own. */
export const testSeal = (): AuditSeal => sealWith(generateKeyPairSync('ed25519').privateKey);

/** A real audit log, in memory unless a file is named. */
export const testAudit = (clock: Clock, file = ':memory:', seal = testSeal(), cluster = 'c1'): AuditLog =>
  openAudit(file, {
    cluster,
    seal,
    clock,
    onFatal: (error) => {
      throw error;
    },
  });
