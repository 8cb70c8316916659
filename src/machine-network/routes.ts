import type { Detour, NetworkNames, Route } from '../ports/index.js';
import { programFailure } from './failures.js';
import type { Programs } from './programs.js';
import { detour, PRIORITIES, routes, rulePriorities } from './seen.js';

/** The routes of a table, which is there when it has one. */
export async function seenRoutes(programs: Programs, table: number): Promise<readonly Route[]> {
  const ended = await programs.run('ip', ['-j', '-4', 'route', 'show', 'table', String(table)]);
  if (ended.code === 0) return ended.out.trim() === '' ? [] : routes(ended.out);
  if (/does not exist/i.test(ended.err)) return [];
  throw programFailure('ip route show', ended.err);
}

export async function setRoute(programs: Programs, { routingTable }: NetworkNames, { to, device, source }: Route): Promise<void> {
  await programs.must('ip', ['route', 'replace', to, 'dev', device, ...(source === undefined ? [] : ['src', source]), 'table', String(routingTable)]);
}

export async function removeRoute(programs: Programs, { routingTable }: NetworkNames, { to, device }: Route): Promise<void> {
  const ended = await programs.run('ip', ['route', 'delete', to, 'dev', device, 'table', String(routingTable)]);
  if (ended.code !== 0 && !/no such process|does not exist/i.test(ended.err)) throw programFailure(`ip route delete ${to}`, ended.err);
}

/**
 * What containers of the node send to the grid goes by its own table, so that of several nodes on one machine each uses its
 * own tunnels; after those, what the machine itself sends. What the table does not know goes on to the machine's.
 */
export async function setDetour(programs: Programs, { routingTable }: NetworkNames, wanted: Detour | undefined): Promise<void> {
  const listing = await programs.must('ip', ['-j', '-4', 'rule', 'show']);
  const seen = detour(listing, routingTable);
  if (wanted !== undefined && seen?.lease === wanted.lease && seen.subnet === wanted.subnet) return;
  const table = ['lookup', String(routingTable)];
  for (const priority of rulePriorities(listing, routingTable)) await programs.must('ip', ['rule', 'delete', 'priority', String(priority), ...table]);
  if (wanted === undefined) return;
  await programs.must('ip', ['rule', 'add', 'from', wanted.lease, 'to', wanted.subnet, 'priority', String(PRIORITIES.containers), ...table]);
  await programs.must('ip', ['rule', 'add', 'to', wanted.subnet, 'priority', String(PRIORITIES.machine), ...table]);
}
