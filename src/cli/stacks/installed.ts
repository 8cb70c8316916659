import type { StackSpec } from '../../model/index.js';
import type { Resource } from '../../ports/index.js';
import type { Value } from '../../stackfile/index.js';
import { collect } from '../collect.js';
import type { OpenGrid, Run } from '../run.js';
import { valuesWithChildren } from './family.js';

/** The stacks of a grid, as they were when they were first asked for. */
export class InstalledStacks {
  readonly #run: Pick<Run, 'master'>;
  #all: Promise<readonly Resource[]> | undefined;

  /** Nothing is asked of the master yet. */
  constructor(run: Pick<Run, 'master'>) {
    this.#run = run;
  }

  /** The grid that has them. */
  grid(): Promise<OpenGrid> {
    return this.#run.master();
  }

  async all(): Promise<readonly Resource[]> {
    const { control, grid } = await this.grid();
    return (this.#all ??= collect(control.resources.list({ grid, kind: 'stack' })));
  }

  /** What a stack says of its variables; undefined when there is no such stack. */
  async variablesOf(name: string): Promise<Pick<StackSpec, 'variables' | 'variableOrigins'> | undefined> {
    const spec: Partial<StackSpec> | undefined = (await this.all()).find((stack) => stack.name === name)?.spec;
    return spec && { variables: spec.variables ?? {}, variableOrigins: spec.variableOrigins ?? {} };
  }

  /** @throws KontenaError KON_NOT_FOUND when there is no such stack */
  async require(name: string): Promise<void> {
    const { control, grid } = await this.grid();
    await collect(control.resources.list({ grid, kind: 'stack', name }));
  }

  /** The values of the variables of a stack, and as `child.name` those of the stacks that were installed with it. */
  async valuesOf(name: string): Promise<Readonly<Record<string, Value>>> {
    return valuesWithChildren(await this.all(), name);
  }
}
