import { ERRORS, type ErrorCode, KontenaError, messageOf } from '../../model/index.js';
import { STREAM_WINDOW } from '../limits.js';
import { Channel } from './channel.js';
import type { Waiting } from './waiting.js';
import type { StreamData, StreamMessage, StreamRequest } from './messages.js';

/** Streams that one end may have opened at once on one connection. */
const MOST_OPEN = 1_000;

/** How the messages of streams reach the other end. */
export interface StreamOutlet {
  push(message: StreamMessage): void;
  /** Resolves when the wire takes more, with false when it is closed. */
  ready(): Promise<boolean>;
}

export interface StreamsOptions {
  readonly outlet: StreamOutlet;
  /** Which ids this end gives: the master even ones, the agent odd ones. */
  readonly gives: 'even' | 'odd';
  /** Does what the other end opened a stream for. When it resolves the stream closes; what it throws closes it with that reason. */
  readonly serve: (request: StreamRequest, stream: Stream) => Promise<void>;
  /** What waits on the streams of all connections together, where there are many. */
  readonly waiting?: Waiting;
}

/** What is long-lived between a master and an agent, on their one connection: opened by either, numbered, held back by credit, closed with a reason. */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #open = new Map<number, Stream>();
  #lastGiven: number;
  #lastTaken = 0;

  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#lastGiven = options.gives === 'even' ? 0 : -1;
  }

  /** Opens a stream; `signal` closes it. */
  open(request: StreamRequest, signal: AbortSignal): Stream {
    const id = (this.#lastGiven += 2);
    const stream = this.#add(id, 0);
    this.#options.outlet.push({ type: 'streamOpen', id, request, credit: STREAM_WINDOW });
    const stop = (): void => stream.close();
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    stream.signal.addEventListener('abort', () => signal.removeEventListener('abort', stop), { once: true });
    return stream;
  }

  /** @throws KON_INVALID for what no end of ours says: the connection is then of no use */
  receive(message: StreamMessage): void {
    if (message.type === 'streamOpen') {
      this.#opened(message);
      return;
    }
    if (!this.#wasOpened(message.id)) throw new KontenaError('KON_INVALID', `the other end of the link speaks of stream ${message.id}, which was never opened`);
    this.#open.get(message.id)?.receive(message); // one that has just been closed here may still be spoken of
  }

  /** The connection is over. */
  closed(error: KontenaError): void {
    const streams = [...this.#open.values()];
    this.#open.clear();
    for (const stream of streams) stream.over(error);
  }

  #isTheirs(id: number): boolean {
    return (id % 2 === 0) === (this.#options.gives === 'odd');
  }

  #wasOpened(id: number): boolean {
    return id > 0 && id <= (this.#isTheirs(id) ? this.#lastTaken : this.#lastGiven);
  }

  #opened({ id, request, credit }: Extract<StreamMessage, { type: 'streamOpen' }>): void {
    if (!this.#isTheirs(id) || id <= this.#lastTaken) throw new KontenaError('KON_INVALID', `the other end of the link opens stream ${id}, which is not one it may open`);
    this.#lastTaken = id;
    const stream = this.#add(id, credit);
    if (this.#open.size > MOST_OPEN) stream.close(new KontenaError('KON_CONFLICT', `${MOST_OPEN} streams are open on this connection`));
    else void this.#serve(request, stream);
  }

  async #serve(request: StreamRequest, stream: Stream): Promise<void> {
    try {
      stream.grant(STREAM_WINDOW);
      await this.#options.serve(request, stream);
      stream.close();
    } catch (error) {
      stream.close(error instanceof KontenaError ? error : new KontenaError('KON_INTERNAL', messageOf(error), { cause: error }));
    }
  }

  #add(id: number, credit: number): Stream {
    const stream = new Stream(id, this.#options, credit);
    this.#open.set(id, stream);
    stream.signal.addEventListener('abort', () => this.#open.delete(id), { once: true });
    return stream;
  }
}

/** One end of a stream. */
export class Stream {
  readonly #id: number;
  readonly #outlet: StreamOutlet;
  readonly #waiting: Waiting | undefined;
  /** What came and was not taken. */
  #behind = 0;
  readonly #incoming = new Channel<StreamData>();
  readonly #over = new AbortController();
  #credit: number;
  /** Who sends and waits for credit, in the order in which it is given. */
  readonly #senders: (() => void)[] = [];
  #hasEnded = false;

  constructor(id: number, { outlet, waiting }: Pick<StreamsOptions, 'outlet' | 'waiting'>, credit: number) {
    this.#id = id;
    this.#outlet = outlet;
    this.#waiting = waiting;
    this.#credit = credit;
  }

  /** Aborted when the stream is closed, by whichever end. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Waits until the other end takes it. False when the stream is closed: nothing more needs to be said. */
  async send(data: StreamData): Promise<boolean> {
    if (this.#credit > 0) this.#credit -= 1; // at once: who sends next must not count on it, too
    else if (!this.signal.aborted) await new Promise<void>((resolve) => this.#senders.push(resolve));
    if (!(await this.#outlet.ready()) || this.signal.aborted) return false;
    this.#outlet.push({ type: 'streamData', id: this.#id, data });
    return true;
  }

  /** Says that nothing more will be sent; what comes is still taken. */
  end(): void {
    if (this.#hasEnded || this.signal.aborted) return;
    this.#hasEnded = true;
    this.#outlet.push({ type: 'streamEnd', id: this.#id });
  }

  /** What the other end sends, until it ends or the stream closes. @throws what the other end closed it with */
  async *received(): AsyncIterable<StreamData> {
    try {
      for await (const data of this.#incoming) {
        this.#count(-sizeOf(data));
        yield data;
        this.grant(1);
      }
    } finally {
      this.#count(-this.#behind);
    }
  }

  /** Allows the other end so many messages more. */
  grant(messages: number): void {
    if (!this.signal.aborted) this.#outlet.push({ type: 'streamCredit', id: this.#id, messages });
  }

  close(error?: KontenaError): void {
    if (this.signal.aborted) return;
    this.#outlet.push({ type: 'streamClose', id: this.#id, ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }) });
    this.over(undefined);
  }

  receive(message: Exclude<StreamMessage, { type: 'streamOpen' }>): void {
    switch (message.type) {
      case 'streamData':
        this.#take(message.data);
        return;
      case 'streamCredit':
        this.#credited(message.messages);
        return;
      case 'streamEnd':
        this.#incoming.end();
        return;
      case 'streamClose':
        this.over(message.error === undefined ? undefined : errorOf(message.error));
    }
  }

  #credited(messages: number): void {
    const served = this.#senders.splice(0, messages);
    this.#credit += messages - served.length;
    for (const goOn of served) goOn();
  }

  #take(data: StreamData): void {
    if (this.#incoming.length >= STREAM_WINDOW) this.close(new KontenaError('KON_INTERNAL', 'the other end of a stream sends more than it was given leave to'));
    else if (this.#behind > 0 && this.#waiting?.isFull === true) this.#fail(new KontenaError('KON_TIMEOUT', 'more comes than is read, and no more of it is kept'));
    else {
      this.#incoming.push(data);
      this.#count(sizeOf(data));
    }
  }

  /** Closes it for both ends, with the reason. */
  #fail(error: KontenaError): void {
    this.#incoming.end(error);
    this.close(error);
  }

  #count(size: number): void {
    this.#behind += size;
    this.#waiting?.add(size);
  }

  /** Nothing more is said or heard. */
  over(error: KontenaError | undefined): void {
    this.#incoming.end(error);
    this.#over.abort();
    for (const goOn of this.#senders.splice(0)) goOn();
  }
}

const errorOf = ({ code, message }: { readonly code: ErrorCode; readonly message: string }): KontenaError => new KontenaError(Object.hasOwn(ERRORS, code) ? code : 'KON_INTERNAL', message);

/** In characters, or bytes. */
function sizeOf(data: StreamData): number {
  switch (data.kind) {
    case 'bytes':
    case 'input':
    case 'output':
      return data.bytes.length;
    case 'lines':
      return data.lines.reduce((sum, { line }) => sum + line.length, 0);
    case 'inputEnd':
    case 'resize':
    case 'signal':
    case 'exit':
    case 'answer':
      return 0; // an answer is one for each question, and no larger than a message may be; the rest is a few bytes
  }
}
