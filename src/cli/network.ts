import { tunnelState, tunnelTrouble, type TunnelStatus } from '../model/index.js';
import type { NetworkItem } from '../ports/index.js';
import { bytesText, type Column, renderTable } from './output/index.js';
import type { Run } from './run.js';

interface View {
  readonly node: string | undefined;
  readonly isProbed: boolean;
  readonly isJson: boolean;
}

/** Shows how the networks of nodes are. Returns the exit code: when they were probed, 1 for anything that is wrong. */
export async function showNetwork(run: Run, { node, isProbed, isJson }: View): Promise<number> {
  const { control, grid } = await run.master();
  const items: NetworkItem[] = [];
  for await (const item of control.network.status(grid, { isProbed, ...(node === undefined ? {} : { node }) }, new AbortController().signal)) items.push(item);
  const troubles = items.flatMap(troublesOf);
  if (isJson) await run.printJson({ kind: 'NetworkStatusList', grid, items });
  else {
    const pairs = items.flatMap((item) => (item.type === 'node' ? item.network.tunnels.map((tunnel) => ({ from: item.node, tunnel, mtuBytes: item.network.mtuBytes })) : []));
    if (pairs.length > 0) run.print(...renderTable(COLUMNS, pairs, run.host.out.columns));
    else run.print('There are no tunnels: a grid of one node needs none.');
    run.print(...dropsOf(items), ...servedOf(items));
    for (const { about, reason, remedy } of troubles) run.print('', `${run.colours.red(about)}: ${reason}`, `  ${remedy}`);
  }
  return isProbed && troubles.length > 0 ? 1 : 0;
}

interface Pair {
  readonly from: string;
  readonly tunnel: TunnelStatus;
  readonly mtuBytes: number | undefined;
}

const COLUMNS: readonly Column<Pair>[] = [
  { title: 'FROM', cell: ({ from }) => from, isKey: true },
  { title: 'TO', cell: ({ tunnel }) => tunnel.node, isKey: true },
  { title: 'STATE', cell: ({ tunnel }) => tunnelState(tunnel) },
  { title: 'HANDSHAKE', cell: ({ tunnel: { handshakeAgeMs } }) => (handshakeAgeMs === undefined ? 'never' : `${String(Math.round(handshakeAgeMs / 1000))}s ago`) },
  { title: 'LATENCY', cell: ({ tunnel: { probe } }) => (probe?.latencyMs === undefined ? '-' : probe.latencyMs < 1 ? '<1ms' : `${String(Math.round(probe.latencyMs))}ms`) },
  { title: 'LOSS', cell: ({ tunnel: { probe } }) => (probe === undefined ? '-' : `${String(Math.round((1 - probe.answered / Math.max(1, probe.sent)) * 100))}%`) },
  { title: 'MTU', cell: ({ mtuBytes }) => (mtuBytes === undefined ? '-' : String(mtuBytes)) },
  { title: 'PATH', cell: ({ tunnel: { endpoint } }) => endpoint ?? '-' },
  { title: 'RECEIVED', cell: ({ tunnel: { receivedBytes } }) => bytesText(receivedBytes) },
  { title: 'SENT', cell: ({ tunnel: { sentBytes } }) => bytesText(sentBytes) },
];

interface Trouble {
  readonly about: string;
  readonly reason: string;
  readonly remedy: string;
}

function troublesOf(item: NetworkItem): readonly Trouble[] {
  if (item.type === 'unreachable') return [{ about: item.node, reason: item.reason, remedy: `Look at it with \`kontenactl describe node ${item.node}\`; start its agent.` }];
  if (item.type === 'served') return [];
  const own = item.network.problems.map(({ what, reason, remedy }) => ({ about: `${item.node} ${what}`, reason, remedy }));
  return [...own, ...item.network.tunnels.flatMap((tunnel) => {
    const trouble = tunnelTrouble(item.node, tunnel);
    return trouble === undefined ? [] : [{ about: `${item.node} → ${tunnel.node}`, ...trouble }];
  })];
}

/** What was kept out, by node and reason. */
export function dropsOf(items: readonly NetworkItem[]): readonly string[] {
  return items.flatMap((item) => {
    const drops = item.type === 'node' ? Object.entries(item.network.drops).filter(([, count]) => count > 0) : [];
    return drops.length === 0 || item.type !== 'node' ? [] : [`${item.node} dropped ${drops.map(([reason, count]) => `${String(count)} packets (${reason})`).join(', ')}`];
  });
}

/** How soon changes of names are known on all nodes. */
function servedOf(items: readonly NetworkItem[]): readonly string[] {
  return items.flatMap((item) => {
    if (item.type !== 'served' || item.count === 0) return [];
    const bound = (ms: number | undefined): string => (ms === undefined ? 'more than 10 s' : `${String(ms)} ms`);
    return ['', `Of ${String(item.count)} changes of names, half were served within ${bound(item.medianMs)}, 99 of 100 within ${bound(item.p99Ms)}.`];
  });
}
