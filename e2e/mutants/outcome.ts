/** Only a test that ran to its end and found something wrong has noticed. What took too long, or could not even begin, has not. */
export type Outcome = 'noticed' | 'MISSED' | 'MISSED (timed out)' | 'MISSED (did not run)';

/** How a run of jest ended, and all that it wrote. */
export interface Run {
  /** Undefined when it was ended from outside. */
  readonly code: number | undefined;
  readonly output: string;
}

export interface Finding {
  readonly outcome: Outcome;
  /** What a test said of the fault; empty when none did. */
  readonly words: string;
}

/** What jest and the simulation say when time is up. */
const TIME_OUT = /Exceeded timeout of|\btimed out: /;
/** What they say of a text that is no program. */
const NO_PROGRAM = /Test suite failed to run|SyntaxError|ReferenceError|Command failed: .*esbuild/;
/** A broken promise of the simulation says more than the name of its test. */
const BROKEN_PROMISE = /seed \d+ \(\w+\): .*/;

/** What a run with a fault planted came to. */
export function findingOf({ code, output }: Run): Finding {
  if (code === 0) return { outcome: 'MISSED', words: '' };
  const failures = output.split(/^ {2}● /m).slice(1);
  const real = failures.find((failure) => !TIME_OUT.test(failure) && !NO_PROGRAM.test(failure));
  if (real !== undefined) return { outcome: 'noticed', words: (BROKEN_PROMISE.exec(real)?.[0] ?? real.split('\n', 1)[0] ?? '').trim() };
  const isLate = code === undefined || failures.some((failure) => TIME_OUT.test(failure));
  return { outcome: isLate ? 'MISSED (timed out)' : 'MISSED (did not run)', words: '' };
}
