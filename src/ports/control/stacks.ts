import type { Mistake, Revision, StackSpec } from '../../model/index.js';
import type { Actions } from './actions.js';

export interface ApplyRequest {
  readonly grid: string;
  readonly stack: StackSpec;
  /** Look and answer; record nothing. */
  readonly dryRun: boolean;
  /** The watched file it comes from. */
  readonly origin?: string;
  /** Values that go into the vault with it, by the names of their secrets: all of it is recorded, or nothing. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** What applying does, or would do, to one service, to the stack itself, or to a secret, whose value is never told. */
export interface Difference {
  readonly kind: 'Stack' | 'Service' | 'Secret';
  readonly name: string;
  readonly action: 'create' | 'update' | 'delete';
  readonly fields: readonly { readonly path: string; readonly from: unknown; readonly to: unknown }[];
  /** The containers are made anew. */
  readonly replaces: boolean;
}

export interface Applied {
  readonly name: string;
  readonly revision: Revision;
  /** Empty when all of it was so already. */
  readonly differences: readonly Difference[];
  readonly warnings: readonly Mistake[];
}

/** One thing that happened while a stack comes to what was declared. Of a service, `running` counts what is declared now, `older` what it replaces. */
export type Progress =
  | { readonly type: 'instance'; readonly service: string; readonly instance: string; readonly node: string; readonly phase: string; readonly reason?: string | undefined }
  | { readonly type: 'service'; readonly service: string; readonly wanted: number; readonly running: number; readonly older: number; readonly reason?: string | undefined }
  | { readonly type: 'done' }
  | Failed;

/** What will not come up, and why. */
export interface Failed {
  readonly type: 'failed';
  readonly service: string;
  readonly instance?: string | undefined;
  readonly reason: string;
  readonly output: readonly string[];
  /** The slots went back to what ran before. */
  readonly isReverted: boolean;
}

export interface StackCalls {
  apply(request: ApplyRequest): Promise<Applied>;
  /** Until everything declared is running ('done') or something will not ('failed'). Ends after either. */
  follow(grid: string, stack: string, revision: Revision, signal: AbortSignal): AsyncIterable<Progress>;
}

export const STACK_ACTIONS: Actions<StackCalls> = {
  apply: { action: 'stack.apply', isChange: true, on: ({ grid, stack }) => ({ grid, kind: 'stack', name: stack.name }), detail: ({ dryRun }) => (dryRun ? 'dry run' : undefined) },
  follow: { action: 'stack.follow', isChange: false, on: (grid, name) => ({ grid, kind: 'stack', name }) },
};
