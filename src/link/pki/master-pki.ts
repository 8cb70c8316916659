import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { earliest, type Instant, later, type Millis } from '../../model/index.js';
import type { Clock, Log, Random } from '../../ports/index.js';
import { createAuthority, fingerprintOf, hostsOf, type Identity, issue, lifeOf, requestedKey, requestFingerprint, isSignedBy, shareLeft, sign } from './certificates.js';
import { makeDirectory, readIdentity, readText, writeIdentity, writeText } from './files.js';

/** How long what the master signs is good for, in milliseconds. */
export interface Lifetimes {
  readonly authorityMs: Millis;
  readonly serverMs: Millis;
  readonly agentMs: Millis;
}

const DAY_MS: Millis = 24 * 3_600_000;

/**
 * The authority: longer than any cluster is left alone; server and agents renew by themselves, so that theirs can be short.
 * @see the same proportions in Kubernetes (CA 10 years) and Docker Swarm (nodes 90 days).
 */
export const DEFAULT_LIFETIMES: Lifetimes = { authorityMs: 3650 * DAY_MS, serverMs: 90 * DAY_MS, agentMs: 30 * DAY_MS };

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
  #onChange: () => void = () => undefined;
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

  /** Calls `listener` when the server's certificate or the trusted authorities have changed. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** Every authority that is to be trusted. */
  get authorities(): string {
    const { authority, next, former } = this.#now;
    return [authority.certificate, next?.certificate, former].join('');
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

  /** Whose key a request is for, in hex. @throws KON_INVALID */
  async requester(certificateRequest: Uint8Array): Promise<string> {
    return requestFingerprint(await requestedKey(certificateRequest));
  }

  /** A certificate that opens the link of one node. @throws KON_INVALID */
  async signAgent(certificateRequest: Uint8Array, { grid, node }: { readonly grid: string; readonly node: string }): Promise<string> {
    const { clock, lifetimes } = this.#options;
    return sign(await requestedKey(certificateRequest), {
      authority: this.#now.authority,
      subject: { name: node, organization: grid, role: 'agent' },
      life: { now: clock.wall(), lifetimeMs: lifetimes.agentMs },
      hosts: [],
    });
  }

  #refreshLater(): void {
    if (this.#isClosed) return;
    const { clock, log } = this.#options;
    this.#callOff = clock.at(this.#nextLook(), () => {
      refresh(this.#options)
        .then((certificates) => {
          const before = this.server.certificate + this.authorities;
          this.#now = certificates;
          if (this.server.certificate + this.authorities === before) return;
          log.info('certificates were renewed', { serverUntil: new Date(lifeOf(certificates.server.certificate).to).toISOString() });
          this.#onChange();
        })
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
  const admin = await keep(options, ADMIN_FILE, {
    isGood: () => true,
    issue: (life) => issue({ authority: authorities.authority, subject: { name: 'admin', organization: 'kontena', role: 'admin' }, life, hosts: [] }),
    authority: authorities.authority,
    lifetimeMs: options.lifetimes.authorityMs, // cut to the authority's own end
  });
  return { ...authorities, server, admin };
}

interface Kept {
  readonly isGood: (certificate: string) => boolean;
  readonly issue: (life: { readonly now: Instant; readonly lifetimeMs: Millis }) => Promise<Identity>;
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
  const made = await make({ now, lifetimeMs });
  await writeIdentity(path, made);
  return made;
}

async function refreshAuthorities({ directory, clock, random, log, lifetimes }: MasterPkiOptions): Promise<Pick<Certificates, 'authority' | 'next' | 'former'>> {
  const now = clock.wall();
  const at = (file: string): string => join(directory, file);
  const make = async (file: string): Promise<Identity> => {
    const made = await createAuthority(`Kontena ${random.secret(6)}`, { now, lifetimeMs: lifetimes.authorityMs });
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

const sameHosts = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((host) => b.includes(host));
