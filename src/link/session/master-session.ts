import { type Assignments, elapsedMs, type FactsBody, type Histogram, type Instant, type InstanceReport, KontenaError, messageOf, type Millis, type NodeNetworkBody, type NodeStatistics } from '../../model/index.js';
import type { Clock, Log } from '../../ports/index.js';
import { SNAPSHOT_PARTS } from '../limits.js';
import { isSame } from './assignments.js';
import type { TablesReader } from './grid-tables.js';
import { type BalancersSaid, type EngineState, type FromMaster, type FromNode, isOfStream, type StreamMessage } from './messages.js';
import { Outbox } from './outbox.js';
import { Streams } from './streams.js';
import type { Waiting } from './waiting.js';
import type { Wire } from './wire.js';

const PING_EVERY_MS: Millis = 5_000;
/** An agent that says nothing for so long after a ping is silent; */
const SILENT_AFTER_MS: Millis = 10_000;
/** after so long its wire is taken to be dead, and closed, so that a living agent dials again. */
const DEAD_AFTER_MS: Millis = 30_000;

/** Whose connection it is, as its certificate says. */
export interface Peer {
  readonly grid: string;
  readonly name: string;
  /** SHA-256 of the agent's public key, in hex. */
  readonly keyFingerprint: string;
  /** What its certificate says of the machine, see {@link ShownKey}. */
  readonly machine?: string;
  readonly generation?: number;
  /** Where it dials from; undefined where there is no such thing. */
  readonly address?: string;
}

/** What a session tells, and what it asks. */
export interface SessionEvents {
  assignments(): Assignments;
  /** Whether the instance is the node's: nothing is kept of others. */
  isAssigned(instance: string): boolean;
  /** A reader of what the nodes of its grid share, at its beginning. */
  tables(): TablesReader;
  /** The agent said everything: facts, and all there is on the node. */
  ready(said: { readonly facts: FactsBody; readonly engine: EngineState; readonly reports: readonly InstanceReport[] }): void;
  reports(reports: readonly InstanceReport[]): void;
  facts(facts: FactsBody): void;
  engine(engine: EngineState): void;
  network(network: NodeNetworkBody): void;
  balancing(balancers: BalancersSaid): void;
  /** What the node and what runs on it use. */
  statistics(statistics: NodeStatistics): void;
  /** How long changes of the tables took until the node served them. */
  served(lengths: Histogram): void;
  silent(): void;
  /** It spoke again after `silent`. */
  heard(): void;
  closed(error: KontenaError | undefined): void;
}

/** What changed since the snapshot. */
type News = Extract<FromNode, { type: 'reports' | 'facts' | 'engine' | 'network' | 'balancing' | 'statistics' }>;

const NEWS: readonly FromNode['type'][] = ['reports', 'facts', 'engine', 'network', 'balancing', 'statistics'] satisfies readonly News['type'][];

const isNews = (message: FromNode): message is News => NEWS.includes(message.type);

/** The master's end of one connection. */
export class MasterSession {
  readonly peer: Peer;
  readonly streams: Streams;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #wire: Wire<FromMaster, FromNode>;
  readonly #events: SessionEvents;
  readonly #tables: TablesReader;
  readonly #outbox: Outbox<FromMaster>;
  #hello: { readonly facts: FactsBody; readonly engine: EngineState } | undefined;
  readonly #snapshot = new Map<string, InstanceReport>();
  #snapshotParts = 0;
  #isReady = false;
  #isDue = false;
  #sent: Assignments | undefined;
  #sequence = 0;
  #pingedAt: Instant;
  /** When a sign of life began to be missed; undefined while none is. */
  #missedSince: Instant | undefined;
  #isSilent = false;

