import type { Socket } from 'node:net';
import { later, type Millis } from '../model/index.js';
import type { Clock } from '../ports/index.js';
import { framed } from './wire.js';

/** Connections at once, and of one asker. */
const MOST_CONNECTIONS = 100;
const MOST_EACH = 20;
/** How long one may say and hear nothing. */
const IDLE_MS: Millis = 10_000;
/** How long a question may take to arrive whole. */
const ARRIVE_MS: Millis = 5_000;
/** Questions of one connection under way at once; the next one waits in its socket. */
const MOST_UNDER_WAY = 32;
const LARGEST_QUERY_BYTES = 4_096;

/** Answers a question when it can; undefined: not at all. */
export type Reply = (bytes: Buffer, asker: string, send: (answer: Buffer | undefined) => void) => void;

/** The connections of those who ask by TCP, each with its limits. */
export class Connections {
  readonly #open = new Map<Socket, string>();
  readonly #clock: Clock;
  readonly #reply: Reply;

  constructor(clock: Clock, reply: Reply) {
    this.#clock = clock;
    this.#reply = reply;
  }

  take(socket: Socket, asker: string): void {
    const same = [...this.#open.values()].filter((other) => other === asker).length;
    if (this.#open.size >= MOST_CONNECTIONS || same >= MOST_EACH) {
      socket.destroy();
      return;
    }
    this.#open.set(socket, asker);
    const connection = new Connection(socket, { clock: this.#clock, reply: (bytes, send) => this.#reply(bytes, asker, send) });
    socket.on('close', () => {
      connection.close();
      this.#open.delete(socket);
    });
  }

  close(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }
}

interface ConnectionOptions {
  readonly clock: Clock;
  readonly reply: (bytes: Buffer, send: (answer: Buffer | undefined) => void) => void;
}

class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  #heard: Buffer = Buffer.alloc(0);
  #underWay = 0;
  #isGoing = false;
  /** Who asks has said all, and may wait for answers still. */
  #hasEnded = false;
  #callOffLate: (() => void) | undefined;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('drain', () => this.#go());
    socket.on('end', () => {
      this.#hasEnded = true;
      this.#endIfDone();
    });
    socket.on('data', (piece) => {
      this.#heard = this.#heard.length === 0 ? piece : Buffer.concat([this.#heard, piece]);
      this.#go();
    });
  }

  close(): void {
    this.#callOffLate?.();
    this.#callOffLate = undefined;
  }

  #go(): void {
    if (this.#isGoing) return; // answered on the spot
    this.#isGoing = true;
    this.#takeQuestions();
    this.#isGoing = false;
    if (this.#isFull) this.#socket.pause();
    else this.#socket.resume();
    this.#expectRest();
    this.#endIfDone();
  }

  /** Nothing more is asked, and all was answered. */
  #endIfDone(): void {
    if (this.#hasEnded && !this.#isGoing && this.#underWay === 0 && !this.#isFull) this.#socket.end();
  }

  /** Whole ones, as many as may be under way. */
  #takeQuestions(): void {
    while (!this.#isFull && this.#heard.length >= 2) {
      const length = this.#heard.readUInt16BE(0);
      if (length > LARGEST_QUERY_BYTES) {
        this.#socket.destroy();
        return;
      }
      if (this.#heard.length < 2 + length) return;
      const question = this.#heard.subarray(2, 2 + length);
      this.#heard = this.#heard.subarray(2 + length);
      this.close();
      this.#ask(question);
    }
  }

  get #isFull(): boolean {
    return this.#underWay >= MOST_UNDER_WAY || this.#socket.writableNeedDrain;
  }

  #ask(question: Buffer): void {
    this.#underWay += 1;
    this.#options.reply(question, (answer) => {
      this.#underWay -= 1;
      if (this.#socket.destroyed) return;
      if (answer === undefined) this.#socket.destroy(); // who talks nonsense by TCP is not worth a connection
      else this.#socket.write(framed(answer));
      if (this.#socket.isPaused()) this.#go();
      else this.#endIfDone();
    });
  }

  /** Half a question does not keep its place for ever, however slowly the rest of it drips. */
  #expectRest(): void {
    if (this.#heard.length === 0 || this.#isFull) return;
    const { clock } = this.#options;
    this.#callOffLate ??= clock.at(later(clock.now(), ARRIVE_MS), () => this.#socket.destroy());
  }
}
