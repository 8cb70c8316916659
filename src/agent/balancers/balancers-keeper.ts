import {
  type AssignedBalancer, type BalancersSection, type BalancingBody, elapsedMs, type Endpoint, type Instant, isSame, KontenaError, later, messageOf, type Millis, NO_BALANCERS, parseInstance, type ServiceSpec,
} from '../../model/index.js';
import type { Clock, Log, Proxy, ProxyStep, ProxyView, Random, Served } from '../../ports/index.js';
import { Loop } from '../../reconcile/index.js';
import type { Balancing } from '../balancing.js';
import type { Keeper } from '../keeper.js';
import type { TableUser } from '../tables.js';
import { Balancer } from './balancer.js';
import { EndpointsByService } from './endpoints.js';
import { plan } from './plan.js';
import { settle, withoutAll } from './settle.js';
import { statusOf } from './status.js';
import { type Wanted, wantedOf } from './served.js';

/** One that is starting is looked for so often. */
const STARTING_MS: Millis = 200;
/** What it loads anew is there as soon as that. */
const LOADING_MS: Millis = 100;
/** Its own checks of the instances, and what passes through it, are looked at so often. */
const LOOK_EVERY_MS: Millis = 1_000;
/** What it did not load within this it will not: it is said, and tried again. */
const LOAD_WITHIN_MS: Millis = 10_000;
/** A subject of the loop beside the balancers: what was laid down for those that are gone holds keys, and goes too. */
const FOLDERS = 'folders';
/** Balancers looked after at once. */
const WORKERS = 8;
/** Random bytes of a password. */
const PASSWORD_BYTES = 12;

export interface BalancersKeeperOptions {
  readonly proxy: Proxy;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Containers that waited for what this keeper lays down may be made. */
  readonly onPrepared: () => void;
  /** What is said of the balancers is something else now. */
  readonly onStatus: () => void;
}

/** The balancers of the node: what each serves is kept where it finds it, and changed while it runs as far as that goes. */
export class BalancersKeeper implements Keeper<BalancersSection>, Balancing {
  /** The instances of the grid: whom requests are sent to. */
  readonly endpoints: TableUser<Endpoint>;
  readonly #options: BalancersKeeperOptions;
  readonly #loop: Loop;
  readonly #endpoints: EndpointsByService;
  readonly #balancers = new Map<string, Balancer>();
  #section: BalancersSection = NO_BALANCERS;
  /** Whether there ever was one here. */
  #isInUse = false;

