import { elapsedMs, type Instant, later, type Millis } from '../model/index.js';
import type { Container } from '../ports/index.js';

/** A container that was up for so long ended for another reason than the one before: its back-off begins anew. */
const STEADY_MS: Millis = 10_000;

/** The longest wait between two tries. */
const LONGEST_WAIT_MS: Millis = 30_000;

/** An engine takes about so long to drop a container. */
const LOSS_WAIT_MS: Millis = 100;

/** What the agent knows of an instance and no engine can tell. Lost with the agent: a wait then begins anew. */
export interface Remembered {
  /** Times the container ended by itself. */
  readonly restarts: number;
  /** Ends in a row, each soon after its start. */
  readonly quickEnds: number;
  /** Steps that failed in a row. */
  readonly failures: number;
  /** Nothing more is tried before. */
  readonly notBefore?: Instant | undefined;
  /** Why it is not running. */
  readonly reason?: string | undefined;
  /** The last end: with what code, after which words. */
  readonly end?: { readonly exitCode: number; readonly output: readonly string[] } | undefined;
  /** That end has been counted, and the container was not started since. */
  readonly isEndCounted: boolean;
}

export const NOTHING_REMEMBERED: Remembered = { restarts: 0, quickEnds: 0, failures: 0, isEndCounted: false };

/** Whether this container ended since we last looked. */
export const isNewEnd = (container: Container, { isEndCounted }: Remembered): boolean => container.state === 'exited' && !isEndCounted;

/** The container ended by itself: it is started again, the first time at once, then after 1, 4, 9, 16, 25, 30, 30 … seconds. */
export function afterEnd(before: Remembered, container: Container, output: readonly string[], now: Instant): Remembered {
  const { startedAtMs, finishedAtMs, exitCode } = container;
  const wasSteady = startedAtMs !== undefined && finishedAtMs !== undefined && finishedAtMs - startedAtMs >= STEADY_MS;
  const quickEnds = wasSteady ? 0 : before.quickEnds;
  return {
    ...before,
    restarts: before.restarts + 1,
    quickEnds: quickEnds + 1,
    notBefore: later(now, waitMs(quickEnds)),
    reason: container.wasOutOfMemory ? 'killed for want of memory' : `ended with exit code ${exitCode}`,
    end: { exitCode, output },
    isEndCounted: true,
  };
}

/** A step failed: it is tried again after 1, 4, 9, 16, 25, 30, 30 … seconds. */
export function afterFailure(before: Remembered, reason: string, now: Instant): Remembered {
  const failures = before.failures + 1;
  return { ...before, failures, reason, notBefore: later(now, waitMs(failures)) };
}

/** The engine had it no more, or was about to drop it: not long to wait until that is over. */
export const afterLoss = (before: Remembered, now: Instant): Remembered => ({ ...before, notBefore: later(now, LOSS_WAIT_MS) });

/** It runs, or was started and has ended again already. */
export const afterStart = (before: Remembered): Remembered => ({ ...before, failures: 0, notBefore: undefined, reason: undefined, isEndCounted: false });

export const isWaiting = ({ notBefore }: Remembered, now: Instant): boolean => notBefore !== undefined && elapsedMs(now, notBefore) > 0;

/** n² seconds, at most 30. */
const waitMs = (n: number): Millis => Math.min(n * n * 1000, LONGEST_WAIT_MS);
