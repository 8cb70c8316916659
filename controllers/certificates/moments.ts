import { type CertificateBody, elapsedMs, type Instant, later, type Millis } from '../../src/model/index.js';

const MINUTE_MS: Millis = 60_000;
const DAY_MS: Millis = 24 * 60 * MINUTE_MS;

/** Of its life, at which a certificate is renewed: a third is left for whatever goes wrong. */
const RENEWED_AT = 2 / 3;
/** Of its life, within which renewals are spread: three days of ninety. */
const SPREAD = 1 / 30;

const FIRST_RETRY_MS: Millis = 5 * MINUTE_MS;
const LAST_RETRY_MS: Millis = DAY_MS;

const WARNED_MS: Millis = 14 * DAY_MS;
/** Of its life, for certificates that live only days. */
const WARNED_AT = 1 / 5;

/** When a certificate is renewed. @param lot from 0 to 1 */
export function renewalOf({ startsAt, expiresAt }: Pick<CertificateBody, 'startsAt' | 'expiresAt'>, lot: number): Instant {
  if (startsAt === undefined) return later(expiresAt, -DAY_MS);
  const lifeMs = elapsedMs(startsAt, expiresAt);
  return later(startsAt, Math.round(lifeMs * (RENEWED_AT + SPREAD * lot)));
}

/** From when on people are told that it ends. */
export function warningOf({ startsAt, expiresAt }: Pick<CertificateBody, 'startsAt' | 'expiresAt'>): Instant {
  const lifeMs = startsAt === undefined ? Infinity : elapsedMs(startsAt, expiresAt);
  return later(expiresAt, -Math.round(Math.min(WARNED_MS, lifeMs * WARNED_AT)));
}

/**
 * How long after a failed order the next one begins: doubling, so that of five failures within an hour, after which Let's Encrypt
 * refuses a name, there are four; up to a fifth more by lot.
 *
 * @param failures in a row; 1 or more
 * @see https://letsencrypt.org/docs/rate-limits/#authorization-failures-per-hostname-per-account
 */
export const retryMs = (failures: number, lot: number): Millis => Math.round(Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS) * (1 + lot / 5));
