import { messageOf } from '../model/index.js';
import type { Control, Log, SourceState } from '../ports/index.js';

type Saying = Pick<SourceState, 'stack' | 'error'>;

interface Means {
  readonly control: Control;
  readonly grid: string;
  readonly directory: string;
  readonly log: Log;
}

/** Tells the master and the log how each file fares: once, until it fares otherwise. */
export class Reports {
  readonly #means: Means;
  readonly #said = new Map<string, Saying>();

  constructor(means: Means) {
    this.#means = means;
  }

  /** Whether a file has an error: something may mend it that is not in the directory. */
  get isAnyOpen(): boolean {
    return [...this.#said.values()].some(({ error }) => error !== undefined);
  }

  /** @param isOfAll what is wrong is wrong with the directory: the log has it once */
  async say(file: string, saying: Saying, isOfAll = false): Promise<void> {
    const before = this.#said.get(file);
    if (before !== undefined && before.stack === saying.stack && before.error === saying.error) return;
    const { control, grid, directory, log } = this.#means;
    if (saying.error !== undefined && !isOfAll) log.warn('a stack file changes nothing', { file, reason: saying.error });
    if (isOfAll && !this.#isSaid(saying.error)) log.warn('a watched directory changes nothing', { directory, reason: saying.error });
    await control.sources.report(grid, { directory, file, ...saying });
    this.#said.set(file, saying);
  }

  /** Files that are gone, and of which there is nothing to say. */
  async forgetAllBut(files: ReadonlySet<string>): Promise<void> {
    for (const file of [...this.#said.keys()].filter((path) => !files.has(path))) await this.#forget(file);
  }

  /** Nobody watches any more: what was said would stay for ever. */
  async withdraw(): Promise<void> {
    try {
      await this.forgetAllBut(new Set());
    } catch (error) {
      this.#means.log.warn('the master still shows the files of a directory that is watched no more', { directory: this.#means.directory, reason: messageOf(error) });
    }
  }

  #isSaid(error: string | undefined): boolean {
    return [...this.#said.values()].some((saying) => saying.error === error);
  }

  async #forget(file: string): Promise<void> {
    await this.#means.control.sources.report(this.#means.grid, { directory: this.#means.directory, file, isGone: true });
    this.#said.delete(file);
  }
}
