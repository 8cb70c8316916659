import { elapsedMs, type ErrorCode, type FactsBody, type Instant, type InstanceReport, KontenaError, later, type Millis } from '../../model/index.js';
import type { AgentSide, Clock, Log, Random, ReportSink } from '../../ports/index.js';
import { type EngineState, type FromMaster, type FromNode, isOfStream, type StreamRequest } from './messages.js';
import { attend, carryBoth } from '../carry.js';
import { answerOf } from './asking.js';
import { sendLines } from './log-lines.js';
import { Outbox } from './outbox.js';
import { type Stream, Streams } from './streams.js';
import { asBytes, asCaller, sendBytes } from './two-way.js';
import type { Wire } from './wire.js';

/** Reports in one message, and characters of output in them: far below the 4 MB a message may have. */
const REPORTS_PER_MESSAGE = 100;
const OUTPUT_PER_MESSAGE = 512 * 1024;
const FIRST_DELAY_MS: Millis = 500;
const MAX_DELAY_MS: Millis = 30_000;
/** A connection that held so long was a good one: the next failure starts counting anew. */
const GOOD_AFTER_MS: Millis = 10_000;
/** The master pings every 5 s; when four pings in a row are missing, the wire is dead. */
const DEAD_AFTER_MS: Millis = 20_000;
const CHECK_EVERY_MS: Millis = 5_000;
/** A check so late means that this agent itself stood still: the master is not to blame. */
const PAUSE_MS: Millis = 3_000;

/** What does not pass by itself: said clearly, and tried slowly, in case someone mends it on the other side. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['KON_NODE_REMOVED', 'KON_CERTIFICATE_UNTRUSTED', 'KON_UNAUTHENTICATED', 'KON_FORBIDDEN']);

export interface NodeSessionOptions {
  /** Opens a new wire. A failure to do so closes the wire. */
  readonly dial: () => Wire<FromNode, FromMaster>;
  readonly agent: AgentSide;
  /** The master asks for a new certificate to be asked for. */
  readonly onRenew?: () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * How long to wait before dialling again: chosen by chance from nothing to a limit that doubles (full jitter), so that
 * thousands of agents do not come back at one moment.
 *
 * @param failures connections that failed in a row before this one
 * @param fraction chance, from 0 to 1
 * @returns milliseconds, at most 30 000
 */
export const redialMs = (failures: number, fraction: number): Millis => fraction * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** failures);

/** The agent's side of the link: one connection at a time, opened again for as long as it takes. */
export class NodeSession implements ReportSink {
  readonly #options: NodeSessionOptions;
  readonly #pending = new Map<string, InstanceReport>();
  #engine: EngineState = { isAnswering: true };
  #isEngineDue = false;
  #areFactsDue = false;
  #isNetworkDue = false;
  #isBalancingDue = false;
  #areStatisticsDue = false;
  #connection: Connection | undefined;
  #failures = 0;
  #isSoon = false;
  #isClosed = false;
  #callOffDial: () => void = () => undefined;

  constructor(options: NodeSessionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#dial();
  }

  close(): void {
    this.#isClosed = true;
    this.#callOffDial();
    this.#connection?.close();
  }

  changed(report: InstanceReport): void {
    this.#pending.set(report.name, report);
    this.#tell();
  }

  engine(isAnswering: boolean, reason?: string): void {
    this.#engine = { isAnswering, ...(reason === undefined ? {} : { reason }) };
    this.#isEngineDue = true;
    this.#tell();
  }

  factsChanged(): void {
    this.#areFactsDue = true;
    this.#tell();
  }

  networkChanged(): void {
    this.#isNetworkDue = true;
    this.#tell();
  }

  balancingChanged(): void {
    this.#isBalancingDue = true;
    this.#tell();
  }

  statisticsChanged(): void {
    this.#areStatisticsDue = true;
    this.#tell();
  }

