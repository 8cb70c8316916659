import type { Refusal } from '../../src/model/index.js';
import type { Candidate } from './candidate.js';
import type { Demand } from './demand.js';
import { FILTERS, refusedBy } from './filters.js';

/** As many examples as fit on a line. */
const EXAMPLES = 3;

/** How many nodes each filter refuses, the first that does so being the one that counts, with up to three of them in words. */
export function refusals(demand: Demand, nodes: readonly Candidate[]): readonly Refusal[] {
  const found = new Map<string, { count: number; readonly examples: string[] }>();
  for (const candidate of nodes) {
    const filter = refusedBy(demand, candidate);
    if (filter === undefined) continue;
    let entry = found.get(filter.name);
    if (entry === undefined) found.set(filter.name, (entry = { count: 0, examples: [] }));
    entry.count += 1;
    if (entry.examples.length < EXAMPLES) entry.examples.push(`${candidate.name} ${filter.refusal(demand, candidate) ?? ''}`);
  }
  return FILTERS.flatMap(({ name }) => {
    const entry = found.get(name);
    return entry === undefined ? [] : [{ filter: name, ...entry }];
  });
}

/** One sentence about all nodes, e.g. `no node fits: 2 of 3 have its port in use (n1 has port 80/tcp in use), 1 of 3 are drained (n3 is drained)`. */
export function reasonOf(all: readonly Refusal[], nodes: number): string {
  if (nodes === 0) return 'no node fits: the grid has no nodes';
  const only = nodes === 1 ? all[0]?.examples[0] : undefined;
  if (only !== undefined) return `no node fits: ${only}`;
  const parts = all.map(({ filter, count, examples }) => {
    const summary = FILTERS.find(({ name }) => name === filter)?.summary ?? '';
    return `${count} of ${nodes} ${summary}${examples[0] === undefined ? '' : ` (${examples[0]})`}`;
  });
  return `no node fits: ${parts.join(', ')}`;
}
