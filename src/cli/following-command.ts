import type { Applied } from '../ports/index.js';
import { DeclaringCommand } from './declaring-command.js';
import { INTERRUPTED } from './exit.js';
import { followStacks, type Outcome } from './follow.js';
import { ProgressPrinter, renderDifferences, renderFailure } from './output/index.js';

interface Finish {
  readonly applied: readonly Applied[];
  /** Stacks removed along the way. */
  readonly pruned: readonly string[];
  readonly isJson: boolean;
  /** How long to wait; undefined does not wait. */
  readonly timeoutMs: number | undefined;
}

/** A command that declares something and then shows how it comes to be. */
export abstract class FollowingCommand extends DeclaringCommand {
  /** What was declared, in lines. */
  protected async tell({ name, revision, differences, warnings }: Applied, isDry: boolean): Promise<void> {
    await this.warnOf(warnings);
    this.print(...renderDifferences(differences, this.colours));
    if (differences.length === 0) this.print(`stack ${name} is declared so already`);
    else this.print(isDry ? 'nothing was changed' : `stack ${name} is declared at revision ${String(revision)}`);
  }

  /** Volumes that were declared, a line each. */
  protected tellVolumes(all: readonly string[], fresh: readonly string[]): void {
    this.print(...all.map((name) => (fresh.includes(name) ? this.colours.green(`+ volume ${name}`) : `volume ${name} is declared already`)));
  }

  /** What was removed, a line each. */
  protected tellRemoved(names: readonly string[]): void {
    this.print(...names.map((name) => this.colours.red(`- stack ${name}`)));
  }

  /** Waits if it should, says how it ended, and returns the exit code. */
  protected async finish({ applied, pruned, isJson, timeoutMs }: Finish): Promise<number> {
    if (applied.length === 0 && !isJson) this.note('There is no stack file to apply.');
    const outcome = timeoutMs === undefined || applied.length === 0 ? undefined : await this.#follow(applied, timeoutMs, isJson);
    if (isJson) await this.#printOutcome(applied, pruned, outcome);
    return outcome === undefined ? 0 : this.#conclude(outcome, applied, isJson);
  }

  async #follow(applied: readonly Applied[], timeoutMs: number, isSilent: boolean): Promise<Outcome> {
    const printer = new ProgressPrinter(this.host.out, this.colours);
    const stacks = applied.map(({ name, revision }) => ({ stack: name, revision }));
    return followStacks(this.host, await this.master(), stacks, { timeoutMs, show: (event) => (isSilent ? undefined : printer.show(event)) });
  }

  #conclude(outcome: Outcome, applied: readonly Applied[], isSilent: boolean): number {
    const names = applied.map(({ name }) => name).join(', ');
    const look = `${this.config.bin} get instances${applied.length === 1 ? ` --of ${names}` : ''} -w`;
    const error = this.errColours.red('error:');
    switch (outcome.result) {
      case 'running':
        if (!isSilent) this.print(this.colours.green(`${names} ${applied.length === 1 ? 'runs' : 'run'} as declared`));
        return 0;
      case 'failed':
        for (const failure of outcome.failures) {
          const [head = '', ...tail] = renderFailure(failure);
          this.note(`${error} ${head}`, ...tail);
        }
        this.note(`${outcome.failures.some(({ isReverted }) => isReverted) ? 'What ran before runs again' : 'Nothing was taken back'}: correct it and apply again. Look at it with: ${look}`);
        return 1;
      case 'timeout':
        this.note(`${error} ${names} did not come up in time`, `It goes on without this command. Follow it with: ${look}`);
        return 1;
      case 'interrupted':
        this.note(`It goes on without this command. Follow it with: ${look}`);
        return INTERRUPTED;
    }
  }

  async #printOutcome(applied: readonly Applied[], pruned: readonly string[], outcome: Outcome | undefined): Promise<void> {
    const { grid } = await this.chosen();
    const result = outcome?.result ?? 'declared';
    const failures = outcome?.result === 'failed' ? outcome.failures.map(({ type: _type, ...failure }) => failure) : [];
    const items = applied.map((one) => ({ kind: 'Applied', grid, ...one, result, failures: failures.filter(({ service }) => service.startsWith(`${one.name}/`)) }));
    await this.printJson(items.length === 1 && pruned.length === 0 ? items[0] : { kind: 'AppliedList', items, pruned });
  }
}
