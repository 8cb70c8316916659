import { sep } from 'node:path';
import { KontenaError } from '../../model/index.js';
import type { Control } from '../../ports/index.js';
import { collect } from '../collect.js';
import { valueAt } from '../output/index.js';
import { removalOrder } from './family.js';
import type { StackFile } from './files.js';

interface Prune {
  readonly grid: string;
  /** Absolute. */
  readonly directory: string;
  readonly files: readonly StackFile[];
  readonly allowEmpty: boolean;
  readonly dryRun: boolean;
}

/** Removes the stacks that came from a directory and whose file is no longer there. Returns their names. @throws KontenaError KON_CONFLICT when nothing would be left */
export async function pruneStacks(control: Control, { grid, directory, files, allowEmpty, dryRun }: Prune): Promise<readonly string[]> {
  const root = `${directory}${sep}`;
  const kept = new Set(files.map(({ stack }) => stack.name));
  const stacks = await collect(control.resources.list({ grid, kind: 'stack' }));
  const gone = removalOrder(stacks.filter((stack) => {
    const origin = valueAt(stack, 'status.origin');
    return typeof origin === 'string' && origin.startsWith(root) && !kept.has(stack.name);
  }));
  if (files.length === 0 && gone.length > 0 && !allowEmpty) {
    throw new KontenaError('KON_CONFLICT', `${directory} is empty: --prune would remove ${gone.join(', ')}; confirm it with --allow-empty`);
  }
  if (!dryRun) for (const name of gone) await control.resources.remove(grid, 'stack', name);
  return gone;
}
