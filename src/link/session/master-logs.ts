import { ERRORS, type ErrorCode, KontenaError, type LogLine } from '../../model/index.js';
import type { LogQuery } from '../../ports/index.js';
import { Channel } from './channel.js';
import type { FromMaster, FromNode } from './messages.js';

/** Messages of lines an agent may have under way for one reader: enough to keep the wire busy, little enough to hold. */
const WINDOW = 8;

type Lines = Extract<FromNode, { type: 'logLines' }>['lines'];

/** The logs that clients read through one session. */
export class MasterLogs {
  readonly #push: (message: FromMaster) => void;
  readonly #open = new Map<number, Channel<Lines>>();
  #lastId = 0;

  constructor(push: (message: FromMaster) => void) {
    this.#push = push;
  }

  async *read(instance: string, query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine> {
    if (signal.aborted) return;
    const id = (this.#lastId += 1);
    const channel = new Channel<Lines>();
    this.#open.set(id, channel);
    const stop = (): void => channel.end();
    signal.addEventListener('abort', stop, { once: true });
    try {
      this.#push({ type: 'logOpen', id, instance, query, credit: WINDOW });
      for await (const lines of channel) {
        for (const line of lines) yield { instance, ...line };
        this.#push({ type: 'logMore', id, credit: 1 });
      }
    } finally {
      signal.removeEventListener('abort', stop);
      if (this.#open.delete(id)) this.#push({ type: 'logClose', id });
    }
  }

  lines(id: number, lines: Lines): void {
    const channel = this.#open.get(id);
    if (channel === undefined) return;
    if (channel.length >= WINDOW) channel.end(new KontenaError('KON_INTERNAL', 'the agent sends more log lines than it was asked for'));
    else channel.push(lines);
  }

  end(id: number, error: { readonly code: ErrorCode; readonly message: string } | undefined): void {
    const channel = this.#open.get(id);
    this.#open.delete(id);
    channel?.end(error === undefined ? undefined : new KontenaError(error.code in ERRORS ? error.code : 'KON_INTERNAL', error.message));
  }

  /** The session is over. */
  closed(error: KontenaError): void {
    const channels = [...this.#open.values()];
    this.#open.clear();
    for (const channel of channels) channel.end(error);
  }
}
