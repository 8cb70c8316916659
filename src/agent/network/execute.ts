import type { MachineNetwork, NetworkNames } from '../../ports/index.js';
import type { NetworkStep } from './plan.js';

type Executors = { readonly [D in NetworkStep['do']]: (step: Extract<NetworkStep, { readonly do: D }>) => Promise<void> };

/** Carries out steps on the machine. No decisions here: a new kind of step does not compile until it has its line. */
export function executor(machine: MachineNetwork, names: NetworkNames): (step: NetworkStep) => Promise<void> {
  const { bridge, tunnel, table } = names;
  const executors: Executors = {
    'create-tunnel': () => machine.createTunnel(tunnel),
    'configure-tunnel': ({ settings }) => machine.configureTunnel(tunnel, settings),
    'set-peers': ({ peers, gone }) => machine.setPeers(tunnel, peers, gone),
    'set-route': ({ route }) => machine.setRoute(names, route),
    'remove-route': ({ route }) => machine.removeRoute(names, route),
    'set-detour': ({ detour }) => machine.setDetour(names, detour),
    'filter-bridge': () => machine.filterBridge(bridge),
    'set-firewall': ({ firewall }) => machine.setFirewall(firewall),
    'set-forwards': ({ forwards }) => machine.setForwards(table, forwards),
  };
  return (step) => executors[step.do](step as never);
}
