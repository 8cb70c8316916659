import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { KontenaError, later, messageOf, type Millis } from '../../model/index.js';
import type { AgentSide, Clock, Log, Random, ReportSink } from '../../ports/index.js';
import { MasterChannel } from '../client/call.js';
import { NodeLinkService } from '../gen/kontena/v1/node.js';
import { certificateRequest, type Identity, identityIn, lifeOf, newKey, writeIdentity, writeText } from '../pki/index.js';
import { NodeSession } from '../session/index.js';
import { dialSession } from './dial.js';
import { AGENT_FILE, AUTHORITIES_FILE } from './membership.js';

export interface AgentLinkOptions {
  /** HOST:PORT. */
  readonly master: string;
  /** Where joining left the agent's key and certificate. */
  readonly pkiDirectory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly agent: AgentSide;
}

const CONNECT_LIMIT_MS: Millis = 5_000;
/** Thousands of agents that are asked to renew at one moment do so within this time. */
const SPREAD_MS: Millis = 5_000;
const DAY_MS: Millis = 24 * 3_600_000;

/** The agent's side of the link: connects, and connects again, until closed. @throws KON_FILE_UNREADABLE when this machine has not joined */
export function openAgentLink(options: AgentLinkOptions): ReportSink & { close(): Promise<void> } {
  const { master, clock, random, log, agent } = options;
  const papers = Papers.read(options);
  const session = new NodeSession({ dial: () => dialSession(master, papers.credentials()), agent, onRenew: () => papers.renewSoon(), clock, random, log });
  session.start();
  papers.keepFresh();
  return {
    changed: (report) => session.changed(report),
    engine: (isAnswering, reason) => session.engine(isAnswering, reason),
    factsChanged: () => session.factsChanged(),
    networkChanged: () => session.networkChanged(),
    balancingChanged: () => session.balancingChanged(),
    statisticsChanged: () => session.statisticsChanged(),
    close: () => {
      papers.close();
      session.close();
      return Promise.resolve();
    },
  };
}

/** The agent's certificate and whom it trusts, renewed before they end. The next connection uses the new ones. */
class Papers {
  readonly #options: AgentLinkOptions;
  #identity: Identity;
  #authorities: string;
  #callOff: () => void = () => undefined;
  #callOffSoon: () => void = () => undefined;
  #renewing: Promise<void> = Promise.resolve();
  #isClosed = false;

  private constructor(options: AgentLinkOptions, identity: Identity, authorities: string) {
    this.#options = options;
    this.#identity = identity;
    this.#authorities = authorities;
  }

  static read(options: AgentLinkOptions): Papers {
    const { pkiDirectory } = options;
    try {
      const identity = identityIn(readFileSync(join(pkiDirectory, AGENT_FILE), 'utf8'));
      if (identity !== undefined) return new Papers(options, identity, readFileSync(join(pkiDirectory, AUTHORITIES_FILE), 'utf8'));
    } catch (error) {
      throw new KontenaError('KON_FILE_UNREADABLE', `the certificate of this agent cannot be read: ${messageOf(error)}`, { cause: error });
    }
    throw new KontenaError('KON_FILE_UNREADABLE', `${join(pkiDirectory, AGENT_FILE)} does not hold a certificate and its key`);
  }

  close(): void {
    this.#isClosed = true;
    this.#callOff();
    this.#callOffSoon();
  }

  credentials(): ReturnType<typeof credentials.createSsl> {
    const { certificate, key } = this.#identity;
    return credentials.createSsl(Buffer.from(this.#authorities), Buffer.from(key), Buffer.from(certificate));
  }

  /** Renews when a third of the life is left; after a failure, tries again well before the end. */
  keepFresh(): void {
    if (this.#isClosed) return;
    const { clock, log } = this.#options;
    const { from, to } = lifeOf(this.#identity.certificate);
    const due = to - (to - from) / 3;
    const lookMs = due > clock.wall() ? due - clock.wall() : (to - from) / 100;
    this.#callOff = clock.at(later(clock.now(), Math.min(Math.max(lookMs, 100), DAY_MS)), () => {
      if (clock.wall() < due) this.keepFresh();
      else {
        this.#renew()
          .catch((error: unknown) => log.warn('the certificate of this agent could not be renewed', { reason: messageOf(error), until: new Date(to).toISOString() }))
          .finally(() => this.keepFresh());
      }
    });
  }

  /** The master asks for it; once is enough. */
  renewSoon(): void {
    if (this.#isClosed) return;
    const { clock, random, log } = this.#options;
    this.#callOffSoon();
    this.#callOffSoon = clock.at(later(clock.now(), Math.round(random.fraction() * SPREAD_MS)), () => {
      this.#renew().catch((error: unknown) => log.warn('the certificate of this agent could not be renewed as the master asked', { reason: messageOf(error) }));
    });
  }

  /** One after the other: of two at once, the key that is kept might not be the one that the master knows. */
  #renew(): Promise<void> {
    this.#renewing = this.#renewing.catch(() => undefined).then(() => this.#renewNow());
    return this.#renewing;
  }

  async #renewNow(): Promise<void> {
    const { master, pkiDirectory, log } = this.#options;
    const key = await newKey();
    const channel = new MasterChannel(master, this.credentials(), CONNECT_LIMIT_MS);
    try {
      const { certificate, authorities } = await channel.ask(NodeLinkService.renew, { certificateRequest: await certificateRequest('agent', key) });
      await writeText(join(pkiDirectory, AUTHORITIES_FILE), authorities);
      await writeIdentity(join(pkiDirectory, AGENT_FILE), { certificate, key });
      this.#identity = { certificate, key };
      this.#authorities = authorities;
      log.info('the certificate of this agent was renewed', { until: new Date(lifeOf(certificate).to).toISOString() });
    } finally {
      channel.close();
    }
    await this.#settle();
  }

  /** Shows the new key, so that the one before opens nothing any more. If this fails, the next connection does it. */
  async #settle(): Promise<void> {
    const channel = new MasterChannel(this.#options.master, this.credentials(), CONNECT_LIMIT_MS);
    try {
      await channel.ask(NodeLinkService.settle, {});
    } finally {
      channel.close();
    }
  }
}
