import type { LogBatch, LogLine } from '../model/index.js';

/** Lines that are given together. */
const MOST_LINES = 1_000;

/**
 * Several logs as one, in the order of time. What was written before it began comes in that order whatever arrives first;
 * of what is written meanwhile nobody is waited for. A slow reader slows them all: of each, one batch is held.
 */
export class TimeMerge {
  readonly #sources = new Set<Source>();
  readonly #isHeld: boolean;
  #isReleased = false;
  #wake: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** @param isHeld it does not end when its logs have ended, until {@link release}, as more may come */
  constructor(isHeld: boolean) {
    this.#isHeld = isHeld;
  }

  /** When the log fails, reading fails. */
  add(log: AsyncIterable<LogBatch>): void {
    const source = new Source();
    this.#sources.add(source);
    void this.#pump(log, source);
  }

  /** From now on it ends when its logs have ended. */
  release(): void {
    this.#isReleased = true;
    this.#wake?.();
  }

  async *read(): AsyncGenerator<LogBatch> {
    let wasCaughtUp = false;
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      const isWaiting = [...this.#sources].some((source) => source.isMissed);
      const lines = isWaiting ? [] : this.#take();
      const isCaughtUp = [...this.#sources].every((source) => source.isCaughtUp && source.isEmpty);
      if (lines.length > 0 || (isCaughtUp && !wasCaughtUp)) {
        wasCaughtUp = isCaughtUp;
        yield { lines, isCaughtUp };
      } else if (this.#sources.size === 0 && (this.#isReleased || !this.#isHeld)) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** The oldest of what is there, until one is used up of which older lines may come. */
  #take(): readonly LogLine[] {
    const full = [...this.#sources].filter((source) => !source.isEmpty);
    const [only] = full;
    if (only !== undefined && full.length === 1) return only.takeAll();
    const lines: LogLine[] = [];
    while (lines.length < MOST_LINES && full.every((source) => !source.isMissed)) {
      const first = oldest(full);
      if (first === undefined) break;
      lines.push(first.take());
    }
    return lines;
  }

  async #pump(log: AsyncIterable<LogBatch>, source: Source): Promise<void> {
    try {
      for await (const batch of log) {
        source.give(batch);
        this.#wake?.();
        await source.emptied();
      }
    } catch (error) {
      this.#failure ??= { error };
    }
    this.#sources.delete(source);
    this.#wake?.();
  }
}

/** One log, and the batch of it that is held. */
class Source {
  #lines: readonly LogLine[] = [];
  #next = 0;
  #isCaughtUp = false;
  #wake: (() => void) | undefined;

  get isEmpty(): boolean {
    return this.#next >= this.#lines.length;
  }

  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  /** What comes next may be older than what others have. */
  get isMissed(): boolean {
    return this.isEmpty && !this.#isCaughtUp;
  }

  get at(): string {
    return this.#lines[this.#next]?.at ?? '';
  }

  give({ lines, isCaughtUp }: LogBatch): void {
    this.#lines = lines;
    this.#next = 0;
    this.#isCaughtUp ||= isCaughtUp;
  }

  take(): LogLine {
    const line = this.#lines[this.#next] as LogLine;
    this.#next += 1;
    if (this.isEmpty) this.#wake?.();
    return line;
  }

  takeAll(): readonly LogLine[] {
    const lines = this.#next === 0 ? this.#lines : this.#lines.slice(this.#next);
    this.#next = this.#lines.length;
    this.#wake?.();
    return lines;
  }

  emptied(): Promise<void> {
    return this.isEmpty ? Promise.resolve() : new Promise((resolve) => (this.#wake = resolve));
  }
}

function oldest(sources: readonly Source[]): Source | undefined {
  let found: Source | undefined;
  for (const source of sources) if (!source.isEmpty && (found === undefined || source.at < found.at)) found = source;
  return found;
}
