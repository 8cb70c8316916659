import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { earliest, type Instant, later, type Millis } from '../../model/index.js';
import type { Clock, KeyProof, Log, Random } from '../../ports/index.js';
import { createAuthority, fingerprintOf, hostsOf, type Identity, issue, type Life, lifeOf, provenKey, requestedKey, requestFingerprint, isSignedBy, serialOf, shareLeft, sign } from './certificates.js';
import { makeDirectory, readIdentity, readText, writeIdentity, writeText } from './files.js';

/** How long what the master signs is good for, in milliseconds. */
export interface Lifetimes {
  readonly authorityMs: Millis;
  readonly serverMs: Millis;
  readonly agentMs: Millis;
  readonly serviceMs: Millis;
}

const DAY_MS: Millis = 24 * 3_600_000;

/**
 * The authority: longer than any cluster is left alone; server and agents renew by themselves, so that theirs can be short. A
 * service is replaced when its certificate is, which is seldom enough.
 * @see the same proportions in Kubernetes (CA 10 years) and Docker Swarm (nodes 90 days).
 */
export const DEFAULT_LIFETIMES: Lifetimes = { authorityMs: 3650 * DAY_MS, serverMs: 90 * DAY_MS, agentMs: 30 * DAY_MS, serviceMs: 365 * DAY_MS };

/** Renewed when so much of a life is left: two thirds are for use, a third is for masters and agents that were away. */
const RENEW_AT_SHARE = 1 / 3;
/** From here on the next authority is trusted beside this one, so that every agent learns of it when it renews; */
const ANNOUNCE_AT_SHARE = 1 / 5;
/** from here on it is the one that signs. */
const SWITCH_AT_SHARE = 1 / 10;

export const AUTHORITY_FILE = 'ca.pem';
const NEXT_AUTHORITY_FILE = 'ca-next.pem';
const FORMER_AUTHORITY_FILE = 'ca-former.crt';
const SERVER_FILE = 'server.pem';
const ADMIN_FILE = 'admin.pem';

export interface MasterPkiOptions {
  readonly directory: string;
  /** Names and addresses that the server's certificate is to bear. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly lifetimes: Lifetimes;
}

/** What an agent's certificate says. */
interface AgentName {
  readonly grid: string;
  readonly node: string;
  /** The key that the machine joined with, and how often it was renewed. */
  readonly machine: string;
  readonly generation: number;
}

/** The certificates of a master, as they are now; all of them PEM. */
interface Certificates {
  readonly authority: Identity;
  readonly next: Identity | undefined;
  /** The authority before this one, while it is still good. */
  readonly former: string | undefined;
  readonly server: Identity;
  readonly admin: Identity;
}

/** The master's own certificate authority, and the certificates it keeps fresh. */
export class MasterPki {
  readonly #options: MasterPkiOptions;
  #now: Certificates;
  readonly #listeners: (() => void)[] = [];
  #changing: Promise<void> = Promise.resolve();
  #callOff: () => void = () => undefined;
  #isClosed = false;

  private constructor(options: MasterPkiOptions, certificates: Certificates) {
    this.#options = options;
    this.#now = certificates;
  }

  /** Reads what is there, makes what is missing and renews what is due. @throws KON_FILE_UNREADABLE */
  static async open(options: MasterPkiOptions): Promise<MasterPki> {
    await makeDirectory(options.directory);
    const pki = new MasterPki(options, await refresh(options));
    pki.#refreshLater();
    return pki;
  }

  close(): void {
    this.#isClosed = true;
    this.#callOff();
  }

  /** Calls `listener` when the server's certificate, the admin's, or the trusted authorities have changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Every authority that is to be trusted. */
  get authorities(): string {
    const { authority, next, former } = this.#now;
    return [authority.certificate, next?.certificate, former].join('');
  }

  /** Whether an authority that is trusted has signed a certificate (DER). */
  isTrusted(certificate: Buffer): boolean {
    const { authority, next, former } = this.#now;
    return [authority.certificate, next?.certificate, former].some((one) => one !== undefined && isSignedBy(certificate, one));
  }

  /** SHA-256 of the signing authority's certificate, in hex. */
  get fingerprint(): string {
    return fingerprintOf(this.#now.authority.certificate);
  }

  /** What the server shows: its certificate, and the authority, so that who joins can see it. */
  get server(): Identity {
    const { server, authority } = this.#now;
    return { certificate: server.certificate + authority.certificate, key: server.key };
  }

  get admin(): Identity {
    return this.#now.admin;
  }

  /** The authority that signs for agents and clients. */
  get #signer(): Identity {
    return this.#now.next ?? this.#now.authority;
  }

