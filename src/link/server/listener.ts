import type { Socket } from 'node:net';
import { createServer, type Server as TlsServer, type TLSSocket } from 'node:tls';
import { Server, ServerCredentials, type ServerInterceptor, type ServerOptions } from '@grpc/grpc-js';
import { codeOf, KontenaError, later, messageOf, type Millis } from '../../model/index.js';
import type { Access, Clock } from '../../ports/index.js';
import {
  AGENT_OPTIONS, AGENTS, CLIENT_OPTIONS, CLIENTS, HANDSHAKE_LIMIT_MS, HANDSHAKES, type Room, STRANGER_LIMIT_MS, STRANGER_OPTIONS, STRANGERS,
} from '../limits.js';
import type { MasterPki } from '../pki/index.js';
import { Crowd } from './crowd.js';
import { originOf } from './origin.js';
import { roleOf } from './peer.js';
import { quotas } from './quota.js';
import type { SpareLog } from './spare-log.js';
import { strangers } from './strangers.js';

/** Options of every server: thousands of agents, each with one connection of its own and one stream. */
const SERVER_OPTIONS = {
  // Sessions ping by themselves; this notices clients that vanished while they watch, and costs 84 pings a second with 5,000 agents.
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.enable_channelz': 0,
} as const;

/** An answer that is under way has gone out by then. */
const ANSWER_MS: Millis = 500;

export interface ListenerOptions {
  readonly pki: MasterPki;
  readonly clock: Clock;
  readonly log: SpareLog;
  /** Says what a server answers. Called once for each kind of guest. */
  readonly furnish: (server: Server) => void;
  /** Asked about those who show no certificate. */
  readonly access: Access;
}

/** Those of one kind: their places, and the server that answers them, within limits of their own. */
interface Guests {
  readonly crowd: Crowd;
  readonly server: Server;
  readonly inject: (socket: TLSSocket) => void;
}

