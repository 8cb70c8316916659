import type { Fared, InstanceStatistics, StatisticsOfNode, StatisticsQuery } from '../../../ports/index.js';
import { heldTo, pointTo, usageTo } from '../../convert/statistics.js';
import type * as wire from '../../gen/kontena/v1/control.js';

export const statisticsQueryFrom = ({ name, since }: wire.StatisticsRequest): StatisticsQuery => ({ ...(name === '' ? {} : { name }), ...(since === '' ? {} : { since }) });

export async function* instanceStatisticsTo(items: AsyncIterable<InstanceStatistics>): AsyncGenerator<wire.InstanceStatistics> {
  for await (const { name, node, usage, ...fared } of items) yield { name, node, usage: usage && usageTo(usage), fared: faredTo(fared) };
}

export async function* statisticsOfNodeTo(items: AsyncIterable<StatisticsOfNode>): AsyncGenerator<wire.StatisticsOfNode> {
  for await (const { name, usage, ...fared } of items) yield { name, usage: usage && usageTo(usage), held: usage && heldTo(usage), fared: faredTo(fared) };
}

const faredTo = ({ at = '', ageMs = 0, silence = '', history }: Fared): wire.Fared => ({ at, ageMs, silence, everyMs: history?.everyMs ?? 0, points: (history?.points ?? []).map(pointTo) });
