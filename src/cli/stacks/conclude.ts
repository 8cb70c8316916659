import type { Mistake } from '../../model/index.js';
import type { Applied } from '../../ports/index.js';
import { INTERRUPTED } from '../exit.js';
import { followStacks, type Outcome } from '../follow.js';
import { coloursFor, type Failure, ProgressPrinter, renderDifferences, renderFailure, renderMistakes } from '../output/index.js';
import type { Run } from '../run.js';
import type { Declaration } from './declare.js';

interface Ending extends Declaration {
  readonly isJson: boolean;
  /** How long to wait until all of it runs; undefined does not wait. */
  readonly timeoutMs: number | undefined;
}

/** Says what is accepted but unwise, on stderr. */
export async function tellWarnings(run: Run, mistakes: readonly Mistake[]): Promise<void> {
  const { host, sources } = run;
  run.note(...(await renderMistakes(mistakes, { sink: host.err, colours: coloursFor(host.err, host.env), sources })));
}

/** Says what was declared, in lines. */
export async function tellApplied(run: Run, { name, revision, differences, warnings }: Applied, isDry: boolean): Promise<void> {
  await tellWarnings(run, warnings);
  run.print(...renderDifferences(differences, run.colours));
  if (differences.length === 0) run.print(`stack ${name} is declared so already`);
  else run.print(isDry ? 'nothing was changed' : `stack ${name} is declared at revision ${String(revision)}`);
}

/** Says which volumes were declared, a line each. */
export function tellVolumes(run: Run, all: readonly string[], fresh: readonly string[]): void {
  run.print(...all.map((name) => (fresh.includes(name) ? run.colours.green(`+ volume ${name}`) : `volume ${name} is declared already`)));
}

/** Says what was removed, a line each. */
export function tellRemoved(run: Run, names: readonly string[]): void {
  run.print(...names.map((name) => run.colours.red(`- stack ${name}`)));
}

/** The end of every command that declares: waits if it should, says how it ended, and returns the exit code. */
export async function concludeDeclaration(run: Run, { applied, removed, isJson, timeoutMs }: Ending): Promise<number> {
  if (applied.length === 0 && !isJson) run.note('There is no stack file to apply.');
  const outcome = timeoutMs === undefined || applied.length === 0 ? undefined : await follow(run, applied, { timeoutMs, isSilent: isJson });
  if (isJson) await printOutcome(run, { applied, removed }, outcome);
  return outcome === undefined ? 0 : tellOutcome(run, outcome, applied, isJson);
}

async function follow(run: Run, applied: readonly Applied[], { timeoutMs, isSilent }: { readonly timeoutMs: number; readonly isSilent: boolean }): Promise<Outcome> {
  const printer = new ProgressPrinter(run.host.out, run.colours);
  const stacks = applied.map(({ name, revision }) => ({ stack: name, revision }));
  return followStacks(run.host, await run.master(), stacks, { timeoutMs, show: (event) => (isSilent ? undefined : printer.show(event)) });
}

function tellOutcome(run: Run, outcome: Outcome, applied: readonly Applied[], isSilent: boolean): number {
  const names = applied.map(({ name }) => name).join(', ');
  const look = `${run.config.bin} get instances${applied.length === 1 ? ` --of ${names}` : ''} -w`;
  const error = coloursFor(run.host.err, run.host.env).red('error:');
  switch (outcome.result) {
    case 'running':
      if (!isSilent) run.print(run.colours.green(`${names} ${applied.length === 1 ? 'runs' : 'run'} as declared`));
      return 0;
    case 'failed':
    case 'overtaken':
      tellFailures(run, error, outcome.failures, look);
      for (const { stack, revision, by } of outcome.overtaken) {
        run.note(`${error} stack ${stack} was declared otherwise by ${by} at revision ${String(revision)}, before all ran that this command declared`, `What runs follows the later one. See both with: ${run.config.bin} history stack ${stack}`);
      }
      return 1;
    case 'timeout':
      run.note(`${error} ${names} did not come up in time`, `It goes on without this command. Follow it with: ${look}`);
      return 1;
    case 'interrupted':
      run.note(`It goes on without this command. Follow it with: ${look}`);
      return INTERRUPTED;
  }
}

function tellFailures(run: Run, error: string, failures: readonly Failure[], look: string): void {
  for (const failure of failures) {
    const [head = '', ...tail] = renderFailure(failure);
    run.note(`${error} ${head}`, ...tail);
  }
  if (failures.length > 0) run.note(`${failures.some(({ isReverted }) => isReverted) ? 'What ran before runs again' : 'Nothing was taken back'}: correct it and apply again. Look at it with: ${look}`);
}

async function printOutcome(run: Run, { applied, removed }: Declaration, outcome: Outcome | undefined): Promise<void> {
  const { grid } = await run.chosen();
  const result = outcome?.result ?? 'declared';
  const { failures, overtaken } = outcome !== undefined && 'failures' in outcome ? outcome : { failures: [], overtaken: [] };
  const items = applied.map((one) => ({
    kind: 'Applied', grid, ...one, result,
    failures: failures.filter(({ service }) => service === one.name || service.startsWith(`${one.name}/`)).map(({ type: _type, ...failure }) => failure),
    ...Object.fromEntries(overtaken.filter(({ stack }) => stack === one.name).map(({ revision, by }) => ['overtaken', { revision, by }])),
  }));
  await run.printJson(items.length === 1 && removed.length === 0 ? items[0] : { kind: 'AppliedList', items, pruned: removed });
}
