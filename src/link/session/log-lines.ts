import type { LogLine } from '../../model/index.js';
import type { Clock, LogQuery } from '../../ports/index.js';
import type { MasterSession } from './master-session.js';
import type { Stream } from './streams.js';

/** Lines in one message, and characters: far below the 4 MB a message may have. */
const MAX_LINES = 500;
const MAX_CHARACTERS = 128 * 1024;
/** A longer line is cut. */
const MAX_LINE_CHARACTERS = 64 * 1024;

type Line = Omit<LogLine, 'instance'>;

/** Sends lines as fast as the other end takes them; lines that come together go together. */
export async function sendLines(stream: Stream, lines: AsyncIterable<LogLine>, clock: Clock): Promise<void> {
  const sender = new LineSender(stream, clock);
  for await (const line of lines) {
    if (stream.signal.aborted) return;
    await sender.add(line);
  }
  await sender.flush();
}

interface Reading {
  readonly instance: string;
  readonly query: LogQuery;
}

/** The lines of an instance on the node of a session. */
export async function* readLines({ streams }: Pick<MasterSession, 'streams'>, { instance, query }: Reading, signal: AbortSignal): AsyncIterable<LogLine> {
  const stream = streams.open({ kind: 'logs', instance, query }, signal);
  try {
    for await (const data of stream.received()) if (data.kind === 'lines') for (const line of data.lines) yield { instance, ...line };
  } finally {
    stream.close();
  }
}

class LineSender {
  readonly #stream: Stream;
  readonly #clock: Clock;
  readonly #lines: Line[] = [];
  #flushing: Promise<void> | undefined;

  constructor(stream: Stream, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
  }

  /** Waits only when more lines lie here than the other end can be sent soon. */
  async add({ stream, at, line }: LogLine): Promise<void> {
    this.#lines.push({ stream, at, line: line.slice(0, MAX_LINE_CHARACTERS) });
    const flushed = this.flush();
    if (this.#lines.length >= 2 * MAX_LINES) await flushed;
  }

  flush(): Promise<void> {
    this.#flushing ??= this.#send();
    return this.#flushing;
  }

  async #send(): Promise<void> {
    await new Promise<void>((resolve) => this.#clock.soon(resolve));
    while (this.#lines.length > 0) {
      const isOpen = await this.#stream.send({ kind: 'lines', lines: this.#take() });
      if (!isOpen) this.#lines.length = 0;
    }
    this.#flushing = undefined;
  }

  #take(): readonly Line[] {
    let count = 0;
    for (let characters = 0; count < Math.min(this.#lines.length, MAX_LINES) && characters < MAX_CHARACTERS; count += 1) {
      characters += this.#lines[count]?.line.length ?? 0;
    }
    return this.#lines.splice(0, count);
  }
}