  /** SHA-256 of its certificate, in hex. */
  get signer(): string {
    return fingerprintOf(this.#signer.certificate);
  }

  get isRotating(): boolean {
    return this.#now.next !== undefined;
  }

  /** Makes the next authority now: it is trusted from here on, and signs for agents and clients. */
  rotate(): Promise<void> {
    return this.#change(async ({ directory, clock, random, lifetimes }) => {
      if (this.isRotating) return;
      await writeIdentity(join(directory, NEXT_AUTHORITY_FILE), await newAuthority(random, { now: clock.wall(), lifetimeMs: lifetimes.authorityMs }));
    });
  }

  /** The next authority is the only one from here on. */
  finish(): Promise<void> {
    return this.#change(async ({ directory }) => {
      const { next } = this.#now;
      if (next === undefined) return;
      await writeIdentity(join(directory, AUTHORITY_FILE), next);
      await rm(join(directory, NEXT_AUTHORITY_FILE), { force: true });
      await rm(join(directory, FORMER_AUTHORITY_FILE), { force: true });
    });
  }

  /** The admin's credential gets another key. */
  renewAdmin(): Promise<void> {
    return this.#change(({ directory }) => rm(join(directory, ADMIN_FILE), { force: true }));
  }

  /** A new key for a client, and a certificate for it. */
  async issueClient(name: string, lifetimeMs: Millis): Promise<Identity> {
    return issue({ authority: this.#signer, subject: { name, organization: 'kontena', role: 'admin' }, life: { now: this.#options.clock.wall(), lifetimeMs }, hosts: [] });
  }

  /** A certificate of a server of a grid, for a key that is there. */
  async certifyServer(names: readonly string[], key: string): Promise<string> {
    const { clock, lifetimes } = this.#options;
    const [name = ''] = names;
    return (await issue({ authority: this.#signer, subject: { name, organization: 'kontena', role: 'service' }, life: { now: clock.wall(), lifetimeMs: lifetimes.serviceMs }, hosts: names, key })).certificate;
  }

  /** Changes files, one change after the other, and is then what they say. */
  async #change(work: (options: MasterPkiOptions) => Promise<void>): Promise<void> {
    const turn = this.#changing.then(async () => {
      await work(this.#options);
      this.#take(await refresh(this.#options));
    });
    this.#changing = turn.catch(() => undefined);
    await turn;
  }

  #take(certificates: Certificates): void {
    const told = (): string => this.server.certificate + this.authorities + this.admin.certificate;
    const before = told();
    this.#now = certificates;
    if (told() === before) return;
    this.#options.log.info('certificates were renewed', { serverUntil: new Date(lifeOf(certificates.server.certificate).to).toISOString() });
    for (const listener of this.#listeners) listener();
  }

  /** Whose key a request is for, in hex. @throws KON_INVALID */
  async requester(certificateRequest: Uint8Array): Promise<string> {
    return requestFingerprint(await requestedKey(certificateRequest));
  }

  /** A certificate that opens the link of one node. @throws KON_INVALID */
  async signAgent(certificateRequest: Uint8Array, { grid, node, machine, generation }: AgentName): Promise<string> {
    const { clock, lifetimes } = this.#options;
    return sign(await requestedKey(certificateRequest), {
      authority: this.#signer,
      subject: { name: node, organization: grid, role: 'agent', serial: serialOf(machine, generation) },
      life: { now: clock.wall(), lifetimeMs: lifetimes.agentMs },
      hosts: [],
    });
  }

  /** A certificate for a client's own key. @throws KON_INVALID */
  async signClient(key: KeyProof, name: string, lifetimeMs: Millis): Promise<string> {
    const life = { now: this.#options.clock.wall(), lifetimeMs };
    return sign(provenKey(key), { authority: this.#signer, subject: { name, organization: 'kontena', role: 'admin' }, life, hosts: [] });
  }

  #refreshLater(): void {
    if (this.#isClosed) return;
    const { clock, log } = this.#options;
    this.#callOff = clock.at(this.#nextLook(), () => {
      this.#change(() => Promise.resolve())
        .catch((error: unknown) => log.error('certificates could not be renewed', { reason: String(error) }))
        .finally(() => this.#refreshLater());
    });
  }

  /** The server's certificate has the shortest life here; a hundredth of it is soon enough, a day long enough for a timer. */
  #nextLook(): Instant {
    const { clock, lifetimes } = this.#options;
    return later(clock.now(), Math.min(DAY_MS, lifetimes.serverMs / 100));
  }
}

/** Everything as it should be now; what was made or changed for it is on disk. */
async function refresh(options: MasterPkiOptions): Promise<Certificates> {
  const authorities = await refreshAuthorities(options);
  const server = await keep(options, SERVER_FILE, {
    isGood: (certificate) => sameHosts(hostsOf(certificate), options.hosts),
    issue: (life) => issue({ authority: authorities.authority, subject: { name: 'master', organization: 'kontena', role: 'server' }, life, hosts: options.hosts }),
    authority: authorities.authority,
    lifetimeMs: options.lifetimes.serverMs,
  });
  const signer = authorities.next ?? authorities.authority;
  const admin = await keep(options, ADMIN_FILE, {
    isGood: () => true,
    // The key stays: whoever was given it is let in, and asks for what has changed.
    issue: (life, found) => issue({ authority: signer, subject: { name: 'admin', organization: 'kontena', role: 'admin' }, life, hosts: [], key: found?.key }),
    authority: signer,
    lifetimeMs: options.lifetimes.authorityMs, // cut to the authority's own end
  });
  return { ...authorities, server, admin };
}

interface Kept {
  readonly isGood: (certificate: string) => boolean;
  readonly issue: (life: { readonly now: Instant; readonly lifetimeMs: Millis }, found: Identity | undefined) => Promise<Identity>;
  readonly authority: Identity;
  readonly lifetimeMs: Millis;
}

/** What lies in a file, while it is good: signed by the authority, with so much life left that a new one would gain little; or else made anew. */
async function keep({ directory, clock }: MasterPkiOptions, file: string, { isGood, issue: make, authority, lifetimeMs }: Kept): Promise<Identity> {
  const path = join(directory, file);
  const now = clock.wall();
  const found = await readIdentity(path);
  const newEnd = earliest(later(now, lifetimeMs), lifeOf(authority.certificate).to);
  if (found !== undefined && isSignedBy(found.certificate, authority.certificate) && isGood(found.certificate)) {
    const gainMs = newEnd === undefined ? 0 : newEnd - lifeOf(found.certificate).to;
    if (gainMs < lifetimeMs * (1 - RENEW_AT_SHARE)) return found;
  }
  const made = await make({ now, lifetimeMs }, found);
  await writeIdentity(path, made);
  return made;
}

async function refreshAuthorities({ directory, clock, random, log, lifetimes }: MasterPkiOptions): Promise<Pick<Certificates, 'authority' | 'next' | 'former'>> {
  const now = clock.wall();
  const at = (file: string): string => join(directory, file);
  const make = async (file: string): Promise<Identity> => {
    const made = await newAuthority(random, { now, lifetimeMs: lifetimes.authorityMs });
    await writeIdentity(at(file), made);
    return made;
  };

  let authority = (await readIdentity(at(AUTHORITY_FILE))) ?? (await make(AUTHORITY_FILE));
  let next = await readIdentity(at(NEXT_AUTHORITY_FILE));
  let former = await readText(at(FORMER_AUTHORITY_FILE));

  // The order of writing is such that a crash between any two leaves both authorities trusted.
  if (shareLeft(authority.certificate, now) < ANNOUNCE_AT_SHARE && next === undefined) {
    next = await make(NEXT_AUTHORITY_FILE);
    log.info('a new certificate authority was made and is trusted from now on', { fingerprint: fingerprintOf(next.certificate) });
  }
  if (next !== undefined && shareLeft(authority.certificate, now) < SWITCH_AT_SHARE) {
    former = authority.certificate;
    await writeText(at(FORMER_AUTHORITY_FILE), former);
    authority = next;
    await writeIdentity(at(AUTHORITY_FILE), authority);
    log.info('the new certificate authority signs from now on', { fingerprint: fingerprintOf(authority.certificate) });
  }
  if (next?.certificate === authority.certificate) {
    await rm(at(NEXT_AUTHORITY_FILE), { force: true });
    next = undefined;
  }
  if (former !== undefined && shareLeft(former, now) <= 0) {
    await rm(at(FORMER_AUTHORITY_FILE), { force: true });
    former = undefined;
  }
  return { authority, next, former };
}

const newAuthority = (random: Random, life: Life): Promise<Identity> => createAuthority(`Kontena ${random.secret(6)}`, life);

const sameHosts = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((host) => b.includes(host));
