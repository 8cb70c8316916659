import { Command, Flags, type Config } from './oclif.js';
import { KontenaError } from '../model/index.js';
import type { Resource, ResourceKind } from '../ports/index.js';
import type { Chosen } from './context/index.js';
import { INTERRUPTED, Interrupted } from './exit.js';
import type { Host } from './host.js';
import { coloursFor, renderData, renderList, renderMistakes, renderProblem, renderRecord, type Colours, type Format } from './output/index.js';
import type { Run, OpenGrid } from './run.js';
import { Session } from './session.js';

const HOSTS = new WeakMap<Config, Host>();

/** Gives the commands of one run the machine they work on. */
export function provideHost(config: Config, host: Host): void {
  HOSTS.set(config, host);
}

/** What oclif runs, and the only class above a command: all else that commands share is functions which are given the run. `run` returns the exit code. */
export abstract class KontenaCommand extends Command implements Run {
  static override baseFlags = {
    context: Flags.string({ helpGroup: 'GLOBAL', helpValue: '<name>', summary: 'Context to use in place of the current one.' }),
    grid: Flags.string({ helpGroup: 'GLOBAL', helpValue: '<name>', summary: 'Grid to use in place of the context\'s.' }),
    debug: Flags.boolean({ default: false, helpGroup: 'GLOBAL', summary: 'Print stack traces.' }),
  };

  /** Further words for it, which the help does not list. */
  static readonly otherNames: readonly string[] = [];

  readonly sources = new Map<string, string>();
  readonly host = hostOf(this.config);
  readonly #session = new Session(this.host, async () => (await this.parse(this.ctor)).flags as { context?: string; grid?: string });

  abstract override run(): Promise<number>;

  /** Runs to the end and returns the exit code. @throws Reported when it failed and the user has been told */
  execute(): Promise<number> {
    return this._run<number>();
  }

  get colours(): Colours {
    return coloursFor(this.host.out, this.host.env);
  }

  print(...lines: readonly string[]): void {
    if (lines.length > 0) this.host.out.write(`${lines.join('\n')}\n`);
  }

  note(...lines: readonly string[]): void {
    if (lines.length > 0) this.host.err.write(`${lines.join('\n')}\n`);
  }

  async printList(kind: ResourceKind, items: readonly Resource[], format: Format): Promise<void> {
    this.print(...(await renderList(kind, items, { format, nowMs: Date.now(), limit: this.host.out.columns })));
  }

  async printRecord(kind: ResourceKind, item: Resource, format: Format): Promise<void> {
    this.print(...(await renderRecord(kind, item, { format, nowMs: Date.now(), limit: this.host.out.columns })));
  }

  async printJson(data: unknown): Promise<void> {
    this.print(...(await renderData(data, 'json')));
  }

  chosen(): Promise<Chosen> {
    return this.#session.chosen();
  }

  master(): Promise<OpenGrid> {
    return this.#session.master();
  }

  /** Asks before something is destroyed, on a terminal only. @throws KontenaError KON_CANCELLED when the answer is not yes, Interrupted */
  async confirm(question: string, isSure: boolean): Promise<void> {
    if (isSure || !this.host.isInteractive) return;
    const isYes = await this.host.ask({ kind: 'yes-or-no', variable: '', text: question, default: false });
    if (isYes !== true) throw new KontenaError('KON_CANCELLED', 'nothing was changed');
  }

  protected override async catch(error: Error): Promise<never> {
    if (error instanceof Interrupted) {
      this.note(error.message);
      throw new Reported(INTERRUPTED);
    }
    const colours = coloursFor(this.host.err, this.host.env);
    const mistakes = error instanceof KontenaError ? error.mistakes : [];
    const problem = renderProblem(error, {
      colours,
      isDebug: this.argv.includes('--debug'),
      usage: `${this.config.bin} ${(this.id ?? '').replaceAll(':', ' ')}`,
      context: this.#session.destination,
      mistakes: await renderMistakes(mistakes, { sink: this.host.err, colours, sources: this.sources }),
    });
    this.note(...problem.lines);
    throw new Reported(problem.exitCode);
  }

  protected override finally(): Promise<void> {
    return this.#session.close();
  }
}

function hostOf(config: Config): Host {
  const host = HOSTS.get(config);
  if (host === undefined) throw new Error('no host was provided for this run');
  return host;
}

/** A failure that the user has been told of; what is left is the exit code. */
export class Reported extends Error {
  constructor(readonly exitCode: number) {
    super('reported');
  }
}

/** A command that can be made and run. */
export type CommandClass = (new (args: string[], config: Config) => KontenaCommand) & Pick<typeof KontenaCommand, 'id' | 'otherNames'>;