  constructor(peer: Peer, wire: Wire<FromMaster, FromNode>, world: { readonly clock: Clock; readonly log: Log; readonly waiting: Waiting }, events: SessionEvents) {
    this.peer = peer;
    this.#clock = world.clock;
    this.#log = world.log;
    this.#wire = wire;
    this.#events = events;
    this.#tables = events.tables();
    this.#pingedAt = this.#clock.now();
    this.#missedSince = this.#pingedAt; // hello is awaited like the answer to a ping
    this.#outbox = new Outbox<FromMaster>(wire, this.#clock, () => this.#next());
    this.streams = new Streams({ outlet: this.#outbox, gives: 'even', waiting: world.waiting, serve: () => Promise.reject(new KontenaError('KON_FORBIDDEN', 'an agent asks for nothing')) });
  }

  /** Begins to listen. What the wire says is told from here on. */
  open(): void {
    this.#wire.onDrain(() => this.#outbox.drained());
    this.#wire.onMessage((message) => this.#receive(message));
    this.#wire.onClose((error) => {
      this.#outbox.closed();
      this.streams.closed(new KontenaError('KON_NODE_UNREACHABLE', `the connection to the agent of node ${this.peer.name} ended`));
      this.#events.closed(error);
    });
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** What the node must run may have changed. */
  assign(): void {
    this.#isDue = true;
    if (this.#isReady) this.#outbox.flush();
  }

  /** What all nodes share has changed. */
  tell(): void {
    if (this.#isReady) this.#outbox.flush();
  }

  /** Asks the agent to renew its certificate. */
  renew(): void {
    this.#outbox.push({ type: 'renewNow' });
  }

  close(error?: KontenaError): void {
    this.#wire.close(error);
  }

  /** Pings when it is time, and notices silence. After a pause of the master itself, the wait begins anew. */
  beat(now: Instant, wasPaused: boolean): void {
    if (this.#missedSince === undefined) {
      if (elapsedMs(this.#pingedAt, now) >= PING_EVERY_MS) this.#ping(now);
      return;
    }
    if (wasPaused) this.#missedSince = now;
    const missedMs = elapsedMs(this.#missedSince, now);
    if (missedMs >= DEAD_AFTER_MS) {
      this.#wire.close(new KontenaError('KON_TIMEOUT', `the agent of node ${this.peer.name} has not answered for ${DEAD_AFTER_MS / 1000} s`));
    } else if (missedMs >= SILENT_AFTER_MS && !this.#isSilent && this.#isReady) {
      this.#isSilent = true;
      this.#events.silent();
    }
  }

  #ping(now: Instant): void {
    this.#sequence += 1;
    this.#pingedAt = now;
    this.#missedSince = now;
    this.#outbox.push({ type: 'ping', sequence: this.#sequence, tables: this.#tables.states });
  }

  #receive(message: FromNode): void {
    this.#heard(message);
    if (isOfStream(message)) {
      this.#streamed(message);
      return;
    }
    if (isNews(message)) {
      if (this.#isReady) this.#tell(message);
      return;
    }
    switch (message.type) {
      case 'hello':
        this.#hello = message;
        this.#snapshot.clear();
        this.#snapshotParts = 0;
        return;
      case 'snapshot':
        this.#takePart(message.reports);
        if (message.isLast) this.#complete();
        return;
      case 'pong':
        this.#events.served(message.served);
        return;
      case 'tableWanted':
        this.#log.warn('a table of a node went wrong, and is sent whole', { grid: this.peer.grid, node: this.peer.name, table: message.table });
        this.#tables.restart(message.table);
        this.tell();
        return;
    }
  }

  #streamed(message: StreamMessage): void {
    try {
      this.streams.receive(message);
    } catch (error) {
      this.#wire.close(error instanceof KontenaError ? error : new KontenaError('KON_INTERNAL', messageOf(error)));
    }
  }

  #tell(message: News): void {
    switch (message.type) {
      case 'reports':
        this.#events.reports(message.reports);
        return;
      case 'facts':
        this.#events.facts(message.facts);
        return;
      case 'engine':
        this.#events.engine(message.engine);
        return;
      case 'network':
        this.#events.network(message.network);
        return;
      case 'balancing':
        this.#events.balancing(message.balancers);
        return;
      case 'statistics':
        this.#events.statistics(message.statistics);
    }
  }

  /** Any message is a sign of life; what was missed is over when the newest ping is answered. */
  #heard(message: FromNode): void {
    const now = this.#clock.now();
    if (this.#missedSince !== undefined) {
      const isAnswer = message.type === 'pong' ? message.sequence === this.#sequence : message.type === 'hello';
      const waitedMs = elapsedMs(this.#missedSince, now);
      if (isAnswer && waitedMs > SILENT_AFTER_MS / 2) {
        this.#log.warn('a node answers slowly', { grid: this.peer.grid, node: this.peer.name, waitedMs, silentAfterMs: SILENT_AFTER_MS });
      }
      this.#missedSince = isAnswer ? undefined : now;
    }
    if (!this.#isSilent) return;
    this.#isSilent = false;
    this.#events.heard();
  }

  #takePart(reports: readonly InstanceReport[]): void {
    for (const report of reports) if (this.#events.isAssigned(report.name)) this.#snapshot.set(report.name, report);
    this.#snapshotParts += 1;
    if (this.#snapshotParts < SNAPSHOT_PARTS) return;
    this.#wire.close(new KontenaError('KON_INVALID', `what the agent of node ${this.peer.name} says is there has no end: ${SNAPSHOT_PARTS} messages of it came`));
  }

  #complete(): void {
    if (this.#hello === undefined) return;
    const said = { ...this.#hello, reports: [...this.#snapshot.values()] };
    this.#snapshot.clear();
    this.#snapshotParts = 0;
    this.#isReady = true;
    this.#events.ready(said);
    this.assign();
  }

  /** What must run comes before what all share. */
  #next(): FromMaster | undefined {
    if (!this.#isReady) return undefined;
    const assignments = this.#nextAssignments();
    if (assignments !== undefined) return assignments;
    const part = this.#tables.next(this.#clock);
    return part === undefined ? undefined : { type: 'table', ...part };
  }

  #nextAssignments(): FromMaster | undefined {
    if (!this.#isDue) return undefined;
    this.#isDue = false;
    try {
      const assignments = this.#events.assignments();
      if (this.#sent !== undefined && isSame(assignments, this.#sent)) return undefined;
      this.#sent = assignments;
      return { type: 'assignments', assignments };
    } catch (error) {
      this.#log.error('a node cannot be told what to run; it keeps what it has', { grid: this.peer.grid, node: this.peer.name, reason: messageOf(error) });
      return undefined;
    }
  }
}