  /** What changes in one turn of the event loop goes as one message. */
  #tell(): void {
    if (this.#isSoon || this.#connection === undefined) return;
    this.#isSoon = true;
    this.#options.clock.soon(() => {
      this.#isSoon = false;
      this.#connection?.flush();
    });
  }

  /** The newest of what is to be said, made when the wire can take it. */
  #next(): FromNode | undefined {
    if (this.#areFactsDue) {
      this.#areFactsDue = false;
      return { type: 'facts', facts: this.#options.agent.facts() };
    }
    if (this.#isEngineDue) {
      this.#isEngineDue = false;
      return { type: 'engine', engine: this.#engine };
    }
    const network = this.#isNetworkDue ? this.#options.agent.network() : undefined;
    this.#isNetworkDue = false;
    if (network !== undefined) return { type: 'network', network };
    const balancers = this.#isBalancingDue ? this.#options.agent.balancing() : undefined;
    this.#isBalancingDue = false;
    if (balancers !== undefined) return { type: 'balancing', balancers };
    if (this.#pending.size === 0) return this.#nextStatistics();
    const reports = fitting([...this.#pending.values()], 0);
    for (const { name } of reports) this.#pending.delete(name);
    return { type: 'reports', reports };
  }

  /** After all that someone may wait for. */
  #nextStatistics(): FromNode | undefined {
    const statistics = this.#areStatisticsDue ? this.#options.agent.statistics() : undefined;
    this.#areStatisticsDue = false;
    return statistics === undefined ? undefined : { type: 'statistics', statistics };
  }

  #dial(): void {
    const { agent } = this.#options;
    this.#pending.clear();
    this.#isEngineDue = false;
    this.#areFactsDue = false;
    this.#isNetworkDue = false;
    this.#isBalancingDue = false;
    this.#areStatisticsDue = false;
    const said: Everything = { facts: agent.facts(), engine: this.#engine, snapshot: agent.snapshot() };
    const connection = new Connection(this.#options, () => this.#next());
    this.#connection = connection;
    connection.open(said, (error) => {
      this.#connection = undefined;
      if (!this.#isClosed) this.#dialLater(connection, error);
    });
    this.networkChanged(); // said after all else, as what follows is: the master listens to nothing between the parts of that
    this.balancingChanged();
  }

  #dialLater(connection: Connection, error: KontenaError | undefined): void {
    const { clock, random, log } = this.#options;
    if (connection.wasGood) this.#failures = 0;
    const isRefused = error !== undefined && REFUSALS.has(error.code);
    const delayMs = isRefused ? MAX_DELAY_MS : Math.round(redialMs(this.#failures, random.fraction()));
    this.#failures += 1;
    const facts = { reason: error?.message ?? 'the master ended it', againInMs: delayMs };
    if (isRefused) log.error('the master refuses this node; its containers are left running', { ...facts, remedy: error.remedy });
    else log.warn('not connected to the master; containers are kept running', facts);
    this.#callOffDial = clock.at(later(clock.now(), delayMs), () => this.#dial());
  }
}

interface Everything {
  readonly facts: FactsBody;
  readonly engine: EngineState;
  readonly snapshot: readonly InstanceReport[];
}

/** The agent's end of one wire. */
class Connection {
  readonly #options: NodeSessionOptions;
  readonly #wire: Wire<FromNode, FromMaster>;
  readonly #outbox: Outbox<FromNode>;
  readonly #streams: Streams;
  #upSince: Instant | undefined;
  #heardAt: Instant;
  #callOffCheck: () => void = () => undefined;
  #isOver = false;

  constructor(options: NodeSessionOptions, next: () => FromNode | undefined) {
    this.#options = options;
    this.#heardAt = options.clock.now();
    this.#wire = options.dial();
    this.#outbox = new Outbox<FromNode>(this.#wire, options.clock, next);
    this.#streams = new Streams({ outlet: this.#outbox, gives: 'odd', serve: (request, stream) => this.#serve(request, stream) });
  }

  /** Says everything, and listens. */
  open(said: Everything, onClose: (error: KontenaError | undefined) => void): void {
    this.#wire.onDrain(() => this.#outbox.drained());
    this.#wire.onMessage((message) => this.#receive(message));
    this.#wire.onClose((error) => {
      this.#isOver = true;
      this.#callOffCheck();
      this.#outbox.closed();
      this.#streams.closed(new KontenaError('KON_MASTER_UNREACHABLE', 'the connection to the master ended'));
      onClose(error);
    });
    this.#outbox.push({ type: 'hello', facts: said.facts, engine: said.engine });
    for (const part of parts(said.snapshot)) this.#outbox.push({ type: 'snapshot', ...part });
    this.#checkLater();
  }

  /** It was up long enough that the master is not what fails. */
  get wasGood(): boolean {
    return this.#upSince !== undefined && elapsedMs(this.#upSince, this.#options.clock.now()) >= GOOD_AFTER_MS;
  }

  flush(): void {
    this.#outbox.flush();
  }

  close(): void {
    this.#wire.close();
  }

  #receive(message: FromMaster): void {
    if (this.#isOver) return;
    const { agent, clock, log } = this.#options;
    this.#heardAt = clock.now();
    if (this.#upSince === undefined) {
      this.#upSince = this.#heardAt;
      log.info('connected to the master');
    }
    if (isOfStream(message)) {
      this.#streams.receive(message);
      return;
    }
    switch (message.type) {
      case 'assignments':
        agent.assign(message.assignments);
        return;
      case 'table':
        agent.table(message);
        return;
      case 'ping':
        this.#outbox.push({ type: 'pong', sequence: message.sequence, served: agent.served() });
        for (const table of agent.differing(message.tables)) this.#outbox.push({ type: 'tableWanted', table });
        return;
      case 'renewNow':
        this.#options.onRenew?.();
    }
  }

  async #serve(request: StreamRequest, stream: Stream): Promise<void> {
    const { agent } = this.#options;
    switch (request.kind) {
      case 'logs':
        return sendLines(stream, agent.logs(request.subject, request.search, stream.signal));
      case 'read-volume':
        return sendBytes(asBytes(stream), agent.readVolume(request.name, stream.signal));
      case 'write-volume':
        return agent.writeVolume(request.volume, asBytes(stream).received(), stream.signal);
      case 'ask':
        await stream.send({ kind: 'answer', answer: await answerOf(agent, request.question, stream.signal) });
        return;
      case 'exec':
      case 'attach':
      case 'pack':
      case 'unpack':
        return this.#enter(request, stream);
      case 'unknown':
        throw new KontenaError('KON_AGENT_TOO_OLD', 'the agent of this node is older than its master, and does not know what it is asked');
      case 'dial':
        return carryBoth(asBytes(stream), await agent.dial(request.instance, request.port, stream.signal));
    }
  }

  /** What goes into an instance's container, and comes out of it. */
  async #enter(request: Extract<StreamRequest, { readonly kind: 'exec' | 'attach' | 'pack' | 'unpack' }>, stream: Stream): Promise<void> {
    const { agent } = this.#options;
    switch (request.kind) {
      case 'exec':
        return attend(await agent.inside.begin(request.instance, request.call, stream.signal), asCaller(stream));
      case 'attach':
        return attend(await agent.inside.attach(request.instance, stream.signal), asCaller(stream));
      case 'pack':
        for await (const bytes of agent.inside.pack(request.instance, request.path, stream.signal)) if (!(await asBytes(stream).send(bytes))) return;
        return;
      case 'unpack':
        return agent.inside.unpack(request.instance, request.path, asBytes(stream).received(), stream.signal);
    }
  }

  #checkLater(): void {
    if (this.#isOver) return;
    const { clock } = this.#options;
    const due = later(clock.now(), CHECK_EVERY_MS);
    this.#callOffCheck = clock.at(due, () => {
      const now = clock.now();
      if (elapsedMs(due, now) > PAUSE_MS) this.#heardAt = now;
      if (elapsedMs(this.#heardAt, now) >= DEAD_AFTER_MS) this.#wire.close();
      this.#checkLater();
    });
  }
}

/** A snapshot in messages; the last one says so, and there is always one. */
function* parts(reports: readonly InstanceReport[]): Iterable<{ readonly reports: readonly InstanceReport[]; readonly isLast: boolean }> {
  let from = 0;
  do {
    const part = fitting(reports, from);
    from += part.length;
    yield { reports: part, isLast: from >= reports.length };
  } while (from < reports.length);
}

/** As many of the reports as fit one message, and at least one if there is one. */
function fitting(reports: readonly InstanceReport[], from: number): readonly InstanceReport[] {
  let to = from;
  for (let characters = 0; to < Math.min(reports.length, from + REPORTS_PER_MESSAGE) && characters < OUTPUT_PER_MESSAGE; to += 1) {
    characters += reports[to]?.report.output?.reduce((sum, line) => sum + line.length, 0) ?? 0;
  }
  return reports.slice(from, to);
}
