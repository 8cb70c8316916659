import type { Bodies, Kind } from './records.js';

/** One record written anew, or dropped (body undefined), and why. */
export type Change<K extends Kind = Kind> = {
  [P in K]: { readonly kind: P; readonly name: string; readonly body: Bodies[P] | undefined; readonly why: string };
}[K];

/** Writes a record. */
export const put = <K extends Kind>(kind: K, name: string, body: Bodies[K], why: string): Change =>
  ({ kind, name, body, why }) as Change;

/** Drops a record. */
export const drop = (kind: Kind, name: string, why: string): Change => ({ kind, name, body: undefined, why }) as Change;
