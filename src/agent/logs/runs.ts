import { fullMoment, isoTime } from '../../model/index.js';
import type { LogTail } from '../../ports/index.js';

/** The run that a container is in, and of which run each of its lines is. */
export interface Runs {
  readonly now: number;
  readonly of: (at: string) => number;
}

/**
 * Starts of a container are told apart by time: half way between the end before and the start. The engine stamps what is
 * written first a little before it says that the container started, and what was written last a little after it ended.
 *
 * @param endedMs the end before this start, as far as there was one
 */
export function runsOf(startedMs: number, endedMs: number | undefined, tail: LogTail | undefined): Runs {
  const last = tail?.run ?? 1;
  const isFirst = endedMs === undefined || endedMs > startedMs;
  const border = isFirst ? '' : fullMoment(isoTime(Math.floor((startedMs + endedMs) / 2) as never));
  const isKnown = isFirst || Object.values(tail?.marks ?? {}).some(({ at }) => at >= border);
  return isKnown ? { now: last, of: () => last } : { now: last + 1, of: (at) => (at < border ? last : last + 1) };
}
