import { DEFAULT_BALANCER, DEFAULT_ROUTE, type ServiceSpec, type StackSpec } from '../../src/model/index.js';
import { type SimCluster, simStack } from '../../src/testing/cluster.js';
import type { FakeRandom } from '../../src/testing/fake-random.js';
import { serviceSpec } from '../../src/testing/world.js';

export const IMAGES = ['app:1', 'app:2', 'app:3'];
/** Its containers run for a second, then they end. */
export const BAD = { image: 'app:bad', command: ['/bin/sh', '-c', 'busybox sleep 1; exit 3'] } as const;
const ONCE = { name: 'migrate', command: 'exit 0', instances: '*', oneshot: true } as const;

/** What is declared at once. */
interface Wish {
  readonly stack: StackSpec;
  readonly pin: string;
}

/** How much of everything there is. */
export interface Size {
  readonly web: readonly number[];
  readonly db: number;
  /** A balancer serves web and, while it is there, edge. */
  readonly isBalanced?: boolean;
}

/** What people declare in one grid, and what the master acknowledged of it. */
export class Wishes {
  readonly grid: string;
  readonly #cluster: SimCluster;
  readonly #random: FakeRandom;
  readonly #size: Size;
  readonly #onFailure: 'pause' | 'revert';
  #version = 0;
  #acknowledged: Wish | undefined;
  /** Applied, but the master died before it answered: either way is right, until the next one is acknowledged. */
  readonly #unanswered: Wish[] = [];
  #backup: Wish | undefined;

  constructor(grid: string, size: Size, { cluster, random }: { readonly cluster: SimCluster; readonly random: FakeRandom }) {
    this.grid = grid;
    this.#size = size;
    this.#cluster = cluster;
    this.#random = random;
    this.#onFailure = random.fraction() < 0.5 ? 'revert' : 'pause';
  }

  get stack(): StackSpec {
    if (this.#acknowledged === undefined) throw new Error('nothing was ever acknowledged');
    return this.#acknowledged.stack;
  }

  get web(): ServiceSpec {
    return this.stack.services['web']!;
  }

  /** Its secret, as acknowledged last. */
  get pin(): string {
    return this.#acknowledged?.pin ?? `${this.grid} pin 0`;
  }

  /** Declares the stack anew, with another image or other numbers; now and then with one that does not come up. */
  async apply({ isBad = this.#random.fraction() < 0.3 } = {}): Promise<void> {
    this.#version += 1;
    const web = this.#service({ ...(isBad && this.#mayBeBad ? BAD : { image: this.#random.pick(IMAGES) }), instances: this.#instances(), ...this.#served('web') });
    const db = this.#service({ image: this.#random.pick(IMAGES), instances: this.#size.db, stateful: true, secrets: [{ secret: 'pin', name: 'PIN', type: 'env' }], hooks: { preStart: [ONCE], postStart: [], preStop: [] } });
    const stack = simStack('shop', { web, db, ...this.#balancer(), ...this.#edge() });
    this.#cluster.tell(`apply in ${this.grid} web ${web.image} × ${String(web.instances)}, db ${db.image}`);
    await this.#declare({ stack, pin: this.#random.fraction() < 0.4 ? `${this.grid} pin ${String(this.#version)}` : this.pin });
  }

  /** What was not answered is said again, as a person would. */
  async repeat(): Promise<void> {
    const last = this.#unanswered.at(-1);
    if (last !== undefined) await this.#declare(last);
  }

  /** The master is as it was now, if it is restored. */
  backUp(): void {
    this.#backup = this.#acknowledged;
  }

  /** What was declared since the backup is to be declared again. */
  wasRestored(): void {
    if (this.#acknowledged !== this.#backup && this.#acknowledged !== undefined) this.#unanswered.push(this.#acknowledged);
    this.#acknowledged = this.#backup;
  }

  /** At first as many as usual. */
  #instances(): number {
    return this.#version === 1 ? (this.#size.web[0] ?? 1) : this.#random.pick(this.#size.web);
  }

  /** A service that comes and goes; whenever it comes, it waits for the database. */
  #edge(): Readonly<Record<string, ServiceSpec>> {
    return this.#random.fraction() < 0.5 ? { edge: this.#service({ image: 'app:1', ...this.#served('edge', { service: 'shop/db', alias: 'db' }) }) } : {};
  }

  #balancer(): Readonly<Record<string, ServiceSpec>> {
    return this.#size.isBalanced === true ? { lb: this.#service({ image: 'app:1', balancer: DEFAULT_BALANCER }) } : {};
  }

  /** With whatever it links to besides. */
  #served(name: string, ...links: ServiceSpec['links']): Partial<Pick<ServiceSpec, 'links' | 'route'>> {
    if (this.#size.isBalanced !== true) return { links };
    return { links: [...links, { service: 'shop/lb', alias: 'lb' }], route: { ...DEFAULT_ROUTE, hosts: [`${name}.example`], port: 8080, drainSeconds: 2 } };
  }

  async #declare(wish: Wish): Promise<void> {
    if (!(await this.#cluster.ask((control) => control.stacks.apply({ grid: this.grid, stack: wish.stack, dryRun: false, secrets: { pin: wish.pin } })))) {
      this.#unanswered.push(wish);
      return;
    }
    this.#unanswered.length = 0;
    this.#acknowledged = wish;
  }

  /** Where there is something to go back to. */
  get #mayBeBad(): boolean {
    return this.#version > 1 && this.#onFailure === 'revert';
  }

  #service(over: Partial<Omit<ServiceSpec, 'deploy'>>): ServiceSpec {
    return serviceSpec({ ...over, deploy: { graceSeconds: 20, minHealth: 0.6, onFailure: this.#onFailure, settleSeconds: 2 } });
  }
}
