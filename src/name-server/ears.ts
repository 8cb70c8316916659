import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { hasAddress, messageOf, parseAddress, parseSubnet, type Subnet } from '../model/index.js';
import type { Clock, Log, NameAnswer, NameQuestion } from '../ports/index.js';
import { Connections } from './connection.js';
import type { Forwarder } from './forwarder.js';
import { isRefused, type Query, readQuery, writeAnswer, writeRefusal, writeReply } from './message.js';
import { writePassedOn } from './passed-on.js';
import { CODE } from './wire.js';

/** Questions that wait for others' answers: in all, and of one asker, so that none takes the place of all. */
const MOST_WAITING = 2_000;
const MOST_WAITING_EACH = 200;
const LARGEST_TCP_BYTES = 65_535;
/** What the system holds for us while we are busy. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

export interface EarsOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly port: number;
  readonly forwarder: Forwarder;
  readonly answer: (question: NameQuestion) => NameAnswer;
  /** Whether an address is this machine's: whoever asks from there is one of its programs. */
  readonly isOwn: (address: string) => boolean;
  /** Where this server is asked itself, beside the addresses of the grid. */
  readonly places: readonly string[];
}

export interface Listeners {
  readonly heard: () => void;
  /** Others have been asked. */
  readonly forwarded: () => void;
  /** Once. */
  readonly failed: (error: Error) => void;
}

interface Limit {
  readonly bytes: number;
  readonly isDatagram: boolean;
}

/** One try to listen at a place, by UDP and TCP. */
export class Ears {
  readonly #options: EarsOptions;
  readonly #listeners: Listeners;
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #subnet: Subnet | undefined;
  readonly #connections: Connections;
  /** Of each asker. */
  readonly #waiting = new Map<string, number>();
  #allWaiting = 0;
  #isClosed = false;

  constructor({ address, subnet }: { readonly address: string; readonly subnet: string }, options: EarsOptions, listeners: Listeners) {
    this.#options = options;
    this.#listeners = listeners;
    this.#subnet = parseSubnet(subnet);
    this.#connections = new Connections(options.clock, (bytes, asker, send) => this.#reply(bytes, { asker, limitOf: () => ({ bytes: LARGEST_TCP_BYTES, isDatagram: false }) }, send));
    const fail = (error: Error): void => {
      if (!this.#isClosed) listeners.failed(error);
    };
    this.#udp = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    this.#udp.on('message', (bytes, from) => this.#datagram(bytes, from));
    this.#udp.on('error', fail);
    this.#tcp = createServer({ allowHalfOpen: true }, (socket) => this.#connected(socket)); // who has said all may still wait for answers
    this.#tcp.on('error', fail);
    const { port } = options;
    this.#udp.bind(port, address, () => {
      if (!this.#isClosed) this.#tcp.listen(port, address, listeners.heard);
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#udp.close();
    this.#tcp.close();
    this.#connections.close();
  }

  /** Containers of the grid, and the node itself: to anyone else we are no help to flood a third. */
  #isAllowed(asker: string): boolean {
    return this.#isOfGrid(asker) || this.#options.isOwn(asker);
  }

  #isOfGrid(host: string): boolean {
    const address = parseAddress(host);
    return address !== undefined && this.#subnet !== undefined && hasAddress(this.#subnet, address);
  }

  #datagram(bytes: Buffer, { address, port }: RemoteInfo): void {
    if (port === 0 || !this.#isAllowed(address)) return; // nobody hears at port 0, though one may ask from there
    this.#reply(bytes, { asker: address, limitOf: ({ maxBytes }) => ({ bytes: maxBytes, isDatagram: true }) }, (answer) => {
      // An answer that cannot be sent is lost like one that is lost on its way.
      if (answer !== undefined && !this.#isClosed) this.#udp.send(answer, port, address, () => undefined);
    });
  }

  #connected(socket: Socket): void {
    const asker = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    if (this.#isAllowed(asker)) this.#connections.take(socket, asker);
    else socket.destroy();
  }

  /** Undefined is sent where nothing is to be answered. */
  #reply(bytes: Buffer, { asker, limitOf }: { readonly asker: string; readonly limitOf: (query: Query) => Limit }, send: (answer: Buffer | undefined) => void): void {
    const query = readQuery(bytes);
    if (query === undefined || isRefused(query)) {
      send(query === undefined ? undefined : writeRefusal(query));
      return;
    }
    if ((query.edns?.version ?? 0) > 0) {
      send(writeReply(query, { code: CODE.badVersion }));
      return;
    }
    const answer = this.#ownAnswer(query, limitOf(query));
    if (answer === undefined) void this.#forward(query, asker, limitOf(query)).then(send);
    else send(answer);
  }

  /** Undefined where others must be asked. A fault of ours costs an answer, not the node its agent. */
  #ownAnswer(query: Query, limit: Limit): Buffer | undefined {
    try {
      const answer = this.#options.answer(query.question);
      return answer.kind === 'elsewhere' ? undefined : writeAnswer(query, answer, limit);
    } catch (error) {
      this.#options.log.error('a question cannot be answered', { ...query.question, reason: messageOf(error) });
      return writeReply(query, { code: CODE.failed });
    }
  }

  async #forward(query: Query, asker: string, { bytes }: Limit): Promise<Buffer> {
    const { forwarder, places } = this.#options;
    if (forwarder.comesBack(query)) return writeReply(query, { code: CODE.refused });
    const waiting = this.#waiting.get(asker) ?? 0;
    if (waiting >= MOST_WAITING_EACH || this.#allWaiting >= MOST_WAITING) return writeReply(query, { code: CODE.failed });
    this.#count(asker, 1);
    const forwarded = await forwarder.ask(query, (server) => this.#isOfGrid(server) || places.includes(server)); // to ask one of us would be to ask oneself
    this.#count(asker, -1);
    this.#listeners.forwarded();
    return forwarded === undefined ? writeReply(query, { code: CODE.failed }) : writePassedOn(query, forwarded.passed, { agedSeconds: forwarded.agedSeconds, maxBytes: bytes });
  }

  #count(asker: string, by: 1 | -1): void {
    const waiting = (this.#waiting.get(asker) ?? 0) + by;
    if (waiting === 0) this.#waiting.delete(asker);
    else this.#waiting.set(asker, waiting);
    this.#allWaiting += by;
  }
}
