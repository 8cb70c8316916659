import { type FileHandle, mkdir, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';

/** A ring is so many files; the oldest goes when a new one is begun. */
const SEGMENTS = 8;
const BLOCK_BYTES = 256 * 1024;
const NEW_LINE = 0x0a;
const NAME = /^(\d{12})\.log$/;

interface Segment {
  readonly number: number;
  /** As far as it is written. */
  bytes: number;
}

/** A place between two records. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

/** Whole records that lie together, and the place behind them. */
export interface Block {
  readonly bytes: Buffer;
  readonly after: Position;
}

/** Whether a place is behind another, or the same. */
export const isAtOrBehind = (a: Position, b: Position): boolean => a.segment > b.segment || (a.segment === b.segment && a.offset >= b.offset);

/** Records, a line of text each, of which the newest are kept: so many bytes. One writes, many read. */
export class Ring {
  readonly #directory: string;
  readonly #segmentBytes: number;
  /** The oldest first; there is always one. */
  readonly #segments: Segment[];
  #file: FileHandle | undefined;
  readonly #waiting = new Set<() => void>();

  private constructor(directory: string, maxBytes: number, segments: Segment[]) {
    this.#directory = directory;
    this.#segmentBytes = Math.ceil(maxBytes / SEGMENTS);
    this.#segments = segments;
  }

  /** Takes up what is there; a record that a crash cut in half is dropped. */
  static async open(directory: string, maxBytes: number): Promise<Ring> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const numbers = (await readdir(directory)).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number).sort((a, b) => a - b);
    const segments = await Promise.all(numbers.map(async (number) => ({ number, bytes: (await stat(pathOf(directory, number))).size })));
    const newest = segments.at(-1);
    if (newest !== undefined) newest.bytes = await withoutHalf(pathOf(directory, newest.number), newest.bytes);
    const ring = new Ring(directory, maxBytes, segments);
    if (newest === undefined) await ring.#begin(1);
    return ring;
  }

  /** One call after the other. @param records whole ones, each ended by a new line. @throws what the disk says; then none of them is kept */
  async append(records: string | Buffer): Promise<void> {
    const bytes = typeof records === 'string' ? Buffer.from(records) : records;
    let newest = this.#newest;
    if (newest.bytes > 0 && newest.bytes + bytes.length > this.#segmentBytes) newest = await this.#begin(newest.number + 1);
    this.#file ??= await open(pathOf(this.#directory, newest.number), 'a', 0o600);
    try {
      await this.#file.appendFile(bytes);
    } catch (error) {
      await this.#file.truncate(newest.bytes).catch(() => undefined);
      throw error;
    }
    newest.bytes += bytes.length;
    this.#wake();
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  get end(): Position {
    return { segment: this.#newest.number, offset: this.#newest.bytes };
  }

  get start(): Position {
    return { segment: this.#segments[0]?.number ?? this.#newest.number, offset: 0 };
  }

  /** Where to begin so as to miss none that is not older: a file at a time, so some that are older may come first. */
  async since(isOlder: (record: string) => boolean): Promise<Position> {
    const [oldest, ...others] = this.#segments;
    let from = oldest?.number ?? this.#newest.number;
    for (const { number } of others) {
      const first = await this.#firstOf(number);
      if (first === undefined || !isOlder(first)) break;
      from = number;
    }
    return { segment: from, offset: 0 };
  }

  /** From a place on, the oldest first, those together that lie together; with a signal, what comes as well, until it aborts. What is overwritten before it is read is left out. */
  async *forward(from: Position, follow: AbortSignal | undefined): AsyncGenerator<readonly string[]> {
    for await (const { bytes } of this.blocks(from, follow)) yield recordsIn(bytes);
  }

  /** As {@link forward}, as they lie on the disk. */
  async *blocks(from: Position, follow: AbortSignal | undefined): AsyncGenerator<Block> {
    for (let at: Position | undefined = from; at !== undefined && follow?.aborted !== true; at = this.#after(at.segment)) yield* this.#read(at, follow);
  }

  /** Back from a place, the newest first, those together that lie together. */
  async *backward(from: Position): AsyncGenerator<readonly string[]> {
    for await (const bytes of this.blocksBack(from)) yield recordsIn(bytes).reverse();
  }

  /** As {@link backward}: the newest block first, each as it lies on the disk. */
  async *blocksBack(from: Position): AsyncGenerator<Buffer> {
    for (const { number, bytes } of [...this.#segments].reverse()) {
      if (number <= from.segment) yield* this.#readBack(number, number === from.segment ? from.offset : bytes);
    }
  }

  get #newest(): Segment {
    return this.#segments.at(-1) as Segment;
  }

  async *#read({ segment, offset }: Position, follow: AbortSignal | undefined): AsyncGenerator<Block> {
    const file = await open(pathOf(this.#directory, segment), 'r').catch(() => undefined);
    if (file === undefined) return; // overwritten
    const block = Buffer.alloc(BLOCK_BYTES);
    let rest = Buffer.alloc(0);
    let at = offset;
    try {
      for (;;) {
        const written = this.#segments.find(({ number }) => number === segment)?.bytes;
        if (written !== undefined && at >= written) {
          if (follow === undefined || follow.aborted || this.#after(segment) !== undefined) return;
          await this.#changed(follow);
          continue;
        }
        const { bytesRead } = await file.read(block, 0, Math.min(BLOCK_BYTES, (written ?? Number.MAX_SAFE_INTEGER) - at), at);
        if (bytesRead === 0) return;
        at += bytesRead;
        const bytes = Buffer.concat([rest, block.subarray(0, bytesRead)]);
        const end = bytes.lastIndexOf(NEW_LINE) + 1;
        rest = bytes.subarray(end);
        if (end > 0) yield { bytes: bytes.subarray(0, end), after: { segment, offset: at - rest.length } };
      }
    } finally {
      await file.close();
    }
  }

  async *#readBack(segment: number, from: number): AsyncGenerator<Buffer> {
    const file = await open(pathOf(this.#directory, segment), 'r').catch(() => undefined);
    if (file === undefined) return; // overwritten
    let rest = Buffer.alloc(0);
    try {
      for (let end = from; end > 0; ) {
        const start = Math.max(0, end - BLOCK_BYTES);
        const block = Buffer.alloc(end - start);
        await file.read(block, 0, block.length, start);
        const bytes = Buffer.concat([block, rest]);
        const whole = start === 0 ? 0 : bytes.indexOf(NEW_LINE) + 1; // the first may have begun before
        rest = bytes.subarray(0, whole === 0 && start > 0 ? bytes.length : whole);
        if (rest.length < bytes.length) yield bytes.subarray(rest.length);
        end = start;
      }
    } finally {
      await file.close();
    }
  }

  #after(segment: number): Position | undefined {
    const next = this.#segments.find(({ number }) => number > segment);
    return next === undefined ? undefined : { segment: next.number, offset: 0 };
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  #changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  async #firstOf(segment: number): Promise<string | undefined> {
    for await (const { bytes } of this.#read({ segment, offset: 0 }, undefined)) return bytes.toString('utf8', 0, bytes.indexOf(NEW_LINE));
    return undefined;
  }

  /** Begins another file, and lets the oldest go. */
  async #begin(number: number): Promise<Segment> {
    await this.close();
    this.#file = await open(pathOf(this.#directory, number), 'a', 0o600);
    const segment = { number, bytes: 0 };
    this.#segments.push(segment);
    this.#wake();
    for (const oldest of this.#segments.splice(0, Math.max(0, this.#segments.length - SEGMENTS))) await rm(pathOf(this.#directory, oldest.number), { force: true });
    return segment;
  }
}

const pathOf = (directory: string, number: number): string => join(directory, `${String(number).padStart(12, '0')}.log`);

const recordsIn = (bytes: Buffer): string[] => bytes.toString('utf8', 0, bytes.length - 1).split('\n');

/** Cuts off what does not end with a new line. Returns how much is left. */
async function withoutHalf(path: string, bytes: number): Promise<number> {
  const whole = await lastEnd(path, bytes);
  if (whole < bytes) await truncate(path, whole);
  return whole;
}

/** Where the last whole record of a file ends. */
async function lastEnd(path: string, bytes: number): Promise<number> {
  const file = await open(path, 'r');
  try {
    for (let end = bytes; end > 0; ) {
      const start = Math.max(0, end - BLOCK_BYTES);
      const block = Buffer.alloc(end - start);
      await file.read(block, 0, block.length, start);
      const last = block.lastIndexOf(NEW_LINE);
      if (last >= 0) return start + last + 1;
      end = start;
    }
    return 0;
  } finally {
    await file.close();
  }
}
