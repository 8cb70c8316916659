import type { Change, Instant, Revision } from '../model/index.js';
import type { Author, ChainState, Changed, Committed, Decision, HistoryQuery, Logged, Store, View } from '../ports/index.js';

/**
 * A store whose process can die at any commit: from then on nobody gets an answer, hears of anything or changes
 * anything. What was committed before is in the file, whether or not the caller was told.
 */
export class MortalStore implements Store {
  readonly #inner: Store;
  readonly #onDeath: () => void;
  #isDead = false;
  #commitsLeft = Infinity;

  constructor(inner: Store, onDeath: () => void) {
    this.#inner = inner;
    this.#onDeath = onDeath;
  }

  /** Dies after so many more commits: before the caller of the last one hears of it. */
  dieAfter(commits: number): void {
    this.#commitsLeft = commits;
  }

  die(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#onDeath();
  }

  get identity(): Store['identity'] {
    return this.#inner.identity;
  }

  get revision(): Revision {
    return this.#inner.revision;
  }

  knows(revision: Revision): boolean {
    return this.#inner.knows(revision);
  }

  grids(): readonly string[] {
    return this.#inner.grids();
  }

  view(grid: string): View {
    return this.#inner.view(grid);
  }

  viewAt(grid: string, when: { readonly revision: Revision } | { readonly time: Instant }): View {
    return this.#inner.viewAt(grid, when);
  }

  async update<P extends Decision>(author: Author, decide: (view: View) => P): Promise<Committed<P>> {
    if (this.#isDead) return never();
    const committed = await this.#inner.update(author, decide);
    if (committed.plan.steps.length > 0) this.#commitsLeft -= 1;
    if (this.#commitsLeft <= 0) this.die();
    return this.#answer(committed);
  }

  #answer<T>(answer: T): Promise<T> {
    return this.#isDead ? never() : Promise.resolve(answer);
  }

  observe(author: Author, steps: readonly Change[]): void {
    if (!this.#isDead) this.#inner.observe(author, steps);
  }

  watch(listener: (changed: readonly Changed[]) => void): () => void {
    return this.#inner.watch((changed) => {
      if (!this.#isDead) listener(changed);
    });
  }

  sealed(grid: string, name: string): Uint8Array | undefined {
    return this.#inner.sealed(grid, name);
  }

  sealedNames(grid: string): readonly string[] {
    return this.#inner.sealedNames(grid);
  }

  history(query: HistoryQuery): readonly Logged[] {
    return this.#inner.history(query);
  }

  verify(): ChainState {
    return this.#inner.verify();
  }

  async compact(before: Instant): Promise<void> {
    if (!this.#isDead) await this.#inner.compact(before);
  }

  copyTo(file: string): Promise<void> {
    return this.#inner.copyTo(file);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
