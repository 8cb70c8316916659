import type { EngineNetworks, EngineNetworkSpec, KeptKey, TunnelKeys } from '../ports/index.js';
import { FakeMachineNetwork } from './fake-machine-network.js';

/** An engine's networks in memory; a network that is made is a bridge of the machine. */
class FakeEngineNetworks implements EngineNetworks {
  readonly #machine: FakeMachineNetwork;
  /** What every call throws. */
  fails: Error | undefined;
  made: EngineNetworkSpec | undefined;

  constructor(machine: FakeMachineNetwork) {
    this.#machine = machine;
  }

  async ensureNetwork(spec: EngineNetworkSpec): Promise<string> {
    if (this.fails !== undefined) throw this.fails;
    await this.removeNetwork();
    this.made = spec;
    const [, prefix = ''] = spec.subnet.split('/');
    this.#machine.links = [...this.#machine.links, { name: spec.bridge, addresses: [`${spec.gateway}/${prefix}`], mtuBytes: spec.mtuBytes, isUp: true }];
    this.#machine.routes = [...this.#machine.routes, { to: spec.subnet, device: spec.bridge, source: spec.gateway }];
    return 'kontena-g';
  }

  async removeNetwork(): Promise<string | undefined> {
    if (this.fails !== undefined) throw this.fails;
    const bridge = this.made?.bridge;
    this.made = undefined;
    this.#machine.links = this.#machine.links.filter(({ name }) => name !== bridge);
    this.#machine.routes = this.#machine.routes.filter(({ device }) => device !== bridge);
    return bridge === undefined ? undefined : 'kontena-g';
  }
}

/** A machine with its network, and the key on its disk: what outlives an agent. */
export class FakeNetwork {
  readonly machine = new FakeMachineNetwork();
  readonly engine = new FakeEngineNetworks(this.machine);
  kept: KeptKey | undefined;
  readonly keys: { -readonly [K in keyof TunnelKeys]: TunnelKeys[K] } = {
    load: () => Promise.resolve(this.kept),
    save: (key) => Promise.resolve(void (this.kept = key)),
  };

  /** What an agent's network is made of. */
  parts(grid: string, node: string) {
    const { machine, engine, keys } = this;
    machine.links = machine.links.some(({ name }) => name === 'eth0') ? machine.links : [...machine.links, { name: 'eth0', addresses: ['192.0.2.1/24'], mtuBytes: 1500, isUp: true }];
    return { machine, engine, keys, owner: { cluster: 'c', grid, node }, port: 51_820, keyMaxAgeMs: 30 * 86_400_000, master: '192.0.2.9:9292' };
  }
}
