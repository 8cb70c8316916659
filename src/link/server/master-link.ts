import { X509Certificate } from 'node:crypto';
import { hostname, networkInterfaces } from 'node:os';
import type { Server } from '@grpc/grpc-js';
import type { Access, Authority, Caller, Clock, Control, Enrolment, Issued, Log, Nodes, Random, SignIn, Statistics, Store, Vault } from '../../ports/index.js';
import { quieten } from '../convert/quiet.js';
import { ControlService } from '../gen/kontena/v1/control.js';
import { NodeLinkService } from '../gen/kontena/v1/node.js';
import { SignInService } from '../gen/kontena/v1/sign_in.js';
import { DEFAULT_LIFETIMES, fingerprintOfKey, type Identity, keyFingerprint, lifeOf, type Lifetimes, MasterPki, SERVER_NAME } from '../pki/index.js';
import { MasterSessions } from '../session/index.js';
import { controlService } from './calls/index.js';
import { Guard } from './guard.js';
import { Listener } from './listener.js';
import { nodeService } from './node-service.js';
import { addStandardServices } from './reflection.js';
import { servingOf } from './serving.js';
import { signInService } from './sign-in-service.js';
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
  /** Takes what nodes say they use. */
  readonly statistics?: Pick<Statistics, 'take'>;
  /** What balancers run that name no image but `kontena/lb`. */
  readonly balancerImage: string;
}

export interface ListenOptions {
  /** Address to listen on, e.g. `0.0.0.0`. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly control: (caller: Caller) => Control;
  readonly enrolment: Enrolment;
  readonly access: Access;
  readonly signIn: SignIn;
}

export interface MasterLink {
  /** The way to the nodes, for the api. */
  readonly nodes: Nodes;
  /** SHA-256 of the CA's certificate, in hex: the last part of every join token. */
  readonly caFingerprint: string;
  /** The certificate authority, for the api. */
  readonly authority: Authority;
  /** Calls `listener` when certificates that the master keeps, or whom it trusts, have changed. */
  onAuthorityChange(listener: () => void): void;
  /** Begins to listen; from now on nodes that are not heard are not there. @throws KON_ADDRESS_UNUSABLE when the port is taken */
  listen(options: ListenOptions): Promise<{ readonly host: string; readonly port: number }>;
  /** Ends every call and session. */
  close(): Promise<void>;
}

/** The master's side of the link: gRPC with mutual TLS, its own certificate authority, and the sessions of all nodes. @throws KON_FILE_UNREADABLE */
export async function createMasterLink(options: MasterLinkOptions): Promise<MasterLink> {
  const { store, vault, clock, random, log, lifetimes = DEFAULT_LIFETIMES } = options;
  const pki = await MasterPki.open({ directory: options.pkiDirectory, hosts: serverHosts(options.advertise), clock, random, log, lifetimes });
  const sessions = new MasterSessions({ store, vault, clock, log, balancerImage: options.balancerImage, ...(options.statistics === undefined ? {} : { statistics: options.statistics }), signer: () => pki.signer });
  pki.onChange(() => sessions.authorityChanged());
  quieten();
  const spareLog = new SpareLog(log, clock);
  let listener: Listener | undefined;
  let guard: Guard | undefined;

  return {
    nodes: sessions,
    get caFingerprint() {
      return pki.fingerprint;
    },
    authority: authorityOf(pki),
    onAuthorityChange: (listener) => pki.onChange(listener),
    listen: async ({ host, port, control, enrolment, access, signIn }) => {
      guard = new Guard({ access, store, clock });
      const watchful = guard;
      const controlled = controlService(servingOf({ control, guard: watchful, clock, log }), () => pki.fingerprint);
      const linked = nodeService({ sessions, pki, enrolment, cluster: store.identity.cluster, log, spareLog });
      const door = signInService(signIn, log);
      const furnish = (server: Server): void => {
        server.addService(ControlService, { ...controlled });
        server.addService(NodeLinkService, { ...linked });
        server.addService(SignInService, { ...door });
        addStandardServices(server, watchful);
      };
      listener = new Listener({ pki, clock, log: spareLog, furnish, access });
      const bound = await listener.listen(host, port);
      sessions.start();
      log.info('the master listens', { host, port: bound, version: options.version });
      return { host, port: bound };
    },
    close: () => {
      pki.close();
      sessions.close();
      listener?.close();
      guard?.close();
      return Promise.resolve();
    },
  };
}

function authorityOf(pki: MasterPki): Authority {
  const issued = ({ certificate, key }: Identity): Issued => ({ ca: pki.authorities, certificate, key, keyFingerprint: fingerprintOfKey(key), endsAt: lifeOf(certificate).to });
  return {
    get signer() {
      return pki.signer;
    },
    get isRotating() {
      return pki.isRotating;
    },
    admin: () => issued(pki.admin),
    renewAdmin: () => pki.renewAdmin(),
    issue: async (name, lifetimeMs) => issued(await pki.issueClient(name, lifetimeMs)),
    certifyServer: (names, privateKey) => pki.certifyServer(names, privateKey),
    certify: async (key, name, lifetimeMs) => {
      const certificate = await pki.signClient(key, name, lifetimeMs);
      return { ca: pki.authorities, certificate, keyFingerprint: keyFingerprint(new X509Certificate(certificate).publicKey), endsAt: lifeOf(certificate).to };
    },
    rotate: () => pki.rotate(),
    finish: () => pki.finish(),
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
