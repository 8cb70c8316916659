import type { Revision, StackSpec } from '../../model/index.js';
import type { Actions } from './actions.js';
import type { Applied } from './applied.js';
import type { VerbCalls } from './verbs.js';

export interface ApplyRequest {
  readonly grid: string;
  readonly stack: StackSpec;
  /** Look and answer; record nothing. */
  readonly dryRun: boolean;
  /** The watched file it comes from. */
  readonly origin?: string;
  /** Values that go into the vault with it, by the names of their secrets: all of it is recorded, or nothing. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Names of volumes that will be declared before it: a dry run takes them as there. */
  readonly volumes?: readonly string[];
}

/** One thing that happened while a stack comes to what was declared. Of a service, `running` counts what is declared now, `older` what it replaces. */
export type Progress =
  | { readonly type: 'instance'; readonly service: string; readonly instance: string; readonly node: string; readonly phase: string; readonly reason?: string | undefined }
  | { readonly type: 'service'; readonly service: string; readonly wanted: number; readonly running: number; readonly older: number; readonly reason?: string | undefined }
  | { readonly type: 'done' }
  | Failed
  | Overtaken;

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

/** Something else was declared meanwhile: what is followed will not run, or not for long. */
export interface Overtaken {
  readonly type: 'overtaken';
  readonly stack: string;
  /** Of what is declared now. */
  readonly revision: Revision;
  /** Who declared that. */
  readonly by: string;
}

/** Verbs are for all of its services, but no new round for those that are stopped; KON_STOPPED when all are. */
export interface StackCalls extends VerbCalls {
  apply(request: ApplyRequest): Promise<Applied>;
  /** Until everything declared at that revision is running ('done'), something will not ('failed'), or something else is declared ('overtaken'). Ends after any of these. */
  follow(grid: string, stack: string, revision: Revision, signal: AbortSignal): AsyncIterable<Progress>;
}

export const STACK_ACTIONS: Actions<StackCalls> = {
  apply: { action: 'stack.apply', isChange: true, on: ({ grid, stack }) => ({ grid, kind: 'stack', name: stack.name }), detail: ({ dryRun }) => (dryRun ? 'dry run' : undefined) },
  start: { action: 'stack.start', isChange: true, on: (grid, name) => ({ grid, kind: 'stack', name }) },
  stop: { action: 'stack.stop', isChange: true, on: (grid, name) => ({ grid, kind: 'stack', name }) },
  restart: { action: 'stack.restart', isChange: true, on: (grid, name) => ({ grid, kind: 'stack', name }) },
  redeploy: { action: 'stack.redeploy', isChange: true, on: (grid, name) => ({ grid, kind: 'stack', name }) },
  follow: { action: 'stack.follow', isChange: false, on: (grid, name) => ({ grid, kind: 'stack', name }) },
};
