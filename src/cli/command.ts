import { Command, Flags, type Config } from './oclif.js';
import { KontenaError } from '../model/index.js';
import { INTERRUPTED, Interrupted } from './exit.js';
import { chooseContext, type Chosen, isDue, renewWhereItLies } from './context/index.js';
import type { Connection, Host } from './host.js';
import { coloursFor, renderData, renderList, renderMistakes, renderProblem, renderRecord, type Colours, type Format } from './output/index.js';
import type { Control, Resource, ResourceKind } from '../ports/index.js';

/** A master that has not answered by then is away: `--no-wait` promises an answer within 5 s. */
const CONNECT_LIMIT_MS = 4_000;

const HOSTS = new WeakMap<Config, Host>();

/** Gives the commands of one run the machine they work on. */
export function provideHost(config: Config, host: Host): void {
  HOSTS.set(config, host);
}

/** What every command has: the machine, a way to the master in the chosen context, and one way to print. `run` returns the exit code. */
export abstract class KontenaCommand extends Command {
  static override baseFlags = {
    context: Flags.string({ helpGroup: 'GLOBAL', helpValue: '<name>', summary: 'Context to use in place of the current one.' }),
    grid: Flags.string({ helpGroup: 'GLOBAL', helpValue: '<name>', summary: 'Grid to use in place of the context\'s.' }),
    debug: Flags.boolean({ default: false, helpGroup: 'GLOBAL', summary: 'Print stack traces.' }),
  };

  /** Further words for it, which the help does not list. */
  static readonly otherNames: readonly string[] = [];

  /** Texts of the stack files that were read, by name. */
  protected readonly sources = new Map<string, string>();

  #connection: Connection | undefined;
  #chosen: Chosen | undefined;

  abstract override run(): Promise<number>;

  /** Runs to the end and returns the exit code. @throws Reported when it failed and the user has been told */
  execute(): Promise<number> {
    return this._run<number>();
  }

  protected get host(): Host {
    const host = HOSTS.get(this.config);
    if (host === undefined) throw new Error('no host was provided for this run');
    return host;
  }

  protected get colours(): Colours {
    return coloursFor(this.host.out, this.host.env);
  }

  /** One line on stdout. */
  protected print(...lines: readonly string[]): void {
    if (lines.length > 0) this.host.out.write(`${lines.join('\n')}\n`);
  }

  /** One line on stderr: what is not the answer itself. */
  protected note(...lines: readonly string[]): void {
    if (lines.length > 0) this.host.err.write(`${lines.join('\n')}\n`);
  }

  protected async printList(kind: ResourceKind, items: readonly Resource[], format: Format): Promise<void> {
    this.print(...(await renderList(kind, items, { format, nowMs: Date.now(), limit: this.host.out.columns })));
  }

  protected async printRecord(kind: ResourceKind, item: Resource, format: Format): Promise<void> {
    this.print(...(await renderRecord(kind, item, { format, nowMs: Date.now(), limit: this.host.out.columns })));
  }

  protected async printJson(data: unknown): Promise<void> {
    this.print(...(await renderData(data, 'json')));
  }

  /** The context of this run. @throws KontenaError KON_CONTEXT_MISSING, KON_CONTEXT_INVALID */
  protected async chosen(): Promise<Chosen> {
    if (this.#chosen === undefined) {
      const { flags } = await this.parse(this.ctor);
      this.#chosen = await chooseContext(this.host, { context: flags.context as string | undefined, grid: flags.grid as string | undefined });
    }
    return this.#chosen;
  }

  /** The master of the chosen context, and the grid. */
  protected async master(): Promise<{ readonly control: Control; readonly grid: string }> {
    const { credential, grid } = await this.chosen();
    this.#connection ??= await this.host.connect(credential, { timeoutMs: CONNECT_LIMIT_MS });
    return { control: this.#connection, grid };
  }

  /** Asks before something is destroyed, on a terminal only. @throws KontenaError KON_CANCELLED when the answer is not yes, Interrupted */
  protected async confirm(question: string, isSure: boolean): Promise<void> {
    if (isSure || !this.host.isInteractive) return;
    const isYes = await this.host.ask({ kind: 'yes-or-no', variable: '', text: question, default: false });
    if (isYes !== true) throw new KontenaError('KON_CANCELLED', 'nothing was changed');
  }

  /** Mistakes in stack files as lines: with the line shown and marked on a terminal, one line each in a pipe. */
  protected async mistakeLines(error: unknown): Promise<readonly string[]> {
    if (!(error instanceof KontenaError) || error.mistakes.length === 0) return [];
    return renderMistakes(error.mistakes, { sink: this.host.err, colours: coloursFor(this.host.err, this.host.env), sources: this.sources });
  }

  protected override async catch(error: Error): Promise<never> {
    if (error instanceof Interrupted) {
      this.note(error.message);
      throw new Reported(INTERRUPTED);
    }
    const context = this.#chosen === undefined ? undefined : `${this.#chosen.name} (${this.#chosen.credential.server})`;
    const problem = renderProblem(error, {
      colours: coloursFor(this.host.err, this.host.env),
      isDebug: this.argv.includes('--debug'),
      usage: `${this.config.bin} ${(this.id ?? '').replaceAll(':', ' ')}`,
      context,
      mistakes: await this.mistakeLines(error),
    });
    this.note(...problem.lines);
    throw new Reported(problem.exitCode);
  }

  protected override async finally(): Promise<void> {
    await this.#renew();
    this.#connection?.close();
  }

  /** A credential that is used renews itself. That it cannot is no failure of the command: there is time yet, and another command will. */
  async #renew(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined || this.#chosen === undefined || !isDue(this.#chosen.credential.certificate, Date.now())) return;
    try {
      await renewWhereItLies(this.host, this.#chosen, () => connection.credentials.renew());
    } catch (error) {
      if (!(error instanceof KontenaError)) throw error;
    }
  }
}

/** A failure that the user has been told of; what is left is the exit code. */
export class Reported extends Error {
  constructor(readonly exitCode: number) {
    super('reported');
  }
}

/** A command that can be made and run. */
export type CommandClass = (new (args: string[], config: Config) => KontenaCommand) & Pick<typeof KontenaCommand, 'id' | 'otherNames'>;
