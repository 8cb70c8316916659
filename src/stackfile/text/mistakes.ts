import type { Mistake } from '../../model/index.js';
import { lineAndColumn, type Place, type SourceFile } from './source.js';

export type Path = readonly (string | number)[];

/** What else is known of a mistake. */
export interface Advice {
  readonly hint?: string | undefined;
}

/** Everything found wrong while reading: all of it at once, each thing once, up to as much as anybody reads. */
export class Mistakes {
  readonly #found = new Map<string, Mistake>();
  #hasErrors = false;
  /** The worst of what was left out. */
  #leftOut: Mistake['severity'] | undefined;
  readonly #paths = new Map<SourceFile, (offset: number) => Path>();
  /** How texts begin that are not shown. */
  readonly #hushed = new Set<string>();

  /** From now on no message shows a line of this text, nor the end of one. */
  hush(text: string): void {
    for (const line of text.split('\n')) if (line.length >= SHORTEST_HUSHED) this.#hushed.add(line.slice(0, 2 * SHORTEST_HUSHED));
  }

  /** From now on a mistake in this file that knows only its place gets its path from there. */
  locateIn(file: SourceFile, pathAt: (offset: number) => Path): void {
    this.#paths.set(file, pathAt);
  }

  error(at: Place | undefined, path: Path, message: string, { hint }: Advice = {}): void {
    this.#add('error', at, path, hint === undefined ? { message } : { message, hint });
  }

  warn(at: Place | undefined, path: Path, message: string, { hint }: Advice = {}): void {
    this.#add('warning', at, path, hint === undefined ? { message } : { message, hint });
  }

  hasErrors(): boolean {
    return this.#hasErrors;
  }

  /** In the order of the lines they point at; errors and warnings together. The last one says that there are more, where there are. */
  all(): readonly Mistake[] {
    const sorted = [...this.#found.values()].sort(
      (one, other) => (one.file ?? '').localeCompare(other.file ?? '') || (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0),
    );
    return this.#leftOut === undefined ? sorted : [...sorted, { severity: this.#leftOut, path: '', message: `and more: ${MOST_MISTAKES} are shown` }];
  }

  /** A message without what is hushed: each is left out up to the quotation mark behind it. */
  #spoken(message: string): string {
    let spoken = message;
    for (const begin of this.#hushed) {
      const at = spoken.indexOf(begin);
      if (at !== -1) spoken = `${spoken.slice(0, at)}…${spoken.slice(at).replace(/^[^"]*/, '')}`;
    }
    return spoken;
  }

  #add(severity: Mistake['severity'], at: Place | undefined, path: Path, said: Pick<Mistake, 'message' | 'hint'>): void {
    if (this.#leftOut === 'error' || this.#leftOut === severity) return; // nothing new, and finding its place takes time
    const place = at === undefined ? {} : { file: at.file.name, ...lineAndColumn(at) };
    const known = path.length === 0 && at !== undefined ? (this.#paths.get(at.file)?.(at.offset) ?? path) : path;
    const mistake: Mistake = { severity, ...place, path: pathText(known), ...said, message: this.#spoken(said.message) };
    const key = [mistake.file, mistake.line, mistake.column, mistake.path, mistake.message].join('\0');
    if (this.#found.has(key)) return;
    if (severity === 'error') this.#hasErrors = true;
    if (this.#found.size < MOST_MISTAKES) this.#found.set(key, mistake);
    else this.#leftOut = severity;
  }
}

/** Characters that may be told of what is hushed by chance: shorter texts are in too many words. */
const SHORTEST_HUSHED = 4;

/** More than anybody reads; keeps a broken file of a megabyte from a report of a gigabyte. */
const MOST_MISTAKES = 200;

/** `['services', 'web', 'ports', 0]` → `services.web.ports[0]`. */
export const pathText = (path: Path): string => path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
