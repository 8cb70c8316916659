import { KontenaError } from '../model/index.js';
import type { Overtaken, Progress } from '../ports/index.js';
import type { Host } from './host.js';
import type { Failure } from './output/index.js';
import type { OpenGrid } from './run.js';

/** A stack on its way to what was declared. */
export interface Followed {
  readonly stack: string;
  readonly revision: number;
}

export type Outcome =
  | { readonly result: 'running' }
  | { readonly result: 'failed' | 'overtaken'; readonly failures: readonly Failure[]; readonly overtaken: readonly Overtaken[] }
  | { readonly result: 'timeout' }
  | { readonly result: 'interrupted' };

interface FollowOptions {
  readonly timeoutMs: number;
  readonly show: (event: Progress) => void;
}

/** A master that went away is asked again this often until the time is over: the work goes on without it. */
const RETRY_MS = 500;

/** Follows stacks until all of them run, will not or are declared anew, the time is over, or Ctrl-C. None of these stops the work. */
export async function followStacks(host: Host, target: OpenGrid, stacks: readonly Followed[], options: FollowOptions): Promise<Outcome> {
  const over = new AbortController();
  let ending: 'timeout' | 'interrupted' | undefined;
  const end = (why: 'timeout' | 'interrupted'): void => {
    ending ??= why;
    over.abort();
  };
  const timer = setTimeout(() => end('timeout'), options.timeoutMs);
  const forget = host.onInterrupt(() => end('interrupted'));
  try {
    const results = await Promise.all(stacks.map((stack) => followOne(target, stack, { over: over.signal, show: options.show })));
    const ended = results.filter((result) => typeof result === 'object');
    const failures = ended.filter((result) => result.type === 'failed');
    const overtaken = ended.filter((result) => result.type === 'overtaken');
    if (ended.length > 0) return { result: failures.length > 0 ? 'failed' : 'overtaken', failures, overtaken };
    return ending === undefined || results.every((result) => result === 'done') ? { result: 'running' } : { result: ending };
  } finally {
    clearTimeout(timer);
    forget();
    over.abort();
  }
}

interface OneOptions {
  readonly over: AbortSignal;
  readonly show: (event: Progress) => void;
}

async function followOne({ control, grid }: OpenGrid, { stack, revision }: Followed, { over, show }: OneOptions): Promise<Failure | Overtaken | 'done' | 'over'> {
  while (!over.aborted) {
    try {
      for await (const event of control.stacks.follow(grid, stack, revision, over)) {
        show(event);
        if (event.type === 'failed' || event.type === 'overtaken') return event;
        if (event.type === 'done') return 'done';
      }
    } catch (error) {
      if (isAborted(over)) return 'over';
      if (!(error instanceof KontenaError) || error.code !== 'KON_MASTER_UNREACHABLE') throw error;
    }
    await pause(RETRY_MS, over);
  }
  return 'over';
}

/** Asked in a function of its own: the compiler takes the answer of the loop's head for lasting. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;

/** Waits, but not beyond the signal. */
function pause(ms: number, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      over.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    over.addEventListener('abort', done);
    if (over.aborted) done();
  });
}
