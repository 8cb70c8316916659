import type { ProxyView, SeenBackend, SeenServer } from '../ports/index.js';
import { instanceOfServer, serviceOfBackend } from './names.js';

/** What `show info` says its configuration is: we wrote that into it. */
export const shapeIn = (info: string): string => /^description: (.*)$/m.exec(info)?.[1]?.trim() ?? '';

/** How often the master has loaded a configuration since it started, from `show proc`. */
export const reloadsIn = (processes: string): number => Number(/^\d+\s+master\s+(\d+)/m.exec(processes)?.[1] ?? 0);

/** All backends and their servers, from `show stat -1 6 -1`. */
export function backendsIn(statistics: string): ProxyView['backends'] {
  const [head = '', ...rows] = statistics.trim().split('\n');
  const columns = head.replace(/^# /, '').split(',');
  const table = rows.map((row) => new Row(columns, cellsOf(row)));
  const backends: Record<string, SeenBackend> = {};
  for (const row of table.filter((one) => one.text('svname') === 'BACKEND' && one.text('pxname').includes('.'))) {
    const name = row.text('pxname');
    const servers = table.filter((one) => one.text('pxname') === name && one.text('svname') !== 'BACKEND');
    backends[serviceOfBackend(name)] = {
      requests: row.text('mode') === 'http' ? row.number('req_tot') : row.number('stot'),
      errors: row.text('mode') === 'http' ? row.number('hrsp_5xx') : row.number('econ') + row.number('eresp'),
      servers: Object.fromEntries(servers.map((one) => [instanceOfServer(one.text('svname')), serverOf(one)])),
    };
  }
  return backends;
}

/** What has commas in it stands in quotes. */
const cellsOf = (row: string): readonly string[] => [...row.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g)].map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain);

/** One line of statistics, by the names of its columns: newer versions have more of them. */
class Row {
  readonly #columns: readonly string[];
  readonly #cells: readonly string[];

  constructor(columns: readonly string[], cells: readonly string[]) {
    this.#columns = columns;
    this.#cells = cells;
  }

  text(column: string): string {
    return this.#cells[this.#columns.indexOf(column)] ?? '';
  }

  number(column: string): number {
    return Number(this.text(column));
  }
}

function serverOf(row: Row): SeenServer {
  const status = row.text('status');
  const isUp = status.startsWith('UP') || status === 'no check';
  const reason = isUp || status.startsWith('MAINT') ? '' : [row.text('check_desc'), row.text('last_chk')].filter((text) => text !== '').join(': ');
  return {
    address: row.text('addr'),
    isUp,
    isWithdrawn: status.startsWith('MAINT'),
    open: row.number('scur') + row.number('qcur'),
    ...(reason === '' ? {} : { reason }),
  };
}
