import { type ContainersSection, type FactsBody, hookKey, type InstanceChecks, type Instant, type InstanceReport, KontenaError, later, messageOf, type Millis, parseInstance, serviceName, type ServiceSpec } from '../../model/index.js';
import type { Clock, Container, CreateContainer, EngineInfo, Log, Random, ReportSink, Runtime } from '../../ports/index.js';
import { Loop } from '../../reconcile/index.js';
import type { Balancing } from '../balancing.js';
import type { Amend, Keeper } from '../keeper.js';
import type { Output } from '../output.js';
import type { Place, Places } from '../places.js';
import { Caretaker } from './caretaker.js';
import { engineAnswers, toCheckAnswers } from './check-answers.js';
import { EngineWatch } from './engine-watch.js';
import { toFacts } from './facts.js';
import { Images } from './images.js';
import { ImagesAhead } from './images-ahead.js';
import { type Next, plan, type Situation } from './plan.js';
import { hasJustRun } from './remembered.js';
import { saysTheSame, toReport } from './report.js';
import { type Subject, Subjects } from './subject.js';
import { tellOutput } from './tell-output.js';
import { refusal, Wanted, withHookDone, withHooksOf } from './wanted.js';

/** Instances thought about at once. Most of them wait for something; what the engine does at once is limited where it is asked. */
const WORKERS = 256;

/** An engine that answers does so at once. */
const FIRST_LOOK_MS: Millis = 2_000;

export interface ContainersOptions {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly node: { readonly grid: string; readonly name: string };
  readonly agentVersion: string;
  readonly amend: Amend<ContainersSection>;
  readonly places: Places;
  readonly balancing: Balancing;
  readonly output: Output;
}

/** Keeps the containers: looks at one, takes one step, looks again, and tells what is true now. */
export class Containers implements Keeper<ContainersSection> {
  readonly #options: ContainersOptions;
  readonly #loop: Loop;
  readonly #watch: EngineWatch;
  readonly #images: Images;
  readonly #imagesAhead: ImagesAhead;
  readonly #caretaker: Caretaker;
  readonly #subjects = new Subjects();
  #sink: ReportSink | undefined;
  #wanted: Wanted | undefined;
  #info: EngineInfo | undefined;
  #engine: { readonly isAnswering: boolean; readonly reason?: string } | undefined;
  /** After an absence: what runs here and must not, and is stopped before anything is started. */
  readonly #mustStopFirst = new Set<Subject>();
  /** What the link brings next was told after an absence. */
  #isBack = true;

