import { hostname, networkInterfaces } from 'node:os';
import type { Server } from '@grpc/grpc-js';
import type { Caller, Clock, Control, Enrolment, Log, Nodes, Random, Store, Vault } from '../../ports/index.js';
import type { Credential } from '../client/index.js';
import { quieten } from '../convert/quiet.js';
import { ControlService } from '../gen/kontena/v1/control.js';
import { NodeLinkService } from '../gen/kontena/v1/node.js';
import { DEFAULT_LIFETIMES, type Lifetimes, MasterPki, SERVER_NAME } from '../pki/index.js';
import { MasterSessions } from '../session/index.js';
import { controlService } from './control-service.js';
import { Listener } from './listener.js';
import { nodeService } from './node-service.js';
import { addStandardServices } from './reflection.js';
import { SpareLog } from './spare-log.js';

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

/** The master's side of the link: gRPC with mutual TLS, its own certificate authority, and the sessions of all nodes. @throws KON_FILE_UNREADABLE */
export async function createMasterLink(options: MasterLinkOptions): Promise<MasterLink> {
  const { store, vault, clock, random, log, lifetimes = DEFAULT_LIFETIMES } = options;
  const pki = await MasterPki.open({ directory: options.pkiDirectory, hosts: serverHosts(options.advertise), clock, random, log, lifetimes });
  const sessions = new MasterSessions({ store, vault, clock, log });
  quieten();
  const spareLog = new SpareLog(log, clock);
  let listener: Listener | undefined;

  return {
    nodes: sessions,
    get caFingerprint() {
      return pki.fingerprint;
    },
    get adminCredential() {
      return { ca: pki.authorities, ...pki.admin };
    },
    listen: async ({ host, port, control, enrolment }) => {
      const controlled = controlService({ control, caFingerprint: () => pki.fingerprint, clock, log });
      const linked = nodeService({ sessions, pki, enrolment, cluster: store.identity.cluster, log, spareLog });
      const furnish = (server: Server): void => {
        server.addService(ControlService, { ...controlled });
        server.addService(NodeLinkService, { ...linked });
        addStandardServices(server);
      };
      listener = new Listener({ pki, clock, log: spareLog, furnish });
      const bound = await listener.listen(host, port);
      sessions.start();
      log.info('the master listens', { host, port: bound, version: options.version });
      return { host, port: bound };
    },
    close: () => {
      pki.close();
      sessions.close();
      listener?.close();
      return Promise.resolve();
    },
  };
}

/** By what the master may be reached: what is advertised, this machine's name and addresses, and the name our own clients look for. */
function serverHosts(advertise: readonly string[]): readonly string[] {
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ address, internal }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address);
  return [...new Set([SERVER_NAME, 'localhost', '127.0.0.1', '::1', hostname(), ...advertise, ...own])];
}