  constructor(options: BalancersKeeperOptions) {
    const { clock, random, log } = options;
    this.#options = options;
    this.endpoints = this.#endpoints = new EndpointsByService((services, ageMs) => this.#endpointsChanged(services, ageMs));
    this.#loop = new Loop({
      clock, random, workers: WORKERS,
      reconcile: (subject) => this.#reconcile(subject),
      onError: (instance, error) => log.warn('a balancer is not as it should be', { instance, reason: messageOf(error) }),
    });
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Leaves the balancers serving. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  obey(section: BalancersSection): void {
    this.#section = section;
    const instances = Object.values(section.balancers).flatMap((balancer) => balancer.instances);
    this.#isInUse ||= instances.length > 0;
    const gone = [...this.#balancers.keys()].filter((instance) => !instances.includes(instance));
    for (const instance of gone) this.#balancers.delete(instance);
    for (const instance of instances) {
      if (!this.#balancers.has(instance)) this.#balancers.set(instance, new Balancer());
      this.#loop.enqueue(instance);
    }
    this.#loop.enqueue(FOLDERS);
    if (gone.length > 0) this.#options.onStatus();
  }

  containerOf(instance: string, spec: ServiceSpec): ServiceSpec {
    return spec.balancer === undefined ? spec : this.#options.proxy.containerOf(instance, spec);
  }

  lacks(instance: string, { balancer }: ServiceSpec): string | undefined {
    if (balancer === undefined || this.#balancers.get(instance)?.password !== undefined) return undefined;
    return 'what it is to serve is laid down first';
  }

  /** What each balancer here serves, by its instance; undefined while there never was one. */
  status(): Readonly<Record<string, Omit<BalancingBody, 'node'>>> | undefined {
    return this.#isInUse ? Object.fromEntries([...this.#balancers].flatMap(([instance, { said }]) => (said === undefined ? [] : [[instance, said]]))) : undefined;
  }

  #endpointsChanged(services: ReadonlySet<string>, ageMs: Millis): void {
    const { clock } = this.#options;
    for (const { instances, routes } of Object.values(this.#section.balancers)) {
      const concerned = Object.values(routes).filter(({ service }) => services.has(service));
      for (const instance of concerned.length === 0 ? [] : instances) {
        for (const { service } of concerned) this.#balancers.get(instance)?.changed(service, later(clock.now(), -ageMs));
        this.#loop.enqueue(instance);
      }
    }
  }

  async #reconcile(subject: string): Promise<Instant | undefined> {
    if (subject !== FOLDERS) return this.#lookAfter(subject);
    await this.#options.proxy.forgetOthers([...this.#balancers.keys()]);
    return undefined;
  }

  async #lookAfter(instance: string): Promise<Instant | undefined> {
    const balancer = this.#balancers.get(instance);
    const assigned = this.#section.balancers[parseInstance(instance)?.service ?? ''];
    if (balancer === undefined || assigned === undefined) return undefined;
    const { clock, proxy } = this.#options;
    if (balancer.password === undefined) await this.#prepare(instance, balancer, assigned);
    const view = await proxy.look(instance);
    if (view === undefined) {
      balancer.missed();
      this.#say(balancer, assigned, undefined);
      return later(clock.now(), STARTING_MS);
    }
    const { wakeAt, seen } = await this.#bring(instance, balancer, assigned, view);
    balancer.traffic.see(seen, clock.now());
    this.#say(balancer, assigned, seen);
    return wakeAt;
  }

  async #prepare(instance: string, balancer: Balancer, { spec }: AssignedBalancer): Promise<void> {
    const { proxy, random, log, onPrepared } = this.#options;
    const drawn = random.secret(PASSWORD_BYTES);
    balancer.password = await proxy.prepare(instance, drawn);
    if (balancer.password === drawn && spec.stats.password === undefined) log.info('a balancer shows its statistics to who knows the password', { instance, port: spec.stats.port, user: spec.stats.user, password: drawn });
    onPrepared();
  }

  /** Takes it from what it serves to what it is to serve. */
  async #bring(instance: string, balancer: Balancer, assigned: AssignedBalancer, view: ProxyView): Promise<{ readonly wakeAt: Instant; readonly seen: ProxyView }> {
    const { clock, proxy } = this.#options;
    const wanted = wantedOf(parseInstance(instance)?.service ?? '', assigned, { section: this.#section, drawnPassword: balancer.password ?? '', endpointsOf: (service) => this.#endpoints.of(service) });
    const served = await this.#settled(instance, balancer, wanted);
    if (served === undefined) return { wakeAt: later(clock.now(), LOAD_WITHIN_MS), seen: view };
    if (!isSame(balancer.kept, served)) {
      await proxy.keep(instance, served);
      balancer.kept = served;
    }
    const shape = proxy.shapeOf(served);
    if (view.shape !== shape) return { wakeAt: await this.#load(instance, balancer, shape), seen: view };
    balancer.loaded(clock.now());
    const steps = [...balancer.unsaid(served), ...plan(served, view)];
    for (const step of steps) await this.#take(instance, balancer, step);
    balancer.isServed(served, clock.now());
    // Who has just been added or taken out is to be said so.
    const seen = steps.length === 0 ? view : ((await proxy.look(instance)) ?? view);
    return { wakeAt: later(clock.now(), LOOK_EVERY_MS), seen };
  }

  /** As much of it as the program takes; asked once for everything that it would have to load anew. */
  async #settled(instance: string, balancer: Balancer, wanted: Wanted): Promise<Served | undefined> {
    const { proxy, log } = this.#options;
    const question = questionOf(wanted.served);
    if (balancer.settled?.question !== question) {
      const settled = await settle(wanted.served, (served) => proxy.check(instance, served));
      balancer.settled = { ...settled, question };
      for (const [route, reason] of Object.entries(settled.refused)) log.warn('a route is not served', { instance, route, reason });
      for (const reason of settled.faults) log.warn('something of a balancer is not as declared', { instance, reason });
    }
    const { leftOut, isTaken, refused, faults } = balancer.settled;
    balancer.refused = { ...wanted.refused, ...refused };
    balancer.faults = [...wanted.faults, ...faults];
    return isTaken ? withoutAll(wanted.served, leftOut) : undefined;
  }

  async #load(instance: string, balancer: Balancer, shape: string): Promise<Instant> {
    const { clock, proxy, log } = this.#options;
    const now = clock.now();
    if (balancer.loading?.shape === shape && elapsedMs(balancer.loading.since, now) < LOAD_WITHIN_MS) return later(now, LOADING_MS);
    if (balancer.loading?.shape === shape) {
      balancer.hasFailedToLoad = true;
      log.warn('a balancer did not load what it is to serve', { instance });
    }
    balancer.loads(shape, now);
    await proxy.load(instance);
    return later(clock.now(), LOADING_MS);
  }

  async #take(instance: string, balancer: Balancer, step: ProxyStep): Promise<void> {
    const { proxy, log } = this.#options;
    try {
      await proxy.take(instance, step);
    } catch (error) {
      if (!(error instanceof KontenaError) || error.code !== 'KON_BALANCER_REFUSED') throw error;
      if (step.do === 'remove') return; // it holds a connection ready for who may come: that passes
      log.warn('a balancer is loaded anew, as it cannot be changed while it runs', { instance, reason: error.message });
      await proxy.load(instance);
    }
    balancer.took(step);
  }

  #say(balancer: Balancer, assigned: AssignedBalancer, view: ProxyView | undefined): void {
    const { traffic, refused, faults, tookMs, hasFailedToLoad } = balancer;
    const all = hasFailedToLoad ? [...faults, 'it did not load what it is to serve, and goes on with what it had: its log says why'] : faults;
    const isFresh = balancer.isFresh(assigned.spec.drainSeconds * 1000, this.#options.clock.now());
    const status = statusOf(assigned, { view, isFresh, traffic, refused, faults: all, tookMs, endpointsOf: (service) => this.#endpoints.of(service) });
    if (isSame(balancer.said, status)) return;
    balancer.said = status;
    this.#options.onStatus();
  }
}

/** All that the program is asked about, as a text: not where instances are reached, which it takes in any case. */
const questionOf = (served: Served): string => JSON.stringify({ ...served, challenges: {}, routes: served.routes.map((route) => ({ ...route, servers: [] })) });
