import { elapsedMs, type Instant, later, type Millis, reasonOfEnd, type ServiceSpec } from '../../model/index.js';
import type { Container } from '../../ports/index.js';
import { type Answered, type Checks, freshChecks, isCheckedByEngine, withEngineHealth } from './checks.js';
import { ALL_HOOKS_PASSED, type HooksPassed, type HookStep, NO_HOOKS_PASSED } from './hooks.js';

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
  /** This agent, in this life, made its container whole: with the files it holds. */
  readonly isMadeHere: boolean;
  readonly hooks: HooksPassed;
  /** What went wrong with a hook since the container started: it is told, and nothing else follows from it. */
  readonly mishap?: string | undefined;
  /** The last lines of a hook that went wrong, until the container starts anew. */
  readonly hookOutput?: readonly string[] | undefined;
  /** Of the running container; undefined before it runs. */
  readonly checks?: Checks | undefined;
  /** What its container last answered, be it in an earlier life. */
  readonly answers: readonly Answered[];
}

export const NOTHING_REMEMBERED: Remembered = { restarts: 0, quickEnds: 0, failures: 0, isEndCounted: false, isMadeHere: false, hooks: NO_HOOKS_PASSED, answers: [] };

/** Whether this container ended since we last looked. */
export const isNewEnd = (container: Container, { isEndCounted }: Remembered): boolean => container.state === 'exited' && !isEndCounted;

/** The container ended by itself: it is started again, the first time at once, then after 1, 4, 9, 16, 25, 30, 30 … seconds. */
export function afterEnd(before: Remembered, container: Container, output: readonly string[], now: Instant): Remembered {
  const quickEnds = wasSteady(before, container, now) ? 0 : before.quickEnds;
  return {
    ...before,
    restarts: before.restarts + 1,
    quickEnds: quickEnds + 1,
    notBefore: later(now, waitMs(quickEnds)),
    reason: whyEnded(before, container),
    end: { exitCode: container.exitCode, output },
    isEndCounted: true,
    hooks: NO_HOOKS_PASSED,
  };
}

/** By the agent's own time where it saw it run; of what it never saw, only the engine can tell. What never became healthy was never steady. */
function wasSteady({ checks }: Remembered, { startedAtMs, finishedAtMs }: Container, now: Instant): boolean {
  if (checks?.health === 'unhealthy' && !checks.hasBeenHealthy) return false;
  if (checks !== undefined && checks.startedAtMs === startedAtMs) return elapsedMs(checks.since, now) >= STEADY_MS;
  return startedAtMs !== undefined && finishedAtMs !== undefined && finishedAtMs - startedAtMs >= STEADY_MS;
}

function whyEnded({ checks }: Remembered, { wasOutOfMemory, exitCode }: Container): string {
  if (wasOutOfMemory) return 'killed for want of memory';
  if (checks?.health === 'unhealthy') return unhealthy(checks);
  return reasonOfEnd(exitCode);
}

export const unhealthy = ({ reason = '' }: Checks): string => `unhealthy: ${reason}`;

/** A step failed: it is tried again after 1, 4, 9, 16, 25, 30, 30 … seconds. */
export function afterFailure(before: Remembered, reason: string, now: Instant): Remembered {
  const failures = before.failures + 1;
  return { ...before, failures, reason, notBefore: later(now, waitMs(failures)) };
}

/** The engine had it no more, or was about to drop it: not long to wait until that is over. */
export const afterLoss = (before: Remembered, now: Instant): Remembered => ({ ...before, notBefore: later(now, LOSS_WAIT_MS) });

/** It was started, even if it has ended again already. */
export const afterStart = (before: Remembered): Remembered => ({
  ...withoutFailures(before),
  isEndCounted: false,
  checks: undefined,
  hooks: { ...before.hooks, postStart: 0, preStop: 0 },
});

/** How a container was seen to run. */
export interface Seen {
  readonly isStartedHere: boolean;
  /** What it is made from, as far as was ever heard. */
  readonly spec: ServiceSpec | undefined;
  readonly now: Instant;
}

/**
 * It is seen to run. What somebody else started, such as the agent in an earlier life, has the hooks of its start behind it,
 * and runs for as long as the engine says, which may have gone by another time.
 */
export function whileRunning(before: Remembered, container: Container, seen: Seen): Remembered {
  const running = sinceItsStart(before, container, seen);
  if (container.health === undefined || running.checks === undefined || seen.spec === undefined || !isCheckedByEngine(seen.spec, container)) return running;
  return { ...running, checks: withEngineHealth(running.checks, container.health) };
}

function sinceItsStart(before: Remembered, container: Container, { isStartedHere, now }: Seen): Remembered {
  if (before.checks?.startedAtMs === (container.startedAtMs ?? 0)) return before;
  const hooks = isStartedHere ? before.hooks : { ...ALL_HOOKS_PASSED, preStop: 0 };
  const since = isStartedHere ? now : (Math.min(now, container.startedAtMs ?? now) as Instant);
  return { ...withoutFailures(before), isEndCounted: false, checks: freshChecks(container, since), hooks };
}

const withoutFailures = (before: Remembered): Remembered => ({ ...before, failures: 0, notBefore: undefined, reason: undefined, mishap: undefined, hookOutput: undefined });

/** A hook is done with. After one that went wrong, the others of its moment are left out. */
export const afterHook = (before: Remembered, { moment, position }: HookStep, mishap: string | undefined): Remembered => ({
  ...before,
  mishap: mishap ?? before.mishap,
  hooks: { ...before.hooks, [moment]: mishap === undefined ? position + 1 : Infinity },
});

/** Whether it was the last of its moment to be run, and ended well. */
export const hasJustRun = ({ hooks }: Remembered, { moment, position }: HookStep): boolean => hooks[moment] === position + 1;

export const isWaiting = ({ notBefore }: Remembered, now: Instant): boolean => notBefore !== undefined && notBefore > now;

/** n² seconds, at most 30. */
const waitMs = (n: number): Millis => Math.min(n * n * 1000, LONGEST_WAIT_MS);
