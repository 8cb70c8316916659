import type { Firewall, FirewallPolicy, SeenFirewall } from '../ports/index.js';

/** Packets from a source that cannot be where they came from. */
const SPOOFED = 'spoofed';
/** Packets between the grid and what is no part of it. */
const FOREIGN = 'foreign';
/** The rule that bears the version. */
const VERSION = /^version (\w+)$/;

const CHAINS: Readonly<Record<string, string>> = {
  guard: 'type filter hook prerouting priority raw; policy accept;',
  admit: 'type filter hook forward priority filter; policy accept;',
  leave: 'type nat hook postrouting priority srcnat; policy accept;',
};

/**
 * The whole table as commands of `nft -f`, which carries out all of them or none. Counters are added, never flushed, so that
 * they go on counting; what stays of stacks that are gone is removed.
 *
 * @param left names of counters and sets that are there
 */
export function firewallCommands(firewall: Firewall, left: readonly TableObject[]): string {
  const table = `ip ${firewall.names.table}`;
  const sets = firewall.policies.flatMap(policySets);
  const counters = [SPOOFED, FOREIGN, ...firewall.policies.map(({ stack }) => deniedCounter(stack))];
  const kept = new Set([...counters, ...sets.map(({ name }) => name)]);
  return [
    `add table ${table}`,
    ...Object.entries(CHAINS).flatMap(([name, type]) => [`add chain ${table} ${name} { ${type} }`, `flush chain ${table} ${name}`]),
    ...left.filter(({ name }) => !kept.has(name)).map(({ type, name }) => `delete ${type} ${table} ${name}`),
    ...counters.map((name) => `add counter ${table} ${name}`),
    ...sets.flatMap(({ name, elements }) => [
      `add set ${table} ${name} { type ipv4_addr; }`,
      `flush set ${table} ${name}`,
      ...(elements.length === 0 ? [] : [`add element ${table} ${name} { ${elements.join(', ')} }`]),
    ]),
    ...[...guardRules(firewall), ...admitRules(firewall), ...leaveRules(firewall)].map((rule) => `add rule ${table} ${rule}`),
    '',
  ].join('\n');
}

/**
 * Before anything is routed or translated: the grid's addresses come from our bridges and tunnels only, and reach no one else.
 * So an outsider cannot enter by sending to a container's address, and one grid cannot reach another on the same machine.
 */
function guardRules({ names: { bridge, tunnel }, version, subnet, lease, neighbours }: Firewall): readonly string[] {
  return [
    `guard iifname "lo" accept comment "version ${version}"`,
    `guard iifname "${tunnel}" ip saddr != ${subnet} counter name ${SPOOFED} drop`,
    `guard iifname "${tunnel}" ip saddr ${lease} counter name ${SPOOFED} drop`,
    `guard iifname "${tunnel}" ip daddr != ${lease} counter name ${FOREIGN} drop`,
    `guard iifname "${bridge}" ip saddr != ${lease} counter name ${SPOOFED} drop`,
    `guard iifname { ${[bridge, tunnel, ...neighbours].map((name) => `"${name}"`).join(', ')} } accept`,
    `guard ip saddr ${subnet} counter name ${SPOOFED} drop`,
    `guard ip daddr ${subnet} counter name ${FOREIGN} drop`,
  ];
}

/** Who opens a connection is looked at once: what belongs to one that was let through passes. Nothing is looked at where nothing is refused. */
const admitRules = ({ subnet, policies }: Firewall): readonly string[] => [
  ...(policies.length === 0 ? [] : ['admit ct state established,related accept']),
  ...policies.map(({ stack }) => `admit ip daddr @to-${stack} ip saddr ${subnet} ip saddr != @from-${stack} counter name ${deniedCounter(stack)} drop`),
];

/** Inside the grid every instance is seen under its own address; outside, under its node's. */
const leaveRules = ({ names: { bridge }, subnet, lease }: Firewall): readonly string[] => [`leave ip saddr ${lease} ip daddr != ${subnet} oifname != "${bridge}" masquerade`];

const deniedCounter = (stack: string): string => `denied-${stack}`;

const policySets = ({ stack, members, from }: FirewallPolicy): readonly { readonly name: string; readonly elements: readonly string[] }[] => [
  { name: `to-${stack}`, elements: members },
  { name: `from-${stack}`, elements: from },
];

export interface TableObject {
  readonly type: 'counter' | 'set';
  readonly name: string;
}

/** One thing in the output of `nft -j list table`. */
interface Listed {
  readonly counter?: { readonly name: string; readonly packets: number };
  readonly set?: { readonly name: string };
  readonly rule?: { readonly chain: string; readonly comment?: string };
}

const listed = (json: string): readonly Listed[] => (JSON.parse(json) as { readonly nftables: readonly Listed[] }).nftables;

/** What `nft -j list table` says of our table. A table without its version is none of ours to trust: it is made anew. */
export function seenFirewall(json: string): SeenFirewall {
  const all = listed(json);
  const version = all.map(({ rule }) => VERSION.exec(rule?.comment ?? '')?.[1]).find((found) => found !== undefined);
  return { version: version ?? '', drops: Object.fromEntries(all.flatMap(({ counter }) => (counter === undefined ? [] : [[counter.name, counter.packets]]))) };
}

/** The counters and named sets of a listed table. */
export const tableObjects = (json: string): readonly TableObject[] =>
  listed(json).flatMap(({ counter, set }): readonly TableObject[] => [
    ...(counter === undefined ? [] : [{ type: 'counter' as const, name: counter.name }]),
    ...(set === undefined ? [] : [{ type: 'set' as const, name: set.name }]),
  ]);
