import { KontenaError, type LogLine, messageOf } from '../../model/index.js';
import type { AgentSide, Clock, LogQuery } from '../../ports/index.js';
import type { FromNode } from './messages.js';
import type { Outbox } from './outbox.js';

/** Lines in one message, and characters: far below the 4 MB a message may have. */
const MAX_LINES = 500;
const MAX_CHARACTERS = 128 * 1024;
/** A longer line is cut. */
const MAX_LINE_CHARACTERS = 64 * 1024;

type Line = Omit<LogLine, 'instance'>;

/** The logs that the master reads from this agent over one connection. */
export class NodeLogs {
  readonly #agent: Pick<AgentSide, 'logs'>;
  readonly #clock: Clock;
  readonly #outbox: Outbox<FromNode>;
  readonly #open = new Map<number, LogStream>();

  constructor(agent: Pick<AgentSide, 'logs'>, clock: Clock, outbox: Outbox<FromNode>) {
    this.#agent = agent;
    this.#clock = clock;
    this.#outbox = outbox;
  }

  open(id: number, instance: string, query: LogQuery, credit: number): void {
    if (this.#open.has(id)) return; // said twice
    const stream = new LogStream(id, this.#outbox, this.#clock, credit);
    this.#open.set(id, stream);
    void stream.run((signal) => this.#agent.logs(instance, query, signal)).finally(() => this.#open.delete(id));
  }

  more(id: number, credit: number): void {
    this.#open.get(id)?.more(credit);
  }

  close(id: number): void {
    this.#open.get(id)?.abort();
  }

  closeAll(): void {
    for (const stream of this.#open.values()) stream.abort();
  }
}

class LogStream {
  readonly #id: number;
  readonly #outbox: Outbox<FromNode>;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #lines: Line[] = [];
  #credit: number;
  #onCredit: () => void = () => undefined;
  #flushing: Promise<void> | undefined;

  constructor(id: number, outbox: Outbox<FromNode>, clock: Clock, credit: number) {
    this.#id = id;
    this.#outbox = outbox;
    this.#clock = clock;
    this.#credit = credit;
  }

  more(credit: number): void {
    this.#credit += credit;
    this.#onCredit();
  }

  abort(): void {
    this.#stop.abort();
    this.#onCredit();
  }

  /** Reads as fast as the other end takes it; lines that come together go together. */
  async run(open: (signal: AbortSignal) => AsyncIterable<LogLine>): Promise<void> {
    const { signal } = this.#stop;
    try {
      for await (const { stream, at, line } of open(signal)) {
        if (signal.aborted) return;
        this.#lines.push({ stream, at, line: line.slice(0, MAX_LINE_CHARACTERS) });
        const flushed = this.#flush();
        if (this.#lines.length >= 2 * MAX_LINES) await flushed;
      }
      await this.#flush();
      if (!signal.aborted) this.#outbox.push({ type: 'logEnd', id: this.#id });
    } catch (error) {
      if (signal.aborted) return;
      const code = error instanceof KontenaError ? error.code : 'KON_INTERNAL';
      this.#outbox.push({ type: 'logEnd', id: this.#id, error: { code, message: messageOf(error) } });
    }
  }

  #flush(): Promise<void> {
    this.#flushing ??= this.#send();
    return this.#flushing;
  }

  async #send(): Promise<void> {
    await new Promise<void>((resolve) => this.#clock.soon(resolve));
    while (this.#lines.length > 0) {
      while (this.#credit === 0 && !this.#stop.signal.aborted) await new Promise<void>((resolve) => (this.#onCredit = resolve));
      const isOpen = await this.#outbox.ready();
      if (!isOpen || this.#stop.signal.aborted) this.#lines.length = 0;
      else {
        this.#credit -= 1;
        this.#outbox.push({ type: 'logLines', id: this.#id, lines: this.#take() });
      }
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
