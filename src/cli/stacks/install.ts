import type { Run } from '../run.js';
import { concludeDeclaration, tellApplied, tellRemoved, tellWarnings } from './conclude.js';
import { type Declared, declareStacks } from './declare.js';
import type { InstallFlags } from './flags.js';
import type { InstalledStacks } from './installed.js';
import { openReader } from './open-reader.js';
import { treeLines } from './tree.js';
import { writeValues } from './values.js';
import type { Wish } from './wish.js';

interface Installation {
  readonly wish: Wish;
  readonly flags: InstallFlags;
  readonly installed: InstalledStacks;
  readonly isDry: boolean;
  readonly isJson: boolean;
  /** Asks what is to be asked before anything is changed. */
  readonly confirm?: (stacks: readonly Declared[]) => Promise<void>;
}

/** Declares a stack from its file, the stacks it depends on before it, and shows how they come to be. Returns the exit code. */
export async function installStack(run: Run, { wish, flags, installed, isDry, isJson, confirm }: Installation): Promise<number> {
  const reader = await openReader(run, flags, { installed, isInteractive: true });
  const all = await reader.readAll(wish);
  const keepsOthers = flags['skip-dependencies'];
  const read = keepsOthers ? all.slice(-1) : all;
  const root = all.at(-1);
  if (!isJson && root !== undefined && read.length > 1) run.print(...treeLines(root.stack.name, wish.source, root.dependencies, read.map(({ stack }) => stack)));
  await tellWarnings(run, read.flatMap(({ mistakes }) => mistakes));
  await confirm?.(read);

  const { applied, removed } = await declareStacks(run, read, { installed, isDry, keepsOthers, told: async (one) => (isJson ? undefined : tellApplied(run, one, isDry)) });
  if (!isJson) tellRemoved(run, removed);
  if (root !== undefined && flags['values-to'] !== undefined) await writeValues(run.host, flags['values-to'], root);
  return concludeDeclaration(run, { applied, removed, isJson, timeoutMs: flags.wait && flags.deploy && !isDry ? flags.timeout : undefined });
}
