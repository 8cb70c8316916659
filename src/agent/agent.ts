import {
  type Assignments,
  type FactsBody,
  type Instant,
  type InstanceReport,
  KontenaError,
  later,
  type LogLine,
  messageOf,
  type Millis,
} from '../model/index.js';
import type { AgentSide, Clock, Container, CreateContainer, EngineInfo, Log, LogQuery, Memory, Random, ReportSink, Runtime } from '../ports/index.js';
import { Loop } from '../reconcile/index.js';
import { EngineWatch } from './engine-watch.js';
import { executor, type Job } from './execute.js';
import { toFacts } from './facts.js';
import { Images } from './images.js';
import { type Next, plan, type Step } from './plan.js';
import { afterEnd, afterFailure, afterLoss, afterStart, isNewEnd } from './remembered.js';
import { saysTheSame, toReport } from './report.js';
import { type Subject, Subjects } from './subject.js';
import { refusal, Wanted } from './wanted.js';

/** Instances thought about at once. Most of them wait for something; what the engine does at once is limited where it is asked. */
const WORKERS = 256;

/** Lines of a container's last words that are told, and how long they are waited for. */
const LAST_LINES = 10;
const LAST_LINES_WAIT_MS: Millis = 2_000;

export interface AgentOptions {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly memory: Memory;
  readonly node: { readonly grid: string; readonly name: string };
  readonly agentVersion: string;
}

/** The node's end of the loop: looks at one container, takes one step, looks again, and tells what is true now. */
export class Agent implements AgentSide {
  readonly #options: AgentOptions;
  readonly #loop: Loop;
  readonly #watch: EngineWatch;
  readonly #images: Images;
  readonly #execute: (job: Job, step: Step) => Promise<void>;
  readonly #subjects = new Subjects();
  #sink: ReportSink | undefined;
  #wanted: Wanted | undefined;
  /** Told, but not yet in force: it is remembered on disk first. */
  #incoming: Assignments | undefined;
  #isAdopting = false;
  #info: EngineInfo | undefined;
  /** After an absence: what runs here and must not, and is stopped before anything is started. */
  readonly #mustStopFirst = new Set<Subject>();
  #isBack = true;

