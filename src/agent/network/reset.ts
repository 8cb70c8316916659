import type { EngineNetworks, MachineNetwork } from '../../ports/index.js';
import { type NetworkOwner, networkNames } from './names.js';

/** Takes away all that a node's network is on its machine: tunnel, routes, packet filter, and the engine's bridge. Its containers are gone before; what is gone is left so. */
export async function resetNetwork({ machine, engine, owner }: { readonly machine: MachineNetwork; readonly engine: EngineNetworks; readonly owner: NetworkOwner }): Promise<void> {
  const names = networkNames(owner);
  const view = await machine.look(names);
  if (view.tunnel !== undefined && view.tunnel !== 'foreign') await machine.removeTunnel(names.tunnel);
  if (view.detour !== undefined) await machine.setDetour(names, undefined);
  await machine.removeFirewall(names.table);
  await machine.setForwards(names.table, []);
  await engine.removeNetwork();
}