  constructor(options: ContainersOptions) {
    const { runtime, clock, random, log, output } = options;
    this.#options = options;
    this.#images = new Images(runtime, log, (image) => this.#wanted?.login(image));
    this.#imagesAhead = new ImagesAhead(this.#images, log);
    this.#caretaker = new Caretaker({ runtime, clock, log, images: this.#images, output });
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

  /**
   * Takes a first look, so that what is said first is true: the master would take silence about a container for its end.
   * Waits for the engine no longer than {@link FIRST_LOOK_MS}.
   */
  async start(): Promise<void> {
    const { clock } = this.#options;
    const firstLook = this.#watch.start();
    await new Promise<void>((resolve) => {
      const callOff = clock.at(later(clock.now(), FIRST_LOOK_MS), resolve);
      void firstLook.then(() => {
        callOff();
        resolve();
      });
    });
  }

  /** Reports to `sink` from now on. */
  reportTo(sink: ReportSink): void {
    this.#sink = sink;
    if (this.#engine !== undefined) sink.engine(this.#engine.isAnswering, this.#engine.reason);
  }

  /** Leaves the containers running. What is under way is finished. */
  async stop(): Promise<void> {
    this.#watch.stop();
    this.#imagesAhead.fetch(new Set(), new Set());
    const stopped = this.#loop.stop();
    for (const { waiting } of this.#subjects) waiting?.callOff();
    await stopped;
  }

  refusal(next: ContainersSection): string | undefined {
    return refusal(next);
  }

  completed(next: ContainersSection, before: ContainersSection | undefined): ContainersSection {
    return withHooksOf(next, before);
  }

  connects(): void {
    this.#isBack = true;
  }

  snapshot(): readonly InstanceReport[] {
    return [...this.#subjects].map(({ report }) => report).filter((report) => report !== undefined);
  }

  /** Where this machine reaches an instance that runs here. @throws KON_CONTAINER_MISSING when it does not */
  addressOf(instance: string): string {
    const subject = this.#subjects.get(instance);
    const address = subject === undefined ? undefined : this.#reach(subject);
    if (subject?.isRunning !== true || address === undefined) throw new KontenaError('KON_CONTAINER_MISSING', `${instance} does not run on this node, or has no address of its own`);
    return address;
  }

  /** How an instance was last found. @throws KON_CONTAINER_MISSING, KON_ENGINE_UNREACHABLE */
  async checks(instance: string): Promise<InstanceChecks> {
    const { runtime, clock } = this.#options;
    const subject = this.#subjects.get(instance);
    const container = await runtime.inspect(instance); // the engine tells when a check comes to another result, not of each
    if (subject === undefined || container === undefined) throw new KontenaError('KON_CONTAINER_MISSING', `${instance} has no container on this node`);
    return { answers: [...toCheckAnswers(subject.remembered.answers, clock.now()), ...engineAnswers(subject.spec, container, clock.wall())] };
  }

  /** Where this machine reaches it, on whatever network it is; undefined where it has none, or that of another that does not run. */
  #reach({ name, spec, container }: Subject): string | undefined {
    if (spec?.network === 'host') return '127.0.0.1';
    const host = spec === undefined ? undefined : networkOwner(name, spec);
    return host === undefined ? container?.address : [...this.#subjects].find(({ slot, isRunning }) => slot === host && isRunning)?.container?.address;
  }

  /** The addresses that containers here have on the grid's network, by instance; undefined before they were looked at. */
  addresses(): ReadonlyMap<string, string> | undefined {
    if (this.#info === undefined) return undefined;
    return new Map([...this.#subjects].flatMap(({ name, container }) => (container?.gridAddress === undefined ? [] : [[name, container.gridAddress] as const])));
  }

  /** Who waited for what others give, a place on the network or what a balancer serves, may have it. */
  mayGoOn(): void {
    for (const { name, container } of this.#subjects) if (container === undefined) this.#loop.enqueue(name);
  }

  facts(): FactsBody {
    return toFacts(this.#options.agentVersion, this.#info);
  }

  /** A hook that runs once is done: remembered here before anything follows from it, and told to the master for the slot's next node. */
  #hookDone({ slot }: Subject, hook: string): Promise<void> {
    return this.#options.amend((section) => withHookDone(section, slot, hook));
  }

  obey(section: ContainersSection, isNews: boolean): void {
    const before = this.#wanted;
    this.#wanted = new Wanted(section, this.#options.balancing);
    for (const name of this.#wanted.names) this.#expect(name, this.#wanted);
    this.#imagesAhead.fetch(this.#wanted.imagesAhead, this.#wanted.images);
    for (const subject of this.#mustStopFirst) if (this.#wanted.running(subject.name) !== undefined) this.#mustStopFirst.delete(subject);
    if (this.#isBack && isNews) {
      this.#isBack = false;
      if (this.#watch.isUp) this.#stopFirst();
    }
    for (const subject of this.#subjects) {
      if (this.#wanted.running(subject.name) !== undefined) subject.unwantedSince = undefined;
      else this.#unwanted(subject, before);
      this.#loop.enqueue(subject.name);
    }
  }

  #unwanted(subject: Subject, before: Wanted | undefined): void {
    if (before?.running(subject.name) !== undefined) subject.waiting?.callOff();
    subject.unwantedSince ??= this.#options.clock.now();
  }

  /** Of an instance never heard of there is nothing here, if all there is has been looked at. */
  #expect(name: string, wanted: Wanted): void {
    if (this.#subjects.get(name) === undefined) this.#subjects.demand(name).isDirty = !this.#watch.isUp;
    this.#subjects.demand(name).spec = wanted.spec(name);
  }

  /** An agent that comes back stops what now belongs to another node before it starts anything. */
  #stopFirst(): void {
    for (const subject of this.#subjects) if (subject.isRunning && this.#wanted?.running(subject.name) === undefined) this.#mustStopFirst.add(subject);
  }

  #engineUp(info: EngineInfo, containers: readonly Container[]): void {
    const isNews = JSON.stringify(info) !== JSON.stringify(this.#info);
    this.#info = info;
    this.#images.forget();
    this.#engine = { isAnswering: true };
    this.#sink?.engine(true);
    if (isNews) this.#sink?.factsChanged();
    const found = new Map(containers.map((container) => [container.instance, container]));
    for (const name of found.keys()) this.#subjects.demand(name);
    for (const subject of this.#subjects) {
      this.#saw(subject, found.get(subject.name));
      // What is under way may have come between; what has ended is asked for its last words.
      subject.isDirty = subject.isBusy || subject.container?.state === 'exited';
    }
    if (this.#wanted !== undefined) this.#stopFirst();
    for (const subject of this.#subjects) {
      if (this.#wanted !== undefined && !subject.isDirty) this.#tell(subject, plan(this.#situation(subject, this.#wanted)));
      this.#loop.enqueue(subject.name);
    }
  }

  #saw(subject: Subject, container: Container | undefined): void {
    subject.see(container, this.#options.clock.now());
    tellOutput(this.#options.output, subject);
  }

  #engineDown(reason: string): void {
    this.#options.log.warn('the container engine does not answer', { reason });
    this.#engine = { isAnswering: false, reason };
    this.#sink?.engine(false, reason);
  }

  #changed(name: string): void {
    const subject = this.#subjects.demand(name);
    subject.isDirty = true;
    if (subject.waiting?.step === 'check') subject.waiting.callOff(); // a hook is not run twice because something happened meanwhile
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
        await this.#caretaker.look(subject, { isWanted: this.#wanted.running(subject.name) !== undefined });
        if (!subject.isRunning) this.#released(subject);
        continue; // the world went on meanwhile
      }
      const next = plan(this.#situation(subject, this.#wanted));
      this.#tell(subject, next);
      if (next.step === undefined) {
        this.#rest(subject);
        return next.wakeAt;
      }
      await this.#caretaker.take(subject, next.step, this.#request(subject.name));
      if (next.step.do === 'hook' && next.step.hook.oneshot && hasJustRun(subject.remembered, next.step)) await this.#hookDone(subject, hookKey(next.step));
      // A container that cannot be stopped must not hold up all others for ever.
      if (next.step.do === 'stop' && subject.remembered.failures > 0) this.#mustStopFirst.delete(subject);
    }
    return undefined;
  }

  /** Containers that run, by their instances. */
  running(): ReadonlyMap<string, string> {
    return new Map([...this.#subjects].flatMap(({ name, container }) => (container?.state === 'running' ? [[name, container.id] as const] : [])));
  }

  #situation(subject: Subject, wanted: Wanted): Situation {
    const running = wanted.running(subject.name);
    return {
      instance: subject.name,
      wanted: running,
      container: subject.container,
      address: this.#reach(subject),
      madeFrom: subject.spec,
      hasImage: running === undefined ? undefined : this.#images.has(running.spec.image),
      holdUp: this.#holdUp(subject, wanted),
      lacks: wanted.lacks(subject.name) ?? this.#lacksPlace(subject, running?.spec),
      hooksDone: wanted.hooksDone(subject.name),
      drainsUntil: drainsUntil(subject, wanted.drainSeconds(subject.name)),
      remembered: subject.remembered,
      now: this.#options.clock.now(),
    };
  }

  /** One that has its container has its place. */
  #lacksPlace({ name, container }: Subject, spec: ServiceSpec | undefined): string | undefined {
    if (container !== undefined || spec === undefined) return undefined;
    const place = this.#place(name, spec);
    return place !== undefined && 'wait' in place ? place.wait : this.#options.balancing.lacks(name, spec);
  }

  /** Undefined for what is on no network of ours: the node's own, or that of another container. */
  #place(instance: string, spec: ServiceSpec | undefined): Place | undefined {
    return spec?.network === 'bridge' ? this.#options.places.attach(instance) : undefined;
  }

  #holdUp(subject: Subject, wanted: Wanted): string | undefined {
    if (this.#mustStopFirst.size > 0) return 'what does not belong here any more is stopped first';
    const older = this.#subjects.siblings(subject).find((other) => other.container !== undefined && wanted.running(other.name) === undefined);
    return older === undefined ? undefined : `${older.name} is removed first`;
  }

  /** It does not run: those who waited for that may go on. */
  #released(subject: Subject): void {
    if (this.#mustStopFirst.delete(subject) && this.#mustStopFirst.size === 0) for (const { name } of this.#subjects) this.#loop.enqueue(name);
    if (subject.container === undefined) for (const { name } of this.#subjects.siblings(subject)) this.#loop.enqueue(name);
  }

  #request(instance: string): CreateContainer | undefined {
    const running = this.#wanted?.running(instance);
    const { node } = this.#options;
    if (this.#wanted === undefined || running === undefined) return undefined;
    const place = this.#place(instance, running.spec);
    const resolver = running.spec.network === 'host' ? this.#options.places.resolver(instance) : undefined;
    return {
      instance, ...running, grid: node.grid, node: node.name, secrets: this.#wanted.secrets, volumes: this.#wanted.volumes(instance, running.spec),
      ...(place === undefined || 'wait' in place ? {} : { attachment: place }),
      ...(resolver === undefined ? {} : { resolver }),
    };
  }

  #tell(subject: Subject, next: Next): void {
    if (subject.report === undefined && next.step?.do === 'check') return; // an agent that comes back asks before it speaks
    const isWanted = this.#wanted?.running(subject.name) !== undefined;
    const { container, remembered, report: before } = subject;
    const hooksDone = this.#wanted?.hooksDone(subject.name) ?? [];
    const report = toReport(next, { container, remembered, report: before, hooksDone }, this.#options.clock.now());
    const news: InstanceReport = { name: subject.name, report, isGone: subject.container === undefined && !isWanted };
    if (saysTheSame(subject.report, news)) return;
    subject.report = news;
    this.#sink?.changed(news);
  }

  /** Nothing is left of it and nobody asks after it: it is forgotten, once that has been told. */
  #rest(subject: Subject): void {
    if (subject.container !== undefined || this.#wanted?.running(subject.name) !== undefined) return;
    this.#options.places.detach(subject.name);
    if (this.#wanted?.has(subject.name) === false) this.#subjects.forget(subject);
  }
}

const drainsUntil = ({ unwantedSince }: Subject, seconds: number | undefined): Instant | undefined =>
  unwantedSince === undefined || seconds === undefined ? undefined : later(unwantedSince, seconds * 1000);

const isSame = (known: Container | undefined, found: Container | undefined): boolean => stateOf(known) === stateOf(found);

/** What tells a container that was looked at from one that is to be looked at again. */
const stateOf = (container: Container | undefined): string | undefined =>
  container && `${container.id} ${container.state} ${String(container.startedAtMs)} ${container.health?.state ?? ''}`;

/** The slot whose network an instance uses, `todo/web.2` of `container:web-%s`; undefined where it has its own. */
function networkOwner(instance: string, { network }: ServiceSpec): string | undefined {
  const id = parseInstance(instance);
  if (id === undefined || !network.startsWith('container:')) return undefined;
  const name = network.slice('container:'.length).replaceAll('%s', String(id.slot));
  const dash = name.lastIndexOf('-');
  return `${serviceName(id.stack, name.slice(0, dash))}.${name.slice(dash + 1)}`;
}
