import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { SimCluster, type SimGrid } from '../../src/testing/cluster.js';
import { FakeRandom } from '../../src/testing/fake-random.js';
import type { SimNode } from '../../src/testing/sim-node.js';
import { happen, SOUND } from './happenings.js';
import { waitsForDisk } from './power.js';
import { brokenOneWriter, differences, foreignNames, mayBeMissing, missing, namesAmiss, openedOtherwise, repeatedHooks, routesAmiss, sharedAddress, stoppedUnheard, twoRounds, wentBackTo } from './promises.js';
import { BAD, IMAGES, type Size, Wishes } from './wishes.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Nothing of a cluster waits longer than this when nothing is broken. */
const REST_MS = 65 * SECOND;
/** Files of a simulated master need no disk. */
const SCRATCH = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** What kind of story is told. */
interface Plot {
  /** In calm, what may be missing is looked at more strictly. */
  readonly isCalm: boolean;
  readonly acts: number;
  readonly grids: Readonly<Record<string, { readonly nodes: readonly string[]; readonly size: Size }>>;
}

const SMALL: Size = { web: [2, 2, 1, 3], db: 1 };
const LARGE: Size = { web: [5, 5, 3, 7], db: 2 };
const TINY: Size = { web: [1, 2], db: 1 };

/** Most stories are small, for there are more of them then; a third has another grid on the same cluster, a quarter a balancer in each. */
function plotOf(seed: number): Plot {
  const isLarge = seed % 16 === 0;
  const isBalanced = seed % 4 === 0;
  const first = isLarge ? { nodes: ['n1', 'n2', 'n3'], size: { ...LARGE, isBalanced } } : { nodes: ['n1', 'n2'], size: { ...SMALL, isBalanced } };
  return {
    isCalm: seed % 5 === 0,
    acts: isLarge ? 4 : 1 + (seed % 2),
    grids: { default: first, ...(seed % 3 === 0 ? { other: { nodes: ['m1'], size: { ...TINY, isBalanced } } } : {}) },
  };
}

/** One run of a cluster through what chance brings, from a seed; throws with the whole story when a promise was broken. */
export async function tell(seed: number): Promise<void> {
  const plot = plotOf(seed);
  const story = new Story(seed, plot);
  try {
    await story.run();
  } catch (error) {
    throw new Error(`seed ${String(seed)} (${plot.isCalm ? 'calm' : 'stormy'}): ${error instanceof Error ? error.message : String(error)}\n${story.lines.slice(-120).join('\n')}`, { cause: error });
  } finally {
    await story.end();
  }
}

class Story {
  readonly #random: FakeRandom;
  readonly #cluster: SimCluster;
  readonly #plot: Plot;
  readonly #wishes: readonly Wishes[];
  /** What web of the first grid ran when all was as declared. */
  #good = '';
  /** While set, the number of slots of the first grid's web that may be missing. */
  #mayBeMissing: number | undefined;
  /** What there was when it was looked at last, in one number that changes with it. */
  #seen = -1;

  constructor(seed: number, plot: Plot) {
    this.#random = new FakeRandom(seed);
    this.#plot = plot;
    const file = join(SCRATCH, `kontena-simulation-${String(process.pid)}-${String(threadId)}-${String(seed)}.sqlite`);
    this.#cluster = new SimCluster({ file, random: this.#random, waitsForDisk });
    this.#wishes = Object.entries(plot.grids).map(([grid, { size }]) => new Wishes(grid, size, { cluster: this.#cluster, random: this.#random }));
  }

  get lines(): readonly string[] {
    return this.#cluster.story;
  }

