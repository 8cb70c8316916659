import { elapsedMs, type Instant, type Millis, rowText, SetDigest, type TablePart } from '../../model/index.js';

/** Rows in one message: far below the 4 MB a message may have. */
const ROWS_PER_PART = 1_000;
/** Changes that are kept for readers who are behind, beyond as many as there are rows: who is further behind is sent the whole table. */
const CHANGES_KEPT = 4_096;

interface Kept<Row> {
  readonly row: Row;
  readonly text: string;
  readonly at: Instant;
}

/** Rows that many readers share: each is sent the whole once, then only what changed. Numbers its changes. */
export class TableFeed<Row> {
  readonly #keyOf: (row: Row) => string;
  readonly #rows = new Map<string, Kept<Row>>();
  readonly #digest = new SetDigest();
  #changes: { readonly version: number; readonly key: string; readonly at: Instant }[] = [];
  #version = 0;
  #lastPart: { readonly from: number; readonly made: Instant; readonly part: TablePart<Row> } | undefined;

  constructor(keyOf: (row: Row) => string) {
    this.#keyOf = keyOf;
  }

  get version(): number {
    return this.#version;
  }

  /** Of all rows, see {@link rowText}. */
  get digest(): string {
    return String(this.#digest);
  }

  get rows(): readonly Row[] {
    return [...this.#rows.values()].map(({ row }) => row);
  }

  /** The row is so from now on; `at` is when that was reported. False when it was so already. */
  put(row: Row, at: Instant): boolean {
    const key = this.#keyOf(row);
    const text = rowText(row);
    const before = this.#rows.get(key);
    if (before?.text === text) return false;
    if (before !== undefined) this.#digest.remove(before.text);
    this.#digest.add(text);
    this.#rows.set(key, { row, text, at });
    this.#changed(key, at);
    return true;
  }

  /** There is no such row any more. False when there was none. */
  drop(key: string, at: Instant): boolean {
    const before = this.#rows.get(key);
    if (before === undefined) return false;
    this.#digest.remove(before.text);
    this.#rows.delete(key);
    this.#changed(key, at);
    return true;
  }

  /** What changed after a version, as one part; undefined when that is too long ago to be known. Readers at the same version get the same object. */
  since(version: number, now: Instant): TablePart<Row> | undefined {
    const oldest = this.#changes[0]?.version ?? this.#version + 1;
    if (version + 1 < oldest) return undefined;
    if (this.#lastPart?.from === version && this.#lastPart.made === now && this.#lastPart.part.version === this.#version) return this.#lastPart.part;
    const part = this.#partSince(version - oldest + 1, now);
    this.#lastPart = { from: version, made: now, part };
    return part;
  }

  #partSince(index: number, now: Instant): TablePart<Row> {
    const changedAt = new Map(this.#changes.slice(index).map(({ key, at }) => [key, at]));
    const rows: Row[] = [];
    const removed: string[] = [];
    const agesMs: { readonly rows: Millis[]; readonly removed: Millis[] } = { rows: [], removed: [] };
    for (const [key, at] of changedAt) {
      const kept = this.#rows.get(key);
      if (kept === undefined) removed.push(key);
      else rows.push(kept.row);
      agesMs[kept === undefined ? 'removed' : 'rows'].push(Math.max(0, elapsedMs(at, now)));
    }
    return { version: this.#version, isWhole: false, isLast: true, rows, removed, agesMs: [...agesMs.rows, ...agesMs.removed] };
  }

  #changed(key: string, at: Instant): void {
    this.#version += 1;
    this.#changes.push({ version: this.#version, key, at });
    const limit = this.#rows.size + CHANGES_KEPT;
    if (this.#changes.length > 2 * limit) this.#changes = this.#changes.slice(-limit); // in large steps, so that it costs nothing
  }
}

/** One reader's place in a table. */
export class TableReader<Row> {
  readonly #feed: TableFeed<Row>;
  /** Undefined before the reader was sent the whole. */
  #version: number | undefined;
  #whole: { readonly rows: readonly Row[]; readonly version: number; from: number } | undefined;

  constructor(feed: TableFeed<Row>) {
    this.#feed = feed;
  }

  /** The next part; undefined when the reader has all there is. */
  next(now: Instant): TablePart<Row> | undefined {
    if (this.#whole === undefined && this.#version !== undefined) {
      if (this.#version === this.#feed.version) return undefined;
      const part = this.#feed.since(this.#version, now);
      if (part !== undefined) {
        this.#version = part.version;
        return part;
      }
    }
    return this.#nextOfWhole();
  }

  /** The reader lost its way: it is sent the whole again. */
  restart(): void {
    this.#version = undefined;
    this.#whole = undefined;
  }

  /** What the reader must have by now; undefined while parts of it are still to be sent. */
  get state(): { readonly version: number; readonly digest: string } | undefined {
    if (this.#whole !== undefined || this.#version !== this.#feed.version) return undefined;
    return { version: this.#version, digest: this.#feed.digest };
  }

  #nextOfWhole(): TablePart<Row> {
    this.#whole ??= { rows: this.#feed.rows, version: this.#feed.version, from: 0 };
    const { rows, version, from } = this.#whole;
    const to = Math.min(rows.length, from + ROWS_PER_PART);
    const isLast = to === rows.length;
    this.#whole.from = to;
    if (isLast) {
      this.#version = version;
      this.#whole = undefined;
    }
    return { version, isWhole: from === 0, isLast, rows: rows.slice(from, to), removed: [], agesMs: [] };
  }
}
