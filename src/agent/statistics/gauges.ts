import { type NodeStatistics, parseInstance, type Traffic, type Usage } from '../../model/index.js';

/**
 * What statsd is told, as gauges: `GRID.NODE.…` of the node, `GRID.services.STACK.SERVICE.SLOT.…` of what runs there,
 * so that a slot goes on under its name whatever round it is in.
 */
export function gaugesOf({ grid, name }: { readonly grid: string; readonly name: string }, { node, instances }: NodeStatistics): readonly string[] {
  const own = {
    ...common(node), 'cpu.count': node.cpus, 'load.1m': node.load[0], 'load.5m': node.load[1], 'load.15m': node.load[2],
    'filesystem.total': node.diskBytes, 'filesystem.used': node.diskUsedBytes,
  };
  return [
    ...lines(`${word(grid)}.${word(name)}`, own),
    ...Object.entries(instances).flatMap(([instance, usage]) => {
      const id = parseInstance(instance);
      return id === undefined ? [] : lines([grid, 'services', ...id.service.split('/'), String(id.slot)].map(word).join('.'), common(usage));
    }),
  ];
}

type Values = Readonly<Record<string, number | undefined>>;

const common = ({ rates, network, memoryBytes, memoryLimitBytes, disk }: Usage): Values => ({
  'cpu.percent': rates === undefined ? undefined : rates.cpus * 100,
  'memory.used': memoryBytes,
  'memory.limit': memoryLimitBytes,
  ...traffic('network', network, ['rx_bytes', 'tx_bytes']),
  ...traffic('disk', disk, ['read_bytes', 'written_bytes']),
});

const traffic = (what: string, bytes: Traffic | undefined, [received, sent]: readonly [string, string]): Values =>
  bytes === undefined ? {} : { [`${what}.${received}`]: bytes.in, [`${what}.${sent}`]: bytes.out };

const lines = (prefix: string, values: Values): readonly string[] =>
  Object.entries(values).flatMap(([what, value]) => (value === undefined ? [] : [`${prefix}.${what}:${String(Math.round(value * 1000) / 1000)}|g`]));

/** Dots separate, and so they do not stand in a word. */
const word = (text: string): string => text.replaceAll(/[^A-Za-z0-9_-]/g, '_');
