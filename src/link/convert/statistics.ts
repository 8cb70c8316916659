import type { Instant, NodeHeld, NodeStatistics, NodeUsage, Rates, StatisticsSection, Traffic, Usage, UsagePoint } from '../../model/index.js';
import { KontenaError } from '../../model/index.js';
import type * as node from '../gen/kontena/v1/node.js';
import type * as wire from '../gen/kontena/v1/statistics.js';
import { NAME_CHARACTERS, STATISTICS_INSTANCES } from '../limits.js';
import { defined, orAbsent } from './plain.js';

/** What a node uses, as it goes up. */
export const nodeStatisticsTo = ({ node: own, instances }: NodeStatistics): node.NodeStatistics => ({
  node: usageTo(own), held: heldTo(own),
  instances: Object.entries(instances).map(([instance, usage]) => ({ instance, usage: usageTo(usage) })),
});

/** The same as the master takes it, cut to what agents of ours say. @throws KON_INVALID */
export const nodeStatisticsFrom = ({ node: own, held, instances }: node.NodeStatistics): NodeStatistics => ({
  node: nodeUsageFrom(own, held),
  instances: Object.fromEntries(instances.slice(0, STATISTICS_INSTANCES).map(({ instance, usage }) => [instance.slice(0, NAME_CHARACTERS), usageFrom(usage)])),
});

export const usageTo = ({ cpuSeconds, memoryBytes, memoryLimitBytes, network, disk, rates }: Usage): wire.Usage => ({ cpuSeconds, memoryBytes, memoryLimitBytes, network, disk, rates });

/** @throws KON_INVALID when there is none */
export function usageFrom(usage: wire.Usage | undefined): Usage {
  if (usage === undefined) throw new KontenaError('KON_INVALID', 'a node says that it tells what something uses, and does not');
  const { cpuSeconds, memoryBytes, memoryLimitBytes, network, disk, rates } = usage;
  return defined({
    cpuSeconds: amount(cpuSeconds), memoryBytes: amount(memoryBytes), memoryLimitBytes: amount(memoryLimitBytes),
    network: network && trafficFrom(network), disk: trafficFrom(disk), rates: rates && ratesFrom(rates),
  });
}

export const heldTo = ({ cpus, load, diskBytes, diskUsedBytes }: NodeHeld): wire.NodeHeld => ({ cpus, load: [...load], diskBytes, diskUsedBytes });

/** @throws KON_INVALID as {@link usageFrom} */
export function nodeUsageFrom(usage: wire.Usage | undefined, { cpus, load, diskBytes, diskUsedBytes }: wire.NodeHeld = { cpus: 0, load: [], diskBytes: 0, diskUsedBytes: 0 }): NodeUsage {
  const [one, five, fifteen] = load;
  return { ...usageFrom(usage), cpus: amount(cpus), load: [amount(one), amount(five), amount(fifteen)], diskBytes: amount(diskBytes), diskUsedBytes: amount(diskUsedBytes) };
}

export const pointTo = ({ at, ...point }: UsagePoint): wire.UsagePoint => ({ atMs: at, ...point });

export const pointFrom = ({ atMs, cpus, memoryBytes, network, disk }: wire.UsagePoint): UsagePoint => ({ at: atMs as Instant, cpus, memoryBytes, network: trafficFrom(network), disk: trafficFrom(disk) });

export const statisticsSectionTo = ({ statsd = '' }: StatisticsSection): node.StatisticsSection => ({ statsd });

export const statisticsSectionFrom = (section: node.StatisticsSection | undefined): StatisticsSection => defined({ statsd: orAbsent(section?.statsd ?? '') });

const ratesFrom = ({ cpus, network, disk }: wire.Rates): Rates => defined({ cpus: amount(cpus), network: network && trafficFrom(network), disk: trafficFrom(disk) });

const trafficFrom = (traffic: wire.Traffic | undefined): Traffic => ({ in: amount(traffic?.in), out: amount(traffic?.out) });

/** What can be used: a stranger may send anything that a double can be. */
const amount = (number = 0): number => (Number.isFinite(number) && number > 0 ? number : 0);
