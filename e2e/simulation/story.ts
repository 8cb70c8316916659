import { tmpdir } from 'node:os';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ServiceSpec, KontenaError, type StackSpec } from '../../src/model/index.js';
import { SimCluster, type SimNode, simStack } from '../../src/testing/cluster.js';
import { FakeRandom } from '../../src/testing/fake-random.js';
import { serviceSpec } from '../../src/testing/world.js';
import { brokenOneWriter, differences, mayBeMissing, missing, openedOtherwise, repeatedHooks, wentBackTo } from './promises.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const IMAGES = ['app:1', 'app:2', 'app:3'];
/** Its containers run for a second, then they end. */
const BAD = { image: 'app:bad', command: ['/bin/sh', '-c', 'busybox sleep 1; exit 3'] } as const;
const ONCE = { name: 'migrate', command: 'exit 0', instances: '*', oneshot: true } as const;
/** Files of a simulated master need no disk. */
const SCRATCH = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Every fourth story is calm: there, what may be missing is looked at more strictly. */
export const weatherOf = (seed: number): 'calm' | 'stormy' => (seed % 4 === 0 ? 'calm' : 'stormy');

/** One run of a cluster through what chance brings, from a seed; throws with the whole story when a promise was broken. */
export async function tell(seed: number, weather: 'calm' | 'stormy'): Promise<void> {
  const story = new Story(seed, weather);
  try {
    await story.run();
  } catch (error) {
    throw new Error(`seed ${String(seed)} (${weather}): ${error instanceof Error ? error.message : String(error)}\n${story.lines.slice(-120).join('\n')}`, { cause: error });
  } finally {
    await story.end();
  }
}

interface Scene {
  readonly node: SimNode;
  readonly cluster: SimCluster;
  readonly random: FakeRandom;
  readonly apply: () => Promise<void>;
}

/** What may happen, each to a node of chance's choosing. */
const HAPPENINGS = {
  apply: ({ apply }) => apply(),
  'kill container': ({ node, random }) => onLiveContainer(node, random, (instance) => node.runtime.exit(instance, 137)),
  'remove container': ({ node, random }) => onLiveContainer(node, random, (instance) => node.runtime.removeByHand(instance)),
  'kill agent': ({ node }) => node.killAgent(),
  'kill master': ({ cluster }) => cluster.killMaster(),
  'kill master later': ({ cluster, random }) => cluster.killMasterAfter(random.below(6) + 1),
  partition: ({ node }) => node.partition(),
  'engine away': ({ node }) => node.runtime.setAway(true),
  reboot: ({ node }) => {
    node.killAgent();
    node.runtime.reboot();
    return node.startAgent();
  },
  late: ({ cluster, random }) => {
    cluster.lateMs = random.below(3_000);
  },
  'failing engine': ({ node, random }) => {
    node.runtime.faults = {
      takesMs: () => random.below(2_000),
      fails: (call) => (call !== 'info' && call !== 'list' && random.fraction() < 0.3 ? new KontenaError('KON_ENGINE_REFUSED', `${call} failed by chance`) : undefined),
    };
  },
} as const satisfies Readonly<Record<string, (scene: Scene) => Promise<void> | void>>;

/** People apply more often than any one thing breaks. */
const EVENTS = [...(Object.keys(HAPPENINGS) as (keyof typeof HAPPENINGS)[]), 'apply'] as const;

function onLiveContainer(node: SimNode, random: FakeRandom, run: (instance: string) => void): void {
  const live = node.runtime.containers.filter(({ state }) => state === 'running');
  if (live.length > 0) run(random.pick(live).instance);
}

/** What is declared at once. */
interface Wish {
  readonly stack: StackSpec;
  readonly pin: string;
}

class Story {
  readonly #random: FakeRandom;
  readonly #cluster: SimCluster;
  readonly #weather: 'calm' | 'stormy';
  /** What the master acknowledged last, by stack. */
  readonly #declared = new Map<string, StackSpec>();
  /** Its secret, as acknowledged last. */
  #pin = 'pin 0';
  #version = 0;
  readonly #onFailure: 'pause' | 'revert';
  /** What web ran when all was as declared. */
  #good = '';
  /** While set, the number of slots of the stateless service that may be missing. */
  #mayBeMissing: number | undefined;