  async run(): Promise<void> {
    const { grids, acts, isCalm } = this.#plot;
    await this.#cluster.start(Object.fromEntries(Object.entries(grids).map(([grid, { nodes }]) => [grid, nodes])));
    for (const { runtime } of this.#cluster.nodes.values()) {
      for (const image of [...IMAGES, BAD.image]) runtime.images.add(image);
      runtime.faults = SOUND;
    }
    await this.#pass(2 * SECOND);
    for (const wishes of this.#wishes) await wishes.apply();
    await this.#pass(20 * SECOND);
    this.#expectAsDeclared();
    this.#good = this.#first.web.image;
    if (!isCalm) await this.#backUp();
    for (let act = 0; act < acts; act += 1) await (isCalm ? this.#calmAct() : this.#stormyAct());
    await this.#clearUp();
    await this.#rest();
    if (this.#wishes.some(({ grid }) => this.#wentBack(grid).length > 0)) await this.#tryAnew();
  }

  end(): Promise<void> {
    return this.#cluster.stop();
  }

  get #first(): Wishes {
    return this.#wishes[0]!;
  }

  #grid(name: string): SimGrid {
    return this.#cluster.grid(name);
  }

  #wentBack(grid: string): readonly string[] {
    return ['shop/web', 'shop/db'].filter((service) => wentBackTo(this.#grid(grid), service) !== undefined);
  }

  /** What went back is applied again, with an image that runs: now nothing stands in its way. */
  async #tryAnew(): Promise<void> {
    for (const wishes of this.#wishes) await wishes.apply({ isBad: false });
    await this.#clearUp(); // a master that was to die at its next write did so now
    await this.#rest();
    for (const { grid } of this.#wishes) {
      const back = this.#wentBack(grid);
      if (back.length > 0) throw new Error(`${back.join(', ')} of ${grid} went back though nothing failed`);
    }
  }

  /** Without faults a rollout never takes more slots away than it may. */
  async #calmAct(): Promise<void> {
    const first = this.#first;
    const grid = (): SimGrid => this.#grid(first.grid);
    const before = first.web.instances;
    await first.apply();
    const { instances, deploy, image } = first.web;
    this.#mayBeMissing = instances === before ? mayBeMissing(instances, deploy.minHealth) : undefined;
    await this.#pass(30 * SECOND);
    this.#mayBeMissing = undefined;
    this.#expectAsDeclared();
    const back = wentBackTo(grid(), 'shop/web');
    if ((back !== undefined) !== (image === BAD.image)) throw new Error(`${image} is declared, and web went back to ${String(back)}`);
    if (back !== undefined && back !== this.#good) throw new Error(`web went back to ${back}; what ran before is ${this.#good}`);
    this.#good = back ?? image;
    const repeated = repeatedHooks(grid(), 'shop/db');
    if (repeated.length > 0) throw new Error(repeated.join('; '));
  }

  async #stormyAct(): Promise<void> {
    const events = this.#random.below(4) + 1;
    for (let i = 0; i < events; i += 1) {
      await this.#happen();
      await this.#pass(this.#random.below(8 * SECOND));
    }
    if (this.#random.fraction() < 0.5) await this.#clearUp();
    await this.#pass(this.#random.below(60 * SECOND));
    this.#expectNoForeignNames();
  }

  async #happen(): Promise<void> {
    const node = this.#random.pick([...this.#cluster.nodes.values()]);
    const wishes = this.#wishes.find(({ grid }) => grid === node.grid) ?? this.#first;
    await happen({
      node, wishes, cluster: this.#cluster, random: this.#random,
      pass: (byMs) => this.#pass(byMs),
      backUp: () => this.#backUp(),
      restore: () => {
        if (!this.#cluster.isMasterUp) return;
        this.#cluster.endMaster('restored');
        for (const each of this.#wishes) each.wasRestored();
      },
    });
  }

  async #backUp(): Promise<void> {
    if (await this.#cluster.backUp()) for (const wishes of this.#wishes) wishes.backUp();
  }

  /** All that is broken is mended; what follows is up to the cluster. */
  async #clearUp(): Promise<void> {
    const cluster = this.#cluster;
    cluster.tell('all is mended');
    cluster.lateMs = 0;
    cluster.masterGoesOn();
    cluster.killMasterAfter(Infinity);
    if (!cluster.isMasterUp) await this.#pass(5 * SECOND);
    for (const node of cluster.nodes.values()) this.#mend(node);
    if (!cluster.isMasterUp) await this.#pass(5 * SECOND); // it was to die at its next write
    for (const node of cluster.nodes.values()) await this.#readmit(node);
    for (const wishes of this.#wishes) await wishes.repeat();
  }

  #mend(node: SimNode): void {
    node.runtime.setAway(false);
    node.runtime.faults = SOUND;
    node.memory.isFailing = false;
    node.pause.goOn();
    if (node.isPartitioned) node.heal();
    if (this.#cluster.isMember(node)) node.startAgent();
  }

  /** A machine that was removed, or joined after the backup that the master was restored from, joins anew; and every node may have work. */
  async #readmit(node: SimNode): Promise<void> {
    const cluster = this.#cluster;
    for (let tries = 0; tries < 3 && !cluster.isMember(node); tries += 1) {
      node.killAgent();
      await this.#pass(5 * SECOND); // the master may have died of the last try
      await cluster.join(node);
    }
    node.startAgent();
    await cluster.ask((control) => control.nodes.update(node.grid, node.name, { availability: 'active', isConfirmed: true }));
  }

  #pass(byMs: number): Promise<void> {
    return this.#cluster.pass(byMs, () => this.#look());
  }

  /** Promises that hold at any time. */
  #look(): void {
    if (this.#cluster.errors.length > 0) throw this.#cluster.errors[0];
    const seen = this.#sum(({ runtime }) => runtime.changes) + (this.#cluster.store?.revision ?? 0) * 100_000;
    if (seen === this.#seen) return;
    this.#seen = seen;
    for (const { grid } of this.#wishes) {
      const broken = brokenOneWriter(this.#grid(grid), 'shop/db') ?? twoRounds(this.#grid(grid), 'shop/db') ?? sharedAddress(this.#grid(grid));
      if (broken !== undefined) throw new Error(broken);
    }
    if (this.#mayBeMissing === undefined) return;
    const lacking = missing(this.#grid(this.#first.grid), 'shop/web', this.#first.web.instances);
    if (lacking > this.#mayBeMissing) throw new Error(`${String(lacking)} slots are missing; ${String(this.#mayBeMissing)} may be`);
  }

  /** Promise 4, same input, no action: all is as declared, and then nothing moves for longer than anything waits. */
  async #rest(): Promise<void> {
    let since = this.#cluster.clock.now();
    let before = '';
    await this.#cluster.pass(8 * MINUTE, () => {
      this.#look();
      const now = this.#cluster.clock.now();
      const state = `${String(this.#cluster.store?.revision)} ${String(this.#sum(({ runtime }) => runtime.writes.length + runtime.changes))}`;
      if (state !== before) since = now;
      before = state;
      return now - since >= REST_MS && this.#amiss().length === 0;
    });
    if (this.#cluster.clock.now() - since < REST_MS) throw new Error('it does not come to rest');
    this.#expectAsDeclared();
    this.#expectSoundHistory();
  }

  #expectSoundHistory(): void {
    const { store } = this.#cluster;
    if (store === undefined) throw new Error('there is no master');
    const { brokenAt } = store.verify();
    if (brokenAt !== undefined) throw new Error(`the chain breaks at ${String(brokenAt)}`);
    const stopped = this.#wishes.flatMap(({ grid }) => stoppedUnheard(store, grid, 'shop/db'));
    if (stopped.length > 0) throw new Error(stopped.join('; '));
  }

  #amiss(): readonly string[] {
    return this.#wishes.flatMap(({ grid, stack, pin }) => {
      const place = this.#grid(grid);
      return [...differences(place, stack), ...openedOtherwise(place, 'shop/db', { PIN: pin }), ...namesAmiss(place, stack), ...foreignNames(place, stack), ...routesAmiss(place, stack)];
    });
  }

  #expectAsDeclared(): void {
    const wrong = this.#amiss();
    if (wrong.length > 0) throw new Error(wrong.join('; '));
  }

  #expectNoForeignNames(): void {
    const wrong = this.#wishes.flatMap(({ grid, stack }) => foreignNames(this.#grid(grid), stack));
    if (wrong.length > 0) throw new Error(wrong.join('; '));
  }

  #sum(count: (node: SimNode) => number): number {
    let sum = 0;
    for (const node of this.#cluster.nodes.values()) sum += count(node);
    return sum;
  }
}
