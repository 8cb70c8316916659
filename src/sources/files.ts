import { isAbsolute } from 'node:path';
import { elapsedMs, type Instant, isSame, later, type Millis, type StackSpec } from '../model/index.js';
import { inOneSentence } from './in-one-sentence.js';
import type { Declarations, SourceFile } from './plan.js';
import { isStackFile, marksOf } from './scan.js';

/** A file counts as written when it has not changed for so long: half a file may be a whole, and smaller, stack. */
const SETTLE_MS: Millis = 150;

/** How long a registry that failed is left alone. */
const RETRY_MS: Millis = 5000;

/**
 * What a file declares: volumes, or stacks, its own at the end, each after those it depends on. `stored` gives the values that
 * the variables of a stack have in the grid, so that what was drawn by lot is not drawn anew at each look. What else it
 * reads it notes: absolute paths, and names in a stack registry.
 *
 * @throws KontenaError with every mistake
 */
export type ReadStack = (file: string, stored: (stack: string) => Variables, note: (other: string) => void) => Promise<Declarations>;

/** What is known of the variables of a stack. */
export type Variables = Pick<StackSpec, 'variables' | 'variableOrigins'>;

interface Seen {
  readonly mark: string;
  /** Marks of the other files it was made of. */
  readonly others: ReadonlyMap<string, string | undefined>;
  readonly since: Instant;
  readonly isRead: boolean;
}

type Reading = Pick<SourceFile, 'volumes' | 'stacks' | 'error'>;

/** The files of a directory as they were last read, and what of them is still to be declared. */
export class Files {
  readonly #openReader: () => ReadStack;
  readonly #seen = new Map<string, Seen>();
  readonly #readings = new Map<string, Reading>();
  readonly #states = new Map<string, SourceFile['state']>();
  #hasBegun = false;

  /** @param openReader a reader for one round: what a registry has is asked anew in each */
  constructor(openReader: () => ReadStack) {
    this.#openReader = openReader;
  }

  /** What the grid has: the values of the variables of each stack. */
  variables: ReadonlyMap<string, Variables> = new Map();

  /** In order of path. */
  get all(): readonly SourceFile[] {
    const paths = [...this.#seen.keys()].filter(isStackFile).sort();
    return paths.map((path) => ({ path, ...this.#readings.get(path), state: this.#states.get(path) ?? 'saved' }));
  }

  /** What the file says stands in the grid. */
  settle(path: string): void {
    this.#states.set(path, 'applied');
  }

  /**
   * Takes note of what lies in the directory, and reads what has changed, once it rests.
   *
   * @returns whether anything was read or has gone, and when to look again
   */
  async update(marks: ReadonlyMap<string, string>, now: Instant): Promise<{ readonly isNews: boolean; readonly wakeAt: Instant | undefined }> {
    const hasLost = this.#forget(marks);
    for (const [path, mark] of marks) {
      if (this.#seen.get(path)?.mark === mark) continue;
      this.#seen.set(path, { mark, others: new Map(), since: now, isRead: false });
      this.#states.set(path, this.#hasBegun ? 'saved' : 'found');
    }
    this.#hasBegun = true;
    await this.#doubt(now);

    const unread = [...this.#seen].filter(([, { isRead }]) => !isRead);
    const isDue = unread.some(([, { since }]) => elapsedMs(since, now) >= SETTLE_MS);
    if (isDue) await this.#readResting(now);
    const next = [...this.#seen.values()].filter(({ isRead }) => !isRead).map(({ since }) => later(since, SETTLE_MS));
    return { isNews: isDue || hasLost, wakeAt: next.length === 0 ? undefined : (Math.min(...next) as Instant) };
  }

  #forget(marks: ReadonlyMap<string, string>): boolean {
    const gone = [...this.#seen.keys()].filter((path) => !marks.has(path));
    for (const path of gone) for (const known of [this.#seen, this.#readings, this.#states]) known.delete(path);
    return gone.length > 0;
  }

  /** What was made of other files that have changed is to be read again. */
  async #doubt(now: Instant): Promise<void> {
    const marks = await marksOf([...new Set([...this.#seen.values()].flatMap(({ others }) => [...others.keys()]))]);
    for (const [path, seen] of this.#seen) {
      if ([...seen.others].some(([other, mark]) => marks.get(other) !== mark)) this.#seen.set(path, { ...seen, others: new Map(), since: now, isRead: false });
    }
  }

  /** Reads what has changed and rests. All at once: one may wait for a registry. */
  async #readResting(now: Instant): Promise<void> {
    const readStack = this.#openReader();
    const resting = [...this.#seen].filter(([, { since, isRead }]) => !isRead && elapsedMs(since, now) >= SETTLE_MS);
    await Promise.all(resting.map(async ([path, seen]) => {
      this.#seen.set(path, { ...seen, isRead: true });
      if (!isStackFile(path)) return;
      const noted = new Set<string>();
      const reading = await this.#read(readStack, path, (other) => noted.add(other));
      const isOther = !isSame(reading, this.#readings.get(path));
      this.#readings.set(path, reading);
      if (isOther && this.#states.get(path) === 'applied') this.#states.set(path, 'saved');
      const others = await marksOf([...noted].filter((other) => isAbsolute(other) && other !== path));
      // What went wrong with a registry may come right without any file's being saved.
      const isOpen = reading.error !== undefined && [...noted].some((other) => !isAbsolute(other));
      this.#seen.set(path, { ...seen, others, since: isOpen ? later(now, RETRY_MS) : seen.since, isRead: !isOpen });
    }));
  }

  async #read(readStack: ReadStack, path: string, note: (other: string) => void): Promise<Reading> {
    const before = this.#readings.get(path)?.stacks ?? [];
    const stored = (name: string): Variables => this.variables.get(name) ?? before.find(({ stack }) => stack.name === name)?.stack ?? { variables: {} };
    try {
      return await readStack(path, stored, note);
    } catch (error) {
      return { error: inOneSentence(error, path) };
    }
  }
}
