import type { LogMark, LogRecord, LogTail } from '../../ports/index.js';

/** From where on the engine is asked: the oldest moment that a stream was read up to. Undefined: from the beginning. */
export const resumesAt = (tail: LogTail | undefined): string | undefined => Object.values(tail?.marks ?? {}).map(({ at }) => at).sort()[0];

/**
 * Leaves out what is held already. The engine stamps each stream in the order in which it was written, several lines of one
 * moment too; once a stream is past its mark it is compared no more, so that a clock that is set back costs no line.
 */
export class Resume {
  readonly #marks: Map<LogRecord['stream'], LogMark>;

  constructor(tail: LogTail | undefined) {
    this.#marks = new Map(Object.entries(tail?.marks ?? {}) as [LogRecord['stream'], LogMark][]);
  }

  isHeld({ stream, at }: LogRecord): boolean {
    const mark = this.#marks.get(stream);
    if (mark === undefined) return false;
    if (at < mark.at) return true;
    if (at === mark.at && mark.count > 0) {
      this.#marks.set(stream, { at, count: mark.count - 1 });
      return true;
    }
    this.#marks.delete(stream);
    return false;
  }
}

/** The tail when these lines of its round are held too. */
export function advanced(tail: LogTail | undefined, records: readonly LogRecord[]): LogTail | undefined {
  const last = records.at(-1);
  if (last === undefined) return tail;
  const marks = { ...tail?.marks };
  for (const { stream, at } of records) {
    const mark = marks[stream];
    marks[stream] = { at, count: mark?.at === at ? mark.count + 1 : 1 };
  }
  return { run: last.run, marks };
}