  constructor(seed: number, weather: 'calm' | 'stormy') {
    this.#random = new FakeRandom(seed);
    this.#weather = weather;
    this.#onFailure = this.#random.fraction() < 0.5 ? 'revert' : 'pause';
    this.#cluster = new SimCluster(join(SCRATCH, `kontena-simulation-${String(process.pid)}-${String(seed)}.sqlite`), this.#random);
  }

  get lines(): readonly string[] {
    return this.#cluster.story;
  }

  async run(): Promise<void> {
    await this.#cluster.start(['n1', 'n2', 'n3']);
    for (const { runtime } of this.#cluster.nodes.values()) {
      for (const image of [...IMAGES, BAD.image]) runtime.images.add(image);
      runtime.faults = { takesMs: (call) => (call === 'start' ? 250 : 10) };
    }
    await this.#pass(2 * SECOND);
    await this.#apply();
    await this.#pass(20 * SECOND);
    this.#expectAsDeclared();
    this.#good = this.#web().image;
    for (let act = 0; act < 4; act += 1) await (this.#weather === 'calm' ? this.#calmAct() : this.#stormyAct());
    await this.#clearUp();
    await this.#pass(5 * MINUTE);
    this.#expectAsDeclared();
    await this.#expectRest();
    if (wentBackTo(this.#cluster, 'shop/web') !== undefined || wentBackTo(this.#cluster, 'shop/db') !== undefined) await this.#tryAnew();
  }

  /** What went back is applied again, with an image that runs: now nothing stands in its way. */
  async #tryAnew(): Promise<void> {
    await this.#apply({ isBad: false });
    await this.#clearUp(); // a master that was to die at its next write did so now
    await this.#pass(2 * MINUTE);
    this.#expectAsDeclared();
    const back = ['shop/web', 'shop/db'].filter((service) => wentBackTo(this.#cluster, service) !== undefined);
    if (back.length > 0) throw new Error(`${back.join(', ')} went back though nothing failed`);
  }

  end(): Promise<void> {
    return this.#cluster.stop();
  }

  /** Without faults a rollout never takes more slots away than it may. */
  async #calmAct(): Promise<void> {
    const before = this.#web().instances;
    await this.#apply();
    const { instances, deploy } = this.#web();
    this.#mayBeMissing = instances === before ? mayBeMissing(instances, deploy.minHealth) : undefined;
    await this.#pass(30 * SECOND);
    this.#mayBeMissing = undefined;
    this.#expectAsDeclared();
    const back = wentBackTo(this.#cluster, 'shop/web');
    if ((back !== undefined) !== (this.#web().image === BAD.image)) throw new Error(`${this.#web().image} is declared, and web went back to ${String(back)}`);
    if (back !== undefined && back !== this.#good) throw new Error(`web went back to ${back}; what ran before is ${this.#good}`);
    this.#good = back ?? this.#web().image;
    const repeated = repeatedHooks(this.#cluster, 'shop/db');
    if (repeated.length > 0) throw new Error(repeated.join('; '));
  }

  async #stormyAct(): Promise<void> {
    const events = this.#random.below(4) + 1;
    for (let i = 0; i < events; i += 1) {
      await this.#happen();
      await this.#pass(this.#random.below(8 * SECOND));
    }
    if (this.#random.fraction() < 0.5) await this.#clearUp();
    await this.#pass(this.#random.below(90 * SECOND));
  }

  async #happen(): Promise<void> {
    const node = this.#random.pick([...this.#cluster.nodes.values()]);
    const what = this.#random.pick(EVENTS);
    this.#cluster.tell(`${what} (${node.name})`);
    await HAPPENINGS[what]({ node, cluster: this.#cluster, random: this.#random, apply: () => this.#apply() });
  }

  /** Declares the stack anew, with another image or other numbers; now and then with one that does not come up. */
  async #apply({ isBad = this.#random.fraction() < 0.3 } = {}): Promise<void> {
    this.#version += 1;
    const isFirst = this.#version === 1;
    const stack = simStack('shop', {
      web: this.#service({ ...(isBad && this.#mayBeBad ? BAD : { image: this.#random.pick(IMAGES) }), instances: isFirst ? 5 : this.#random.pick([5, 5, 3, 7]) }),
      db: this.#service({ image: this.#random.pick(IMAGES), instances: 2, stateful: true, secrets: [{ secret: 'pin', name: 'PIN', type: 'env' }], hooks: { preStart: [ONCE], postStart: [], preStop: [] } }),
      ...this.#edge(),
    });
    this.#cluster.tell(`apply web ${stack.services['web']?.image ?? ''} × ${String(stack.services['web']?.instances)}, db ${stack.services['db']?.image ?? ''}`);
    await this.#declare({ stack, pin: this.#random.fraction() < 0.4 ? `pin ${String(this.#version)}` : this.#pin });
  }

  /** A service that comes and goes; whenever it comes, it waits for the database. */
  #edge(): Readonly<Record<string, ServiceSpec>> {
    return this.#random.fraction() < 0.5 ? { edge: this.#service({ image: 'app:1', links: [{ service: 'shop/db', alias: 'db' }] }) } : {};
  }

  async #declare(wish: Wish): Promise<void> {
    if (!(await this.#cluster.apply(wish.stack, { pin: wish.pin }))) {
      this.#unanswered.push(wish);
      return;
    }
    this.#unanswered.length = 0;
    this.#declared.set('shop', wish.stack);
    this.#pin = wish.pin;
  }

  /** Where there is something to go back to. */
  get #mayBeBad(): boolean {
    return this.#version > 1 && this.#onFailure === 'revert';
  }

  /** Applied, but the master died before it answered: either way is right, until the next one is acknowledged. */
  readonly #unanswered: Wish[] = [];

  #service(over: Partial<Omit<ServiceSpec, 'deploy'>>): ServiceSpec {
    return serviceSpec({ ...over, deploy: { graceSeconds: 20, minHealth: 0.6, onFailure: this.#onFailure, settleSeconds: 2 } });
  }

  #web(): ServiceSpec {
    const web = this.#declared.get('shop')?.services['web'];
    if (web === undefined) throw new Error('nothing was ever acknowledged');
    return web;
  }

  /** All that is broken is mended; what follows is up to the cluster. */
  async #clearUp(): Promise<void> {
    const cluster = this.#cluster;
    cluster.tell('all is mended');
    cluster.lateMs = 0;
    for (const node of cluster.nodes.values()) {
      node.runtime.setAway(false);
      node.runtime.faults = { takesMs: (call) => (call === 'start' ? 250 : 10) };
      if (node.isPartitioned) node.heal();
      await node.startAgent();
    }
    if (!cluster.isMasterUp) await this.#pass(5 * SECOND);
    const last = this.#unanswered.at(-1);
    if (last !== undefined) await this.#declare(last); // what was not answered is said again, as a person would
  }

  #pass(byMs: number): Promise<void> {
    let seen = -1;
    return this.#cluster.pass(byMs, () => {
      if (this.#cluster.errors.length > 0) throw this.#cluster.errors[0];
      const changes = this.#sum(({ runtime }) => runtime.changes);
      if (changes === seen) return;
      seen = changes;
      const broken = brokenOneWriter(this.#cluster, 'shop/db');
      if (broken !== undefined) throw new Error(broken);
      if (this.#mayBeMissing === undefined) return;
      const lacking = missing(this.#cluster, 'shop/web', this.#web().instances);
      if (lacking > this.#mayBeMissing) throw new Error(`${String(lacking)} slots are missing; ${String(this.#mayBeMissing)} may be`);
    });
  }

  #expectAsDeclared(): void {
    const wrong = [...differences(this.#cluster, this.#declared), ...openedOtherwise(this.#cluster, 'shop/db', { PIN: this.#pin })];
    if (wrong.length > 0) throw new Error(wrong.join('; '));
  }

  /** Promise 4: same input, no action. */
  async #expectRest(): Promise<void> {
    const revision = this.#cluster.store?.revision;
    const writes = this.#sum(({ runtime }) => runtime.writes.length);
    await this.#pass(MINUTE);
    if (this.#cluster.store?.revision !== revision) throw new Error('the history grew at rest');
    if (this.#sum(({ runtime }) => runtime.writes.length) !== writes) throw new Error('an engine was told something at rest');
    const chain = this.#cluster.store?.verify();
    if (chain?.brokenAt !== undefined) throw new Error(`the chain breaks at ${String(chain.brokenAt)}`);
  }

  #sum(count: (node: SimNode) => number): number {
    let sum = 0;
    for (const node of this.#cluster.nodes.values()) sum += count(node);
    return sum;
  }
}
