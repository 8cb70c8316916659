import type { InstanceStatistics, StatisticsOfNode } from '../../ports/index.js';
import { collect } from '../collect.js';
import { parseTarget, plainName } from '../names.js';
import type { OpenGrid } from '../run.js';

/** What is asked about. */
export interface Asked {
  readonly kind: 'instances' | 'nodes';
  /** All when absent. */
  readonly name?: string;
}

export type Told =
  | { readonly kind: 'instances'; readonly items: readonly InstanceStatistics[] }
  | { readonly kind: 'nodes'; readonly items: readonly StatisticsOfNode[] };

/** `nodes`, `node/n1`; `todo`, `stack/todo`, `todo/web.1`, … @throws UsageError */
export function askedFor(word: string | undefined): Asked {
  if (word === undefined || word === 'instances') return { kind: 'instances' };
  if (word === 'nodes') return { kind: 'nodes' };
  if (/^(node|nodes|no)\//.test(word)) return { kind: 'nodes', name: parseTarget(word, undefined).name };
  return { kind: 'instances', name: plainName('instance', plainName('service', word.replace(/^stack\/(?=[^/]+$)/, ''))) };
}

/** @param since ISO 8601: how they fared, too @throws KontenaError KON_NOT_FOUND */
export async function askStatistics({ control, grid }: OpenGrid, { kind, name }: Asked, since: string | undefined): Promise<Told> {
  const query = { ...(name === undefined ? {} : { name }), ...(since === undefined ? {} : { since }) };
  const { signal } = new AbortController();
  return kind === 'nodes' ? { kind, items: await collect(control.nodes.statistics(grid, query, signal)) } : { kind, items: await collect(control.instances.statistics(grid, query, signal)) };
}
