/** A text that the user wrote. */
export interface SourceFile {
  /** As the user knows it: a path, or the name of a stack in a registry. */
  readonly name: string;
  readonly text: string;
  /** Folders in which the files lie that it may refer to, absolute; none when it came from a stack registry or an address. */
  readonly scope?: readonly string[];
}

/** Some characters of a file. */
export interface Place {
  readonly file: SourceFile;
  readonly offset: number;
  readonly length: number;
}

/** Line and column of a place, counted from 1, and how many characters of that line it covers. */
export function lineAndColumn({ file, offset, length }: Place): { readonly line: number; readonly column: number; readonly length: number } {
  const starts = lineStarts(file);
  const line = lastAtOrBefore(starts, offset);
  const lineEnd = (starts[line + 1] ?? file.text.length + 1) - 1;
  return { line: line + 1, column: offset - (starts[line] ?? 0) + 1, length: Math.max(1, Math.min(length, lineEnd - offset)) };
}

const startsOf = new WeakMap<SourceFile, readonly number[]>();

/** Where each line begins; found once for each file. */
function lineStarts(file: SourceFile): readonly number[] {
  const known = startsOf.get(file);
  if (known !== undefined) return known;
  const starts = [0];
  for (let at = file.text.indexOf('\n'); at !== -1; at = file.text.indexOf('\n', at + 1)) starts.push(at + 1);
  startsOf.set(file, starts);
  return starts;
}

/** Index of the last of `sorted` that is not greater than `value`; 0 when all are. */
function lastAtOrBefore(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sorted[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** One stretch of a made text: `length` characters from `at`, copied from `from`, or standing for `from` to `until`. */
export interface Stretch {
  readonly at: number;
  readonly length: number;
  readonly from: number;
  readonly until: number;
  readonly isCopy: boolean;
}

/** A text made from a file, which knows of each of its characters where in the file it comes from. */
export class TracedText {
  constructor(
    readonly file: SourceFile,
    readonly text: string,
    readonly stretches: readonly Stretch[],
  ) {}

  /** The file as it is. */
  static of(file: SourceFile): TracedText {
    const length = file.text.length;
    return new TracedText(file, file.text, [{ at: 0, length, from: 0, until: length, isCopy: true }]);
  }

  /** Where the characters from `begin` to `end` come from. */
  place(begin: number, end: number): Place {
    const from = this.origin(begin, 'from');
    const until = end > begin ? this.origin(end - 1, 'until') : from;
    return { file: this.file, offset: from, length: Math.max(0, until - from) };
  }

  /** The stretches of a part of this text, cut to fit. */
  *cut(begin: number, end: number): Generator<Stretch> {
    for (let index = this.find(begin); index < this.stretches.length; index += 1) {
      const stretch = this.stretches[index] as Stretch;
      if (stretch.at >= end) return;
      const at = Math.max(begin, stretch.at);
      const length = Math.min(end, stretch.at + stretch.length) - at;
      if (length <= 0) continue;
      const from = stretch.isCopy ? stretch.from + (at - stretch.at) : stretch.from;
      yield { at, length, from, until: stretch.isCopy ? from + length : stretch.until, isCopy: stretch.isCopy };
    }
  }

  private origin(at: number, edge: 'from' | 'until'): number {
    const stretch = this.stretches[this.find(at)];
    if (stretch === undefined) return this.file.text.length;
    if (!stretch.isCopy) return stretch[edge];
    const offset = stretch.from + Math.min(at - stretch.at, stretch.length);
    return edge === 'from' ? offset : Math.min(offset + 1, this.file.text.length);
  }

  /** Index of the last stretch that begins at or before `at`. */
  private find(at: number): number {
    let low = 0;
    let high = this.stretches.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.stretches[middle] as Stretch).at <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Writes a text piece by piece, keeping where each piece comes from. */
export class TraceWriter {
  readonly #pieces: string[] = [];
  readonly #stretches: Stretch[] = [];
  #length = 0;

  constructor(private readonly file: SourceFile) {}

  get length(): number {
    return this.#length;
  }

  /** Characters that stand so in the file, from `from` on. */
  copy(text: string, from: number): void {
    this.#write(text, { from, until: from + text.length, isCopy: true });
  }

  /** Characters that stand for `from` to `until` of the file: a value, say. */
  insert(text: string, from: number, until: number): void {
    this.#write(text, { from, until, isCopy: false });
  }

  /** A part of a text that was made before. */
  append(source: TracedText, begin: number, end: number): void {
    for (const { at, length, from, until, isCopy } of source.cut(begin, end)) this.#write(source.text.slice(at, at + length), { from, until, isCopy });
  }

  done(): TracedText {
    return new TracedText(this.file, this.#pieces.join(''), this.#stretches);
  }

  #write(text: string, origin: Pick<Stretch, 'from' | 'until' | 'isCopy'>): void {
    if (text === '') return;
    this.#pieces.push(text);
    this.#stretches.push({ at: this.#length, length: text.length, ...origin });
    this.#length += text.length;
  }
}
