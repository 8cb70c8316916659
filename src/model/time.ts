declare const instant: unique symbol;

/** A moment: milliseconds since the Unix epoch. Only a Clock makes one; arithmetic keeps the brand. */
export type Instant = number & { readonly [instant]: true };

/** A length of time in milliseconds. Every name that holds one ends in `Ms`. */
export type Millis = number;

/** The moment `byMs` milliseconds after `from`. */
export const later = (from: Instant, byMs: Millis): Instant => (from + byMs) as Instant;

/** Milliseconds from one moment to another; negative when `to` is earlier. */
export const elapsedMs = (from: Instant, to: Instant): Millis => to - from;

/** The earliest of the moments that are there; undefined when none is. */
export function earliest(...moments: readonly (Instant | undefined)[]): Instant | undefined {
  let first: Instant | undefined;
  for (const moment of moments) if (moment !== undefined && (first === undefined || moment < first)) first = moment;
  return first;
}

/** A moment as people and JSON read it: ISO 8601 in UTC. */
export const isoTime = (moment: Instant): string => new Date(moment).toISOString();
