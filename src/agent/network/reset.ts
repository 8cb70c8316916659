import { KontenaError } from '../../model/index.js';
import type { EngineNetworks, MachineNetwork, MachineView, NetworkNames } from '../../ports/index.js';
import { type NetworkOwner, networkNames } from './names.js';

/** Who may not touch the network of a machine has made nothing of it. */
const MADE_NOTHING: ReadonlySet<string> = new Set(['KON_NETWORK_FORBIDDEN', 'KON_NETWORK_TOOL_MISSING']);

/** Takes away tunnel, routes and packet filter of a node. @returns what was there, in words */
export async function takeDown(machine: MachineNetwork, names: NetworkNames, { tunnel, detour, firewall }: MachineView): Promise<readonly string[]> {
  const isOurs = tunnel !== undefined && tunnel !== 'foreign';
  if (isOurs) await machine.removeTunnel(names.tunnel);
  await machine.setDetour(names, undefined);
  await machine.removeFirewall(names.table);
  return [
    ...(isOurs ? [`tunnel ${names.tunnel}`] : []),
    ...(detour === undefined ? [] : [`routing rules of table ${names.routingTable}`]),
    ...(firewall === undefined ? [] : [`packet filter ${names.table}`]),
  ];
}

/** Takes away all that a node's network is on its machine, but the engine's part of it; no agent of the node runs. @returns what was there, in words */
export async function resetMachine(machine: MachineNetwork, owner: NetworkOwner): Promise<readonly string[]> {
  const names = networkNames(owner);
  try {
    const view = await machine.look(names);
    const removed = await takeDown(machine, names, view);
    await machine.setForwards(names.table, []);
    return [...removed, ...((view.forwards ?? []).length === 0 ? [] : [`forwarding rules of ${names.table}`])];
  } catch (error) {
    const isThere = (await machine.hasInterface(names.tunnel)) || (await machine.hasInterface(names.bridge));
    if (!isThere && error instanceof KontenaError && MADE_NOTHING.has(error.code)) return [];
    throw error;
  }
}

/** Takes away the engine's network; the node's containers are gone before. @returns what was there, in words */
export async function resetEngine(engine: EngineNetworks): Promise<readonly string[]> {
  const name = await engine.removeNetwork();
  return name === undefined ? [] : [`engine network ${name}`];
}
