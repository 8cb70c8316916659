import { hostname, networkInterfaces } from 'node:os';
import { experimental, Server, type ServerCredentials } from '@grpc/grpc-js';
import { KontenaError, messageOf } from '../../model/index.js';
import type { Caller, Clock, Control, Enrolment, Log, Nodes, Random, Store, Vault } from '../../ports/index.js';
import type { Credential } from '../client/index.js';
import { quieten } from '../convert/quiet.js';
import { ControlService } from '../gen/kontena/v1/control.js';
import { NodeLinkService } from '../gen/kontena/v1/node.js';
import { DEFAULT_LIFETIMES, type Lifetimes, MasterPki, SERVER_NAME } from '../pki/index.js';
import { MasterSessions } from '../session/index.js';
import { CurrentCertificates } from './certificates.js';
import { controlService } from './control-service.js';
import { nodeService } from './node-service.js';
import { addStandardServices } from './reflection.js';

export interface MasterLinkOptions {
  readonly store: Store;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Where the master's keys and certificates lie; made when missing. */
  readonly pkiDirectory: string;
  /** Further names and addresses by which this master is reached, for its certificate. */
  readonly advertise: readonly string[];
  /** Of Kontena, for the log. */
  readonly version: string;
  readonly lifetimes?: Lifetimes;
}

export interface ListenOptions {
  /** Address to listen on, e.g. `0.0.0.0`. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly control: (caller: Caller) => Control;
  readonly enrolment: Enrolment;
}

export interface MasterLink {
  /** The way to the nodes, for the api. */
  readonly nodes: Nodes;
  /** SHA-256 of the CA's certificate, in hex: the last part of every join token. */
  readonly caFingerprint: string;
  /** What the CLI shows to this master; belongs into a file that only its owner may read. */
  readonly adminCredential: Omit<Credential, 'server'>;
  /** Begins to listen; from now on nodes that are not heard are not there. @throws KON_ADDRESS_UNUSABLE when the port is taken */
  listen(options: ListenOptions): Promise<{ readonly host: string; readonly port: number }>;
  /** Ends every call and session. */
  close(): Promise<void>;
}

/** Options of the server: thousands of agents, each with one connection of its own and one stream. */
const SERVER_OPTIONS = {
  // Sessions ping by themselves; this notices clients that vanished while they watch, and costs 84 pings a second with 5,000 agents.
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 20_000,
} as const;

/** The master's side of the link: gRPC with mutual TLS, its own certificate authority, and the sessions of all nodes. @throws KON_FILE_UNREADABLE */
export async function createMasterLink(options: MasterLinkOptions): Promise<MasterLink> {
  const { store, vault, clock, random, log, lifetimes = DEFAULT_LIFETIMES } = options;
  const pki = await MasterPki.open({ directory: options.pkiDirectory, hosts: serverHosts(options.advertise), clock, random, log, lifetimes });
  const sessions = new MasterSessions({ store, vault, clock, log });
  quieten();
  const server = new Server(SERVER_OPTIONS);
  const certificates = new CurrentCertificates(pki);

  return {
    nodes: sessions,
    get caFingerprint() {
      return pki.fingerprint;
    },
    get adminCredential() {
      return { ca: pki.authorities, ...pki.admin };
    },
    listen: async ({ host, port, control, enrolment }) => {
      server.addService(ControlService, { ...controlService({ control, caFingerprint: () => pki.fingerprint, log }) });
      server.addService(NodeLinkService, { ...nodeService({ sessions, pki, enrolment, cluster: store.identity.cluster, log }) });
      addStandardServices(server);
      const bound = await bind(server, host, port, certificates);
      sessions.start();
      log.info('the master listens', { host, port: bound, version: options.version });
      return { host, port: bound };
    },
    close: () => {
      pki.close();
      sessions.close();
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

/** Client certificates are asked for, not insisted on: who joins has none yet. Every method but Join then asks who calls. */
function bind(server: Server, host: string, port: number, certificates: CurrentCertificates): Promise<number> {
  const credentials: ServerCredentials = experimental.createCertificateProviderServerCredentials(certificates, certificates, false);
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(new KontenaError('KON_ADDRESS_UNUSABLE', `the master cannot listen on ${address}: ${whyNotBound(messageOf(error))}`, { cause: error }));
    });
  });
}

const BIND_FAILURES: readonly (readonly [RegExp, string])[] = [
  [/EADDRINUSE/, 'another process listens there already'],
  [/EADDRNOTAVAIL/, 'this machine does not have that address'],
  [/EACCES/, 'this user may not listen on that port'],
];

/** The heart of what grpc-js says when it cannot listen. */
const whyNotBound = (message: string): string => BIND_FAILURES.find(([pattern]) => pattern.test(message))?.[1] ?? message;

/** By what the master may be reached: what is advertised, this machine's name and addresses, and the name our own clients look for. */
function serverHosts(advertise: readonly string[]): readonly string[] {
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ address, internal }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address);
  return [...new Set([SERVER_NAME, 'localhost', '127.0.0.1', '::1', hostname(), ...advertise, ...own])];
}