/**
 * One port for all. A connection is known by the certificate it has shown when its handshake is over, and from then on belongs
 * to clients, to agents, or to strangers, who can join, or show a token and be clients.
 */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #server: TlsServer;
  readonly #handshakes: Crowd;
  readonly #guests: { readonly client: Guests; readonly agent: Guests; readonly stranger: Guests };
  /** What ends the wait for a connection's handshake, by its address and port. */
  readonly #awaited = new Map<string, () => void>();
  /** By the same: strangers' connections, which a token makes those of clients. */
  readonly #promotions = new Map<string, (who: string) => void>();
  readonly #open = new Set<Socket>();
  /** The certificates of those who have shown one that was trusted. */
  readonly #shown = new Map<Socket, Buffer>();
  #authorities: string;
  #callOffCut: () => void = () => undefined;

  constructor(options: ListenerOptions) {
    const { pki, clock } = options;
    this.#options = options;
    this.#authorities = pki.authorities;
    this.#handshakes = new Crowd(HANDSHAKES, this.#dropped('in their handshake'));
    this.#guests = {
      client: this.#serve('of one client', CLIENTS, { ...CLIENT_OPTIONS, interceptors: [quotas({ clock })] }),
      agent: this.#serve('of one agent', AGENTS, AGENT_OPTIONS),
      stranger: this.#serve('without a certificate', STRANGERS, { ...STRANGER_OPTIONS, interceptors: [this.#strangers(options)] }),
    };
    this.#server = createServer({ ...identity(pki), requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['h2'], handshakeTimeout: HANDSHAKE_LIMIT_MS });
    pki.onChange(() => {
      this.#server.setSecureContext(identity(pki));
      this.#cutUntrusted();
    });
    this.#server.on('connection', (socket: Socket) => this.#greet(socket));
    this.#server.on('secureConnection', (socket) => this.#seat(socket));
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  /** @throws KON_ADDRESS_UNUSABLE when the port is taken */
  listen(host: string, port: number): Promise<number> {
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) => {
        reject(new KontenaError('KON_ADDRESS_UNUSABLE', `the master cannot listen on ${address}: ${BIND_FAILURES[codeOf(error)] ?? messageOf(error)}`, { cause: error }));
      });
      this.#server.listen({ host, port }, () => {
        const bound = this.#server.address();
        resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
      });
    });
  }

  /** Ends every connection. */
  close(): void {
    this.#server.close();
    this.#callOffCut();
    for (const { server } of Object.values(this.#guests)) server.forceShutdown();
    for (const socket of this.#open) socket.destroy();
  }

  #strangers({ access, clock }: ListenerOptions): ServerInterceptor {
    const promote = (peer: string, who: string): void => this.#promotions.get(peer)?.(who);
    return strangers({ access, clock, promote, onDropped: this.#dropped('whose requests have no end, without a certificate') });
  }

  #serve(whose: string, room: Room, limits: ServerOptions): Guests {
    const server = new Server({ ...SERVER_OPTIONS, ...limits });
    this.#options.furnish(server);
    const injector = server.createConnectionInjector(ServerCredentials.createInsecure()); // TLS is behind them
    return { server, crowd: new Crowd(room, this.#dropped(whose)), inject: (socket) => injector.injectConnection(socket) };
  }

  /** Somebody is there, and must now say who. */
  #greet(socket: Socket): void {
    this.#keep(socket);
    const key = ends(socket);
    const leave = this.#handshakes.enter(originOf(socket.remoteAddress), () => socket.destroy());
    this.#awaited.set(key, leave);
    socket.once('close', () => {
      leave();
      if (this.#awaited.get(key) === leave) this.#awaited.delete(key);
    });
  }

  /** The handshake is over: who is it? */
  #seat(socket: TLSSocket): void {
    socket.on('error', () => socket.destroy());
    this.#awaited.get(ends(socket))?.();
    const certificate = socket.authorized ? socket.getPeerCertificate() : undefined;
    const role = certificate === undefined ? undefined : roleOf(certificate);
    const guests = role === 'admin' ? this.#guests.client : role === 'agent' ? this.#guests.agent : this.#guests.stranger;
    this.#keep(socket);
    if (guests === this.#guests.stranger) this.#seatStranger(socket);
    else this.#give(guests, socket, certificate?.fingerprint256 ?? '');
    if (certificate !== undefined) this.#shown.set(socket, certificate.raw);
    socket.once('close', () => this.#shown.delete(socket));
    guests.inject(socket);
  }

  /** Takes a place among those of a kind. Returns a function that gives it back, as the end of the connection does. */
  #give(guests: Guests, socket: TLSSocket, origin: string): () => void {
    const leave = guests.crowd.enter(origin, () => socket.destroy());
    socket.once('close', leave);
    return leave;
  }

  /** For a while; for good among clients, once a token was shown on it. */
  #seatStranger(socket: TLSSocket): void {
    const { clock } = this.#options;
    const key = ends(socket);
    const leave = this.#give(this.#guests.stranger, socket, originOf(socket.remoteAddress));
    const callOff = clock.at(later(clock.now(), STRANGER_LIMIT_MS), () => socket.destroy());
    socket.once('close', callOff);
    const promote = (who: string): void => {
      if (!this.#promotions.delete(key)) return;
      leave();
      callOff();
      this.#give(this.#guests.client, socket, `token ${who}`);
    };
    this.#promotions.set(key, promote);
    socket.once('close', () => {
      if (this.#promotions.get(key) === promote) this.#promotions.delete(key);
    });
  }

  /** Of an authority that is trusted no more, connections end as new ones fail to begin; after a while, so that who asked for it is answered. */
  #cutUntrusted(): void {
    const { pki, clock } = this.#options;
    if (pki.authorities === this.#authorities) return;
    this.#authorities = pki.authorities;
    this.#callOffCut();
    this.#callOffCut = clock.at(later(clock.now(), ANSWER_MS), () => {
      for (const [socket, certificate] of this.#shown) if (!pki.isTrusted(certificate)) socket.destroy();
    });
  }

  #keep(socket: Socket): void {
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
  }

  #dropped(whose: string): (origin: string) => void {
    return (origin) => this.#options.log.warn(`too many connections ${whose}: the oldest was cut`, { of: origin });
  }
}

/** What tells a connection from all others that are open, as gRPC calls its peer. */
const ends = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress}:${remotePort}`;

const identity = (pki: MasterPki): { readonly ca: string; readonly cert: string; readonly key: string } => ({ ca: pki.authorities, cert: pki.server.certificate, key: pki.server.key });

const BIND_FAILURES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there already',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'this user may not listen on that port',
};
