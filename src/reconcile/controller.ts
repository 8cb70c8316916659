import type { Change, Instant, Kind, Plan, Writer } from '../model/index.js';
import type { Changed, View } from '../ports/index.js';

/**
 * One independent reconcile loop of the master. `plan` is pure and total: same view and moment, same plan;
 * it never learns which event woke it, so it cannot come to depend on one. Subjects are names within one grid.
 */
export interface Controller {
  readonly name: Writer;
  /** For each kind this controller reads: which of its own subjects a changed record concerns. */
  readonly watches: { readonly [K in Kind]?: (name: string, view: View) => readonly string[] };
  /** Every subject there is; the loop visits them all at start and on each full scan. */
  subjects(view: View): readonly string[];
  plan(subject: string, view: View, now: Instant): Plan<Change>;
}

/** The subjects of `controller` that a change concerns. */
export const concerned = (controller: Controller, { kind, name }: Changed, view: View): readonly string[] =>
  controller.watches[kind]?.(name, view) ?? [];
