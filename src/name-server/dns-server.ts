import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { codeOf, hasAddress, later, messageOf, type Millis, type NetworkProblem, parseAddress, parseSubnet, type Subnet } from '../model/index.js';
import type { Clock, Log, MakeNameServer, NamePlace, NameServer } from '../ports/index.js';
import { Connections } from './connection.js';
import type { Forwarder } from './forwarder.js';
import { isRefused, type Query, readQuery, writeAnswer, writeRefusal, writeReply } from './message.js';
import { writePassedOn } from './passed-on.js';
import { ownAddresses } from './resolvers.js';
import { CODE } from './wire.js';

/** Between two tries to listen where it is not possible yet. */
const RETRY_MS: Millis = 500;
/** Questions that wait for others' answers: in all, and of one asker, so that none takes the place of all. */
const MOST_WAITING = 2_000;
const MOST_WAITING_EACH = 200;
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
  #deafness: NetworkProblem | undefined;
  #told: string | undefined;

  constructor(options: DnsServerOptions) {
    this.#options = options;
  }

  serve(place: NamePlace | undefined): void {
    this.#place = place;
    this.#quit();
    if (place !== undefined) {
      this.#listen(place);
      return;
    }
    this.#deafness = undefined;
    this.#tell();
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
        this.#deafness = undefined;
        this.#tell();
      },
      forwarded: () => this.#tell(),
      failed: (error) => {
        if (this.#ears !== ears) return;
        ears.close();
        this.#ears = undefined;
        this.#deafness = problemOf(error, place, port);
        this.#tell();
        this.#callOffRetry = clock.at(later(clock.now(), RETRY_MS), () => {
          if (this.#place === place) this.#listen(place);
        });
      },
    });
    this.#ears = ears;
  }

  /** Once for each change. */
  #tell(): void {
    const problem = this.#deafness ?? circleProblem(this.#options.forwarder.circle);
    if (this.#told === problem?.reason) return;
    this.#told = problem?.reason;
    this.#options.onProblem(problem);
  }
}

function circleProblem(server: string | undefined): NetworkProblem | undefined {
  if (server === undefined) return undefined;
  return { what: 'names', reason: `the server of names ${server} that this machine uses asks this node in turn`, remedy: `Let ${server} ask others, or name another server in /etc/resolv.conf.` };
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
class Ears {
  readonly #options: DnsServerOptions;
  readonly #listeners: Listeners;
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #subnet: Subnet | undefined;
  readonly #own: ReadonlySet<string>;
  readonly #connections: Connections;
  /** Of each asker. */
  readonly #waiting = new Map<string, number>();
  #allWaiting = 0;
  #isClosed = false;

  constructor({ address, subnet }: NamePlace, options: DnsServerOptions, listeners: Listeners) {
    this.#options = options;
    this.#listeners = listeners;
    this.#subnet = parseSubnet(subnet);
    this.#own = ownAddresses();
    this.#connections = new Connections(options.clock, (bytes, asker, send) => this.#reply(bytes, { asker, limitOf: () => ({ bytes: LARGEST_TCP_BYTES, isDatagram: false }) }, send));
    const fail = (error: Error): void => {
      if (!this.#isClosed) listeners.failed(error);
    };
    this.#udp = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    this.#udp.on('message', (bytes, from) => this.#datagram(bytes, from));
    this.#udp.on('error', fail);
    this.#tcp = createServer((socket) => this.#connected(socket));
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
    return this.#isOfGrid(asker) || this.#own.has(asker);
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
    const { forwarder } = this.#options;
    if (forwarder.comesBack(query)) return writeReply(query, { code: CODE.refused });
    const waiting = this.#waiting.get(asker) ?? 0;
    if (waiting >= MOST_WAITING_EACH || this.#allWaiting >= MOST_WAITING) return writeReply(query, { code: CODE.failed });
    this.#count(asker, 1);
    const forwarded = await forwarder.ask(query, (server) => this.#isOfGrid(server)); // to ask one of us would be to ask oneself
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
