import { ERRORS, type ErrorCode, KontenaError, type LogLine } from '../../model/index.js';
import type { LogQuery } from '../../ports/index.js';
import { LOG_WINDOW } from '../limits.js';
import { Channel } from './channel.js';
import type { FromMaster, FromNode } from './messages.js';
import type { Waiting } from './waiting.js';

type Lines = Extract<FromNode, { type: 'logLines' }>['lines'];

/** One log that a client reads. */
interface Reading {
  readonly channel: Channel<Lines>;
  /** Characters that came and were not read. */
  behind: number;
}

/** The logs that clients read through one session. */
export class MasterLogs {
  readonly #push: (message: FromMaster) => void;
  readonly #waiting: Waiting;
  readonly #open = new Map<number, Reading>();
  #lastId = 0;

  /** @param waiting of all sessions together */
  constructor(push: (message: FromMaster) => void, waiting: Waiting) {
    this.#push = push;
    this.#waiting = waiting;
  }

  async *read(instance: string, query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine> {
    if (signal.aborted) return;
    const id = (this.#lastId += 1);
    const reading: Reading = { channel: new Channel<Lines>(), behind: 0 };
    this.#open.set(id, reading);
    const stop = (): void => reading.channel.end();
    signal.addEventListener('abort', stop, { once: true });
    try {
      this.#push({ type: 'logOpen', id, instance, query, credit: LOG_WINDOW });
      for await (const lines of reading.channel) {
        this.#count(reading, -charactersOf(lines));
        for (const line of lines) yield { instance, ...line };
        this.#push({ type: 'logMore', id, credit: 1 });
      }
    } finally {
      signal.removeEventListener('abort', stop);
      this.#count(reading, -reading.behind);
      this.#close(id);
    }
  }

  lines(id: number, lines: Lines): void {
    const reading = this.#open.get(id);
    if (reading === undefined) return;
    const { channel, behind } = reading;
    if (channel.length >= LOG_WINDOW) channel.end(new KontenaError('KON_INTERNAL', 'the agent sends more log lines than it was asked for'));
    else if (behind > 0 && this.#waiting.isFull) {
      channel.end(new KontenaError('KON_TIMEOUT', 'the log is written faster than it is read, and no more of it is kept'));
      this.#close(id);
    } else {
      channel.push(lines);
      this.#count(reading, charactersOf(lines));
    }
  }

  end(id: number, error: { readonly code: ErrorCode; readonly message: string } | undefined): void {
    const reading = this.#open.get(id);
    this.#open.delete(id);
    reading?.channel.end(error === undefined ? undefined : new KontenaError(error.code in ERRORS ? error.code : 'KON_INTERNAL', error.message));
  }

  /** The session is over. */
  closed(error: KontenaError): void {
    const readings = [...this.#open.values()];
    this.#open.clear();
    for (const { channel } of readings) channel.end(error);
  }

  #close(id: number): void {
    if (this.#open.delete(id)) this.#push({ type: 'logClose', id });
  }

  #count(reading: Reading, characters: number): void {
    reading.behind += characters;
    this.#waiting.add(characters);
  }
}

const charactersOf = (lines: Lines): number => lines.reduce((sum, { line }) => sum + line.length, 0);
