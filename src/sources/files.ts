import { elapsedMs, type Instant, KontenaError, later, messageOf, type Millis, type Mistake, type StackSpec } from '../model/index.js';
import { isSame } from './is-same.js';
import type { SourceFile } from './plan.js';
import { isStackFile } from './scan.js';

/** A file counts as written when it has not changed for so long: half a file may be a whole, and smaller, stack. */
const SETTLE_MS: Millis = 150;

/**
 * The stack that a file declares. `stored` are the values its variables have in the grid, so that what was drawn by lot
 * is not drawn anew at each look.
 *
 * @throws KontenaError with every mistake
 */
export type ReadStack = (file: string, stored: Variables) => Promise<StackSpec>;

export type Variables = StackSpec['variables'];

interface Seen {
  readonly mark: string;
  readonly since: Instant;
  readonly isRead: boolean;
}

type Reading = Pick<SourceFile, 'stack' | 'error'>;

/** The files of a directory as they were last read, and what of them is still to be declared. */
export class Files {
  readonly #readStack: ReadStack;
  readonly #seen = new Map<string, Seen>();
  readonly #readings = new Map<string, Reading>();
  readonly #states = new Map<string, SourceFile['state']>();
  #hasBegun = false;

  constructor(readStack: ReadStack) {
    this.#readStack = readStack;
  }

  /** What the grid has: the values of the variables of each file's stack, by path. */
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
      this.#seen.set(path, { mark, since: now, isRead: false });
      this.#states.set(path, this.#hasBegun ? 'saved' : 'found');
    }
    this.#hasBegun = true;

    const unread = [...this.#seen].filter(([, { isRead }]) => !isRead);
    const isDue = unread.some(([, { since }]) => elapsedMs(since, now) >= SETTLE_MS);
    if (isDue) await this.#readAll(now);
    const next = [...this.#seen.values()].filter(({ isRead }) => !isRead).map(({ since }) => later(since, SETTLE_MS));
    return { isNews: isDue || hasLost, wakeAt: next.length === 0 ? undefined : (Math.min(...next) as Instant) };
  }

  #forget(marks: ReadonlyMap<string, string>): boolean {
    const gone = [...this.#seen.keys()].filter((path) => !marks.has(path));
    for (const path of gone) {
      this.#seen.delete(path);
      this.#readings.delete(path);
      this.#states.delete(path);
    }
    return gone.length > 0;
  }

  /** Reads every stack file that rests: one may be made of others. */
  async #readAll(now: Instant): Promise<void> {
    for (const [path, seen] of this.#seen) {
      if (elapsedMs(seen.since, now) < SETTLE_MS) continue;
      this.#seen.set(path, { ...seen, isRead: true });
      if (!isStackFile(path)) continue;
      const reading = await this.#read(path);
      const isOther = !isSame(reading, this.#readings.get(path));
      this.#readings.set(path, reading);
      if (isOther && this.#states.get(path) === 'applied') this.#states.set(path, 'saved');
    }
  }

  async #read(path: string): Promise<Reading> {
    try {
      return { stack: await this.#readStack(path, this.variables.get(path) ?? this.#readings.get(path)?.stack?.variables ?? {}) };
    } catch (error) {
      return { error: inOneSentence(error) };
    }
  }
}

/** An error with all its mistakes, each with its place. */
export function inOneSentence(error: unknown): string {
  const mistakes = error instanceof KontenaError ? error.mistakes.filter(({ severity }) => severity === 'error') : [];
  return mistakes.length === 0 ? messageOf(error) : mistakes.map(placed).join('; ');
}

function placed({ line, column, path, message }: Mistake): string {
  const place = line === undefined ? '' : `line ${line}${column === undefined ? '' : `:${column}`} `;
  return `${place}${path === '' ? '' : `${path}: `}${message}`;
}
