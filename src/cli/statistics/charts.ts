import type { UsagePoint } from '../../model/index.js';
import type { InstanceStatistics, StatisticsOfNode } from '../../ports/index.js';
import { bytesText, condensed, lengthOf, sparkline } from '../output/index.js';
import type { Told } from './ask.js';

const WIDEST = 120;
/** What stands beside a line of blocks. */
const MARGIN = 45;

interface Line {
  readonly title: string;
  readonly value: (point: UsagePoint) => number;
  readonly text: (value: number) => string;
}

const perSecond = (bytes: number): string => `${bytesText(bytes)}/s`;

const LINES: readonly Line[] = [
  { title: 'CPU', value: ({ cpus }) => cpus, text: (cpus) => `${(cpus * 100).toFixed(1)}%` },
  { title: 'MEMORY', value: ({ memoryBytes }) => memoryBytes, text: bytesText },
  { title: 'NETWORK', value: ({ network }) => network.in + network.out, text: perSecond },
  { title: 'DISK', value: ({ disk }) => disk.in + disk.out, text: perSecond },
];

/** How each thing fared, four small charts for each; where nothing was said there is a gap. */
export const chartsOf = ({ items }: Told, fromMs: number, nowMs: number, columns = WIDEST): readonly string[] =>
  items.flatMap((item, index) => [...(index === 0 ? [] : ['']), ...charts(item, { fromMs, nowMs, room: Math.max(10, Math.min(WIDEST, columns) - MARGIN) })]);

interface Frame {
  readonly fromMs: number;
  readonly nowMs: number;
  readonly room: number;
}

function charts({ name, history }: InstanceStatistics | StatisticsOfNode, { fromMs, nowMs, room }: Frame): readonly string[] {
  if (history === undefined || history.points.length === 0) return [`${name}: nothing was said of it in that time`];
  const { everyMs, points } = history;
  const byStretch = new Map(points.map((point) => [Math.floor(point.at / everyMs), point]));
  const [first, last] = [Math.max(Math.floor(fromMs / everyMs), Math.floor(nowMs / everyMs) - MOST_POINTS), Math.floor(nowMs / everyMs)];
  const stretches = Array.from({ length: last - first + 1 }, (_none, index) => byStretch.get(first + index));
  return [
    `${name}: the last ${lengthOf(nowMs - fromMs)} by ${lengthOf(everyMs)}`,
    ...LINES.map(({ title, value, text }) => {
      const all = points.map(value);
      const most = Math.max(...all);
      const values = condensed(stretches.map((point) => point && value(point)), room);
      return `  ${title.padEnd(8)} ${sparkline(values, most)}  now ${text(all.at(-1) ?? 0)}, at most ${text(most)}`;
    }),
  ];
}

/** A day by ten minutes is the longest there is. */
const MOST_POINTS = 150;
