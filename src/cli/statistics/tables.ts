import type { Traffic, Usage } from '../../model/index.js';
import type { InstanceStatistics, StatisticsOfNode } from '../../ports/index.js';
import { bytesText, type Column, lengthOf, renderTable } from '../output/index.js';
import type { Told } from './ask.js';

type Item = InstanceStatistics | StatisticsOfNode;

/** What is told, as a table with the columns that one knows from engines. */
export const tableOf = ({ kind, items }: Told, columns: number | undefined): readonly string[] => (kind === 'nodes' ? renderTable(NODE, items, columns) : renderTable(INSTANCE, items, columns));

const UNKNOWN = '-';

const of = <I extends Item>(title: string, cell: (usage: NonNullable<I['usage']>) => string | undefined): Column<I> => ({ title, cell: ({ usage }) => (usage === undefined ? UNKNOWN : (cell(usage) ?? UNKNOWN)) });

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;
const ofTwo = ({ in: first, out: second }: Traffic): string => `${bytesText(first)} / ${bytesText(second)}`;
const memoryShare = ({ memoryBytes, memoryLimitBytes }: Usage): string | undefined => (memoryLimitBytes === 0 ? undefined : percent(memoryBytes / memoryLimitBytes));
const memory = ({ memoryBytes, memoryLimitBytes }: Usage): string => `${bytesText(memoryBytes)} / ${bytesText(memoryLimitBytes)}`;
const network = (usage: Usage): string | undefined => usage.network && ofTwo(usage.network);
const disk = (usage: Usage): string => ofTwo(usage.disk);

/** Of one core: a program on two of them has 200 %. */
const cpu = ({ rates }: Usage): string | undefined => (rates === undefined ? undefined : percent(rates.cpus));

const INSTANCE: readonly Column<InstanceStatistics>[] = [
  { title: 'INSTANCE', cell: ({ name }) => name, isKey: true },
  of('CPU %', cpu), of('MEM USAGE/LIMIT', memory), of('MEM %', memoryShare), of('NET I/O', network), of('DISK I/O', disk),
  { title: 'NODE', cell: ({ node }) => node },
];

const NODE: readonly Column<StatisticsOfNode>[] = [
  { title: 'NODE', cell: ({ name }) => name, isKey: true },
  of('CPU %', cpu), of('CPUS', ({ cpus }) => String(cpus)), of('LOAD', ({ load }) => load.map((number) => number.toFixed(2)).join(' ')),
  of('MEM USAGE/TOTAL', memory), of('MEM %', memoryShare), of('NET I/O', network), of('DISK I/O', disk),
  of('DISK USED', ({ diskBytes, diskUsedBytes }) => (diskBytes === 0 ? undefined : `${bytesText(diskUsedBytes)} / ${bytesText(diskBytes)}`)),
];

/** What of the table may no longer be so, a line for each node. */
export function remarksOf({ kind, items }: Told): readonly string[] {
  const oldest = new Map<string, number | undefined>();
  for (const item of items) {
    if (item.silence === undefined) continue;
    const before = oldest.get(item.silence);
    oldest.set(item.silence, item.ageMs === undefined ? before : Math.max(before ?? 0, item.ageMs));
  }
  const remarks = [...oldest].map(([silence, ageMs]) => (ageMs === undefined ? `${silence}, and said nothing of this` : `${silence}: what is shown of it is ${lengthOf(ageMs)} old`));
  return items.length === 0 ? [`There are no ${kind}.`] : remarks;
}

/** By what things can be ordered, and what counts. */
export const BY = {
  cpu: ({ rates }: Usage) => rates?.cpus ?? 0,
  memory: ({ memoryBytes }: Usage) => memoryBytes,
  network: ({ rates }: Usage) => (rates?.network === undefined ? 0 : rates.network.in + rates.network.out),
  disk: ({ rates }: Usage) => (rates === undefined ? 0 : rates.disk.in + rates.disk.out),
} as const;

export type Order = keyof typeof BY;

/** Who uses most comes first. */
export function sorted<I extends Item>(items: readonly I[], by: Order): readonly I[] {
  const weight = ({ usage }: Item): number => (usage === undefined ? -1 : BY[by](usage));
  return [...items].sort((a, b) => weight(b) - weight(a));
}
