import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { codeOf, hasAddress, later, type Millis, type NetworkProblem, parseAddress, parseSubnet, type Subnet } from '../model/index.js';
import type { Clock, Log, MakeNameServer, NamePlace, NameServer } from '../ports/index.js';
import type { Forwarder } from './forwarder.js';
import { isRefused, type Query, readQuery, writeAnswer, writeFailure, writeForwarded, writeRefusal, writeTruncated } from './message.js';
import { ownAddresses } from './resolvers.js';

/** Between two tries to listen where it is not possible yet. */
const RETRY_MS: Millis = 500;
/** Connections at once, how long one may say nothing, and how much one may ask without having read what was answered. */
const MOST_CONNECTIONS = 100;
const IDLE_MS: Millis = 10_000;
const MOST_UNREAD_BYTES = 256 * 1024;
const LARGEST_QUERY_BYTES = 4_096;
const LARGEST_TCP_BYTES = 65_535;
/** What the system holds for us while we are busy. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

type Means = Parameters<MakeNameServer>[0];

export interface DnsServerOptions extends Means {
  readonly clock: Clock;
  readonly log: Log;
  readonly port: number;
  readonly forwarder: Forwarder;
}

/** A server of names, by UDP and TCP: our own answers at once, others' when they have been asked for. */
export class DnsServer implements NameServer {
  readonly #options: DnsServerOptions;
  #ears: Ears | undefined;
  #callOffRetry: () => void = () => undefined;
  #place: NamePlace | undefined;
  #problem: string | undefined;

  constructor(options: DnsServerOptions) {
    this.#options = options;
  }

  serve(place: NamePlace | undefined): void {
    this.#place = place;
    this.#quit();
    if (place === undefined) this.#tell(undefined);
    else this.#listen(place);
  }

  stop(): Promise<void> {
    this.#place = undefined;
    this.#quit();
    return Promise.resolve();
  }

  #quit(): void {
    this.#callOffRetry();
    this.#ears?.close();
    this.#ears = undefined;
  }

  #listen(place: NamePlace): void {
    const { clock, log, port } = this.#options;
    const ears = new Ears(place, this.#options, {
      heard: () => {
        log.info('names are served', { address: place.address });
        this.#tell(undefined);
      },
      failed: (error) => {
        if (this.#ears !== ears) return;
        ears.close();
        this.#ears = undefined;
        this.#tell(problemOf(error, place, port));
        this.#callOffRetry = clock.at(later(clock.now(), RETRY_MS), () => {
          if (this.#place === place) this.#listen(place);
        });
      },
    });
    this.#ears = ears;
  }

  /** Once for each change. */
  #tell(problem: NetworkProblem | undefined): void {
    if (this.#problem === problem?.reason) return;
    this.#problem = problem?.reason;
    this.#options.onProblem(problem);
  }
}

function problemOf(error: Error, { address }: NamePlace, port: number): NetworkProblem {
  const where = `${address}:${String(port)}`;
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return { what: 'names', reason: `another program listens on ${where}`, remedy: 'Let it listen on other addresses of this machine (dnsmasq: bind-interfaces, named: listen-on), or stop it.' };
    case 'EACCES':
      return { what: 'names', reason: `the agent may not listen on ${where}`, remedy: 'Run the agent as root, or give it the capability CAP_NET_BIND_SERVICE.' };
    default:
      return { what: 'names', reason: `cannot listen on ${where}: ${error.message}`, remedy: 'It is tried again until the address is there: see what else is wrong with the network of this node.' };
  }
}

interface Listeners {
  readonly heard: () => void;
  /** Once. */
  readonly failed: (error: Error) => void;
}

/** One try to listen at a place, by UDP and TCP. */
class Ears {
  readonly #options: DnsServerOptions;
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #subnet: Subnet | undefined;
  readonly #own: ReadonlySet<string>;
  readonly #connections = new Set<Socket>();
  #isClosed = false;

  constructor({ address, subnet }: NamePlace, options: DnsServerOptions, { heard, failed }: Listeners) {
    this.#options = options;
    this.#subnet = parseSubnet(subnet);
    this.#own = ownAddresses();
    const fail = (error: Error): void => {
      if (!this.#isClosed) failed(error);
    };
    this.#udp = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    this.#udp.on('message', (bytes, from) => this.#datagram(bytes, from));
    this.#udp.on('error', fail);
    this.#tcp = createServer((socket) => this.#connected(socket));
    this.#tcp.on('error', fail);
    const { port } = options;
    this.#udp.bind(port, address, () => {
      if (!this.#isClosed) this.#tcp.listen(port, address, heard);
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#udp.close();
    this.#tcp.close();
    for (const socket of this.#connections) socket.destroy();
  }

  /** Containers of the grid, and the node itself: to anyone else we are no help to flood a third. */
  #isAllowed(asker: string): boolean {
    return this.#isOfGrid(asker) || this.#own.has(asker);
  }

  #isOfGrid(host: string): boolean {
    const address = parseAddress(host);
    return address !== undefined && this.#subnet !== undefined && hasAddress(this.#subnet, address);
  }

  #datagram(bytes: Buffer, { address, port }: RemoteInfo): void {
    if (!this.#isAllowed(address)) return;
    this.#reply(bytes, (query) => query.maxBytes, (answer) => {
      if (!this.#isClosed) this.#udp.send(answer, port, address);
    });
  }

  #connected(socket: Socket): void {
    if (this.#connections.size >= MOST_CONNECTIONS || !this.#isAllowed((socket.remoteAddress ?? '').replace(/^::ffff:/, ''))) {
      socket.destroy();
      return;
    }
    this.#connections.add(socket);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => this.#connections.delete(socket));
    let waiting = Buffer.alloc(0);
    socket.on('data', (piece) => {
      waiting = Buffer.concat([waiting, piece]);
      while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
        const length = waiting.readUInt16BE(0);
        this.#reply(waiting.subarray(2, 2 + length), () => LARGEST_TCP_BYTES, (answer) => sendBy(socket, answer));
        waiting = waiting.subarray(2 + length);
      }
      if (waiting.length > 2 + LARGEST_QUERY_BYTES || socket.writableLength > MOST_UNREAD_BYTES) socket.destroy();
    });
  }

  #reply(bytes: Buffer, limit: (query: Query) => number, send: (answer: Buffer) => void): void {
    const query = readQuery(bytes);
    if (query === undefined) return;
    if (isRefused(query)) {
      send(writeRefusal(query));
      return;
    }
    const answer = this.#options.answer({ name: query.question.name, type: query.question.type });
    if (answer.kind === 'elsewhere') void this.#forward(query, limit(query)).then(send);
    else send(writeAnswer(query, answer, limit(query)));
  }

  async #forward(query: Query, maxBytes: number): Promise<Buffer> {
    const forwarded = await this.#options.forwarder.ask(query, (server) => this.#isOfGrid(server)); // to ask one of us would be to ask oneself
    if (forwarded === undefined) return writeFailure(query);
    try {
      const answer = writeForwarded(query, forwarded.response, forwarded.agedSeconds);
      return answer.length <= maxBytes ? answer : writeTruncated(query);
    } catch {
      return writeFailure(query); // a record that cannot be written again
    }
  }
}

function sendBy(socket: Socket, answer: Buffer): void {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(answer.length);
  socket.write(Buffer.concat([length, answer]));
}
