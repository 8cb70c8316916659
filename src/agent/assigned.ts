import { type Assignments, messageOf, type Sections } from '../model/index.js';
import type { Log, Memory } from '../ports/index.js';
import type { Keeper, Keepers } from './keeper.js';

export interface AssignedOptions {
  readonly memory: Memory;
  readonly log: Log;
  readonly grid: string;
  readonly keepers: Keepers;
}

/** What is assigned to this node: refused, remembered, and then handed to the keepers, each its own section. */
export class Assigned {
  readonly #options: AssignedOptions;
  readonly #each: readonly Share[];
  #inForce: Assignments | undefined;
  /** Told, but not yet in force: it is remembered on disk first. */
  #incoming: Assignments | undefined;
  /** Something of what is incoming was told, not all of it amended here. */
  #isNews = false;
  #adopting: Promise<void> | undefined;

  constructor(options: AssignedOptions) {
    this.#options = options;
    const { containers, network, names, balancers, answers, registry, statistics } = options.keepers;
    this.#each = [share('containers', containers), share('network', network), share('names', names), share('balancers', balancers), share('answers', answers), share('registry', registry), share('statistics', statistics)];
  }

  /** Obeys what was remembered from an earlier life. */
  async recall(): Promise<void> {
    const { memory, log } = this.#options;
    try {
      const remembered = await memory.load();
      if (remembered !== undefined && this.#inForce === undefined) this.#obey(remembered, true);
    } catch (error) {
      log.error('the last assignments cannot be used; nothing is touched until the master speaks', { reason: messageOf(error) });
    }
  }

  take(assignments: Assignments): void {
    const reason = this.#refusal(assignments);
    if (reason !== undefined) {
      const { cluster, epoch, revision } = assignments;
      this.#options.log.warn('assignments are not obeyed', { reason, cluster, epoch, revision });
      return;
    }
    const before = this.#newest;
    this.#isNews = true;
    this.#adopt(this.#each.reduce((next, { completed }) => completed(next, before), assignments)).catch(() => undefined);
  }

  /** A keeper changes its own section by what happened here. Resolves when that is remembered and in force. */
  amend<S extends keyof Sections>(section: S, change: (before: Sections[S]) => Sections[S]): Promise<void> {
    const before = this.#newest;
    return before === undefined ? Promise.resolve() : this.#adopt({ ...before, [section]: change(before[section]) });
  }

  get #newest(): Assignments | undefined {
    return this.#incoming ?? this.#inForce;
  }

  #refusal(next: Assignments): string | undefined {
    return refusal(next, this.#newest, this.#options.grid) ?? this.#each.map(({ refusal: of }) => of(next)).find((reason) => reason !== undefined);
  }

  #adopt(assignments: Assignments): Promise<void> {
    this.#incoming = assignments;
    this.#adopting ??= this.#remember();
    return this.#adopting;
  }

  /** Remembers first, acts then: after a crash the agent must know what it made. */
  async #remember(): Promise<void> {
    while (this.#incoming !== undefined) {
      const assignments = this.#incoming;
      const isNews = this.#isNews;
      this.#isNews = false;
      try {
        await this.#options.memory.save(assignments);
      } catch (error) {
        this.#options.log.error('cannot remember the assignments; they are obeyed all the same', { reason: messageOf(error) });
      }
      if (this.#incoming === assignments) this.#incoming = undefined;
      this.#obey(assignments, isNews);
    }
    this.#adopting = undefined;
  }

  #obey(assignments: Assignments, isNews: boolean): void {
    this.#inForce = assignments;
    for (const { obey } of this.#each) obey(assignments, isNews);
  }
}

/** A keeper and its section, as functions of the whole. */
interface Share {
  readonly obey: (assignments: Assignments, isNews: boolean) => void;
  readonly refusal: (next: Assignments) => string | undefined;
  readonly completed: (next: Assignments, before: Assignments | undefined) => Assignments;
}

const share = <S extends keyof Sections>(section: S, keeper: Keeper<Sections[S]> | undefined): Share => ({
  obey: (assignments, isNews) => keeper?.obey(assignments[section], isNews),
  refusal: (next) => keeper?.refusal?.(next[section]),
  completed: (next, before) => (keeper?.completed === undefined ? next : { ...next, [section]: keeper.completed(next[section], before?.[section]) }),
});

/** Why assignments are not obeyed, whatever they say; undefined when they are. */
function refusal(next: Assignments, current: Assignments | undefined, grid: string): string | undefined {
  if (next.grid !== grid) return 'they are for another grid';
  if (current === undefined) return undefined;
  if (next.cluster !== current.cluster) return 'they come from another cluster';
  if (next.epoch < current.epoch) return 'they come from before the master was restored';
  if (next.epoch === current.epoch && next.revision < current.revision) return 'they are older than those in force';
  return undefined;
}