  constructor(options: AgentOptions) {
    const { runtime, clock, random, log } = options;
    this.#options = options;
    this.#images = new Images(runtime, log);
    this.#execute = executor(runtime, this.#images);
    this.#loop = new Loop({
      clock,
      random,
      workers: WORKERS,
      reconcile: (name) => this.#reconcile(name),
      onError: (name, error) => log.error('cannot look after an instance', { instance: name, reason: messageOf(error) }),
    });
    this.#watch = new EngineWatch({
      runtime, clock, random, log,
      news: {
        up: (info, containers) => this.#engineUp(info, containers),
        down: (reason) => this.#engineDown(reason),
        changed: (name) => this.#changed(name),
        seen: (containers) => this.#seen(containers),
      },
    });
  }

  /** Begins with what was remembered; resolves when that is read, whether or not the engine answers. */
  async start(sink: ReportSink): Promise<void> {
    this.#sink = sink;
    const { memory, log } = this.#options;
    try {
      const remembered = await memory.load();
      if (remembered !== undefined && this.#wanted === undefined) this.#wanted = new Wanted(remembered);
    } catch (error) {
      log.error('the last assignments cannot be used; nothing is touched until the master speaks', { reason: messageOf(error) });
    }
    this.#watch.start();
  }

  /** Leaves the containers running. What is under way is finished. */
  async stop(): Promise<void> {
    this.#watch.stop();
    const stopped = this.#loop.stop();
    for (const { waiting } of this.#subjects) waiting?.abort();
    await stopped;
  }

  assign(assignments: Assignments): void {
    const reason = refusal(assignments, this.#incoming ?? this.#wanted?.assignments);
    if (reason !== undefined) {
      const { cluster, epoch, revision } = assignments;
      this.#options.log.warn('assignments are not obeyed', { reason, cluster, epoch, revision });
      return;
    }
    this.#incoming = assignments;
    if (!this.#isAdopting) void this.#adopt();
  }

  snapshot(): readonly InstanceReport[] {
    this.#isBack = true; // the link connects: what it brings next is news after an absence
    return [...this.#subjects].map(({ report }) => report).filter((report) => report !== undefined);
  }

  facts(): FactsBody {
    return toFacts(this.#options.agentVersion, this.#info);
  }

  logs(instance: string, query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine> {
    return this.#options.runtime.logs(instance, query, signal);
  }

  /** Remembers first, acts then: after a crash the agent must know the containers it made. */
  async #adopt(): Promise<void> {
    this.#isAdopting = true;
    while (this.#incoming !== undefined) {
      const assignments = this.#incoming;
      try {
        await this.#options.memory.save(assignments);
      } catch (error) {
        this.#options.log.error('cannot remember the assignments; they are obeyed all the same', { reason: messageOf(error) });
      }
      if (this.#incoming === assignments) this.#incoming = undefined;
      this.#obey(assignments);
    }
    this.#isAdopting = false;
  }

  #obey(assignments: Assignments): void {
    const before = this.#wanted;
    this.#wanted = new Wanted(assignments);
    for (const name of this.#wanted.names) this.#expect(name);
    for (const subject of this.#mustStopFirst) if (this.#wanted.running(subject.name) !== undefined) this.#mustStopFirst.delete(subject);
    if (this.#isBack && this.#watch.isUp) this.#stopFirst();
    for (const subject of this.#subjects) {
      if (before?.running(subject.name) !== undefined && this.#wanted.running(subject.name) === undefined) subject.waiting?.abort();
      this.#loop.enqueue(subject.name);
    }
  }

  /** Of an instance never heard of there is nothing here, if all there is has been looked at. */
  #expect(name: string): void {
    if (this.#subjects.get(name) === undefined) this.#subjects.demand(name).isDirty = !this.#watch.isUp;
  }

  /** An agent that comes back stops what now belongs to another node before it starts anything. */
  #stopFirst(): void {
    this.#isBack = false;
    for (const subject of this.#subjects) if (subject.isRunning && this.#wanted?.running(subject.name) === undefined) this.#mustStopFirst.add(subject);
  }

  #engineUp(info: EngineInfo, containers: readonly Container[]): void {
    const isNews = JSON.stringify(info) !== JSON.stringify(this.#info);
    this.#info = info;
    this.#images.forget();
    this.#sink?.engine(true);
    if (isNews) this.#sink?.factsChanged();
    for (const name of this.#wanted?.names ?? []) this.#subjects.demand(name);
    const found = new Map(containers.map((container) => [container.instance, container]));
    for (const name of found.keys()) this.#subjects.demand(name);
    for (const subject of this.#subjects) {
      subject.container = found.get(subject.name);
      subject.isDirty = subject.isBusy; // what is under way may have come between
    }
    if (this.#wanted !== undefined) this.#stopFirst();
    for (const { name } of this.#subjects) this.#loop.enqueue(name);
  }

  #engineDown(reason: string): void {
    this.#options.log.warn('the container engine does not answer', { reason });
    this.#sink?.engine(false, reason);
  }

  #changed(name: string): void {
    const subject = this.#subjects.demand(name);
    subject.isDirty = true;
    subject.waiting?.abort();
    this.#loop.enqueue(name);
  }

  /** Compares with what is known; what differs is looked at again in its turn. */
  #seen(containers: readonly Container[]): void {
    const found = new Map(containers.map((container) => [container.instance, container]));
    for (const name of found.keys()) this.#subjects.demand(name);
    for (const subject of this.#subjects) if (!isSame(subject.container, found.get(subject.name))) this.#changed(subject.name);
  }

  async #reconcile(name: string): Promise<Instant | undefined> {
    const subject = this.#subjects.get(name);
    if (subject === undefined) return undefined;
    subject.isBusy = true;
    try {
      return await this.#bring(subject);
    } catch (error) {
      if (!(error instanceof KontenaError && error.code === 'KON_ENGINE_UNREACHABLE')) throw error;
      subject.isDirty = true;
      this.#watch.suspect(); // everything is looked at when the engine is back
      return undefined;
    } finally {
      subject.isBusy = false;
    }
  }

  /** Look, think, say, do; until nothing is left to do. */
  async #bring(subject: Subject): Promise<Instant | undefined> {
    while (this.#watch.isUp && this.#wanted !== undefined) {
      if (subject.isDirty) {
        await this.#look(subject);
        continue; // the world went on meanwhile
      }
      const next = plan(this.#situation(subject, this.#wanted));
      this.#tell(subject, next);
      if (next.step === undefined) {
        this.#rest(subject);
        return next.wakeAt;
      }
      await this.#take(subject, next.step);
    }
    return undefined;
  }

  #situation(subject: Subject, wanted: Wanted): Parameters<typeof plan>[0] {
    const running = wanted.running(subject.name);
    return {
      wanted: running,
      container: subject.container,
      hasImage: running === undefined ? undefined : this.#images.has(running.spec.image),
      holdUp: this.#holdUp(subject, wanted),
      remembered: subject.remembered,
      now: this.#options.clock.now(),
    };
  }

  #holdUp(subject: Subject, wanted: Wanted): string | undefined {
    if (this.#mustStopFirst.size > 0) return 'what does not belong here any more is stopped first';
    const older = this.#subjects.siblings(subject).find((other) => other.container !== undefined && wanted.running(other.name) === undefined);
    return older === undefined ? undefined : `${older.name} is removed first`;
  }

  async #look(subject: Subject): Promise<void> {
    subject.isDirty = false;
    const container = await this.#options.runtime.inspect(subject.name);
    subject.container = container;
    if (container?.state !== 'running') this.#released(subject);
    if (container === undefined || this.#wanted?.running(subject.name) === undefined) return;
    if (container.state === 'running') subject.remembered = afterStart(subject.remembered);
    if (!isNewEnd(container, subject.remembered)) return;
    const output = await this.#lastWords(subject.name);
    subject.remembered = afterEnd(subject.remembered, container, output, this.#options.clock.now());
  }

  /** It does not run: those who waited for that may go on. */
  #released(subject: Subject): void {
    if (this.#mustStopFirst.delete(subject) && this.#mustStopFirst.size === 0) for (const { name } of this.#subjects) this.#loop.enqueue(name);
    if (subject.container === undefined) for (const { name } of this.#subjects.siblings(subject)) this.#loop.enqueue(name);
  }

  async #lastWords(name: string): Promise<readonly string[]> {
    const { clock, runtime, log } = this.#options;
    const enough = new AbortController();
    const callOff = clock.at(later(clock.now(), LAST_LINES_WAIT_MS), () => enough.abort());
    const lines: string[] = [];
    try {
      for await (const { line } of runtime.logs(name, { tail: LAST_LINES, follow: false }, enough.signal)) lines.push(line);
    } catch (error) {
      log.warn('cannot read the last lines of a container', { instance: name, reason: messageOf(error) });
    } finally {
      callOff();
    }
    return lines;
  }

  async #take(subject: Subject, step: Step): Promise<void> {
    subject.waiting = new AbortController();
    try {
      await this.#execute({ instance: subject.name, request: this.#request(subject.name), signal: subject.waiting.signal }, step);
      subject.isDirty ||= changesContainer(step);
      if (step.do === 'start') subject.remembered = afterStart(subject.remembered);
    } catch (error) {
      this.#failed(subject, step, error);
    } finally {
      subject.waiting = undefined;
    }
  }

  #failed(subject: Subject, step: Step, error: unknown): void {
    if (!(error instanceof KontenaError) || error.code === 'KON_ENGINE_UNREACHABLE') throw error;
    const { log, clock } = this.#options;
    subject.isDirty = true;
    log.warn(`cannot ${step.do}`, { instance: subject.name, code: error.code, reason: error.message });
    const spec = this.#wanted?.running(subject.name)?.spec;
    if (error.code === 'KON_IMAGE_UNAVAILABLE' && step.do === 'create' && spec !== undefined) this.#images.forget(spec.image);
    const isFault = error.code !== 'KON_CONTAINER_MISSING'; // somebody removed it in this moment
    subject.remembered = isFault ? afterFailure(subject.remembered, error.message, clock.now()) : afterLoss(subject.remembered, clock.now());
    if (step.do === 'stop') this.#released(subject); // a container that cannot be stopped must not hold up all others for ever
  }

  #request(instance: string): CreateContainer | undefined {
    const running = this.#wanted?.running(instance);
    const { node } = this.#options;
    return running === undefined ? undefined : { instance, ...running, grid: node.grid, node: node.name };
  }

  #tell(subject: Subject, next: Next): void {
    const isWanted = this.#wanted?.running(subject.name) !== undefined;
    const report = toReport(next, subject, this.#options.clock.now());
    const news: InstanceReport = { name: subject.name, report, isGone: subject.container === undefined && !isWanted };
    if (saysTheSame(subject.report, news)) return;
    subject.report = news;
    this.#sink?.changed(news);
  }

  /** Nothing is left of it and nobody asks after it: it is forgotten, once that has been told. */
  #rest(subject: Subject): void {
    if (subject.container === undefined && this.#wanted?.has(subject.name) === false) this.#subjects.forget(subject);
  }
}

const changesContainer = ({ do: what }: Step): boolean => what !== 'look-for-image' && what !== 'pull';

const isSame = (known: Container | undefined, found: Container | undefined): boolean =>
  known?.id === found?.id && known?.state === found?.state && known?.startedAtMs === found?.startedAtMs;
