import type Docker from 'dockerode';
import type { NetworkInspectInfo } from 'dockerode';
import { KontenaError } from '../model/index.js';
import type { EngineNetworks, EngineNetworkSpec } from '../ports/index.js';
import { type Engine, orUndefined, READ_TIMEOUT_MS, WRITE_TIMEOUT_MS } from './engine.js';
import { sentenceOf, statusOf } from './engine-errors.js';
import { type Owner, ownerLabels } from './labels.js';
import { networkOptions } from './network-options.js';

const NODE_LABEL = 'io.kontena.node';

/** The networks of a Docker Engine. A node's own is found by its labels, whatever it is called. */
export class DockerNetworks implements EngineNetworks {
  readonly #engine: Engine;
  readonly #owner: Owner;

  constructor(engine: Engine, owner: Owner) {
    this.#engine = engine;
    this.#owner = owner;
  }

  async ensureNetwork(spec: EngineNetworkSpec): Promise<string> {
    const found = await this.#find();
    if (found !== undefined && isAs(spec, found)) return found.Name;
    if (found !== undefined) await this.#remove(found);
    return this.#create(await this.#freeName(), spec);
  }

  async removeNetwork(): Promise<string | undefined> {
    const found = await this.#find();
    if (found !== undefined) await this.#remove(found);
    return found?.Name;
  }

  async #find(): Promise<NetworkInspectInfo | undefined> {
    const label = Object.entries(ownerLabels(this.#owner)).map(([name, value]) => `${name}=${value}`);
    const found = await this.#read('cannot list networks', (client) => client.listNetworks({ filters: { label } }));
    return found[0];
  }

  /** The grid's name, with the node's where another node of this engine has that already. */
  async #freeName(): Promise<string> {
    const { grid, node } = this.#owner;
    const plain = `kontena-${grid}`;
    const named = await this.#read('cannot list networks', (client) => client.listNetworks({ filters: { name: [plain] } }));
    const holder = named.find(({ Name }) => Name === plain);
    if (holder === undefined) return plain;
    if (holder.Labels?.[NODE_LABEL] !== undefined) return `${plain}-${node}`;
    throw new KontenaError('KON_NETWORK_NAME_TAKEN', `the engine has a network ${plain} that is not ours`);
  }

  async #create(name: string, spec: EngineNetworkSpec): Promise<string> {
    const what = `cannot make the network ${name}`;
    await this.#write(what, async (client, abortSignal) => {
      const { Version } = await client.version();
      const options = { ...networkOptions(spec, Version), Name: name, CheckDuplicate: true, Labels: ownerLabels(this.#owner) };
      await client.createNetwork({ ...options, abortSignal }).catch((error: unknown) => {
        throw refusal(error, name, spec) ?? error;
      });
    });
    return name;
  }

  async #remove({ Id, Name }: NetworkInspectInfo): Promise<void> {
    await this.#write(`cannot remove the network ${Name}`, async (client, abortSignal) => {
      await orUndefined([404], client.getNetwork(Id).remove({ abortSignal })).catch((error: unknown) => {
        if (statusOf(error) !== 403) throw error;
        throw new KontenaError('KON_NETWORK_IN_USE', `the network ${Name} is not as it should be by now, and containers are on it still`, { cause: error });
      });
    });
  }

  #read<T>(what: string, ask: (client: Docker, signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#engine.call({ what, timeoutMs: READ_TIMEOUT_MS }, ask);
  }

  #write<T>(what: string, ask: (client: Docker, signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#engine.call({ what, timeoutMs: WRITE_TIMEOUT_MS }, ask);
  }
}

/** Whether a network is where its containers would be right. Its MTU stays what it was made with: the tunnel's is what counts. */
function isAs({ subnet, gateway, bridge }: EngineNetworkSpec, { IPAM, Options }: NetworkInspectInfo): boolean {
  const [config] = IPAM?.Config ?? [];
  return config?.Subnet === subnet && config.Gateway === gateway && Options?.['com.docker.network.bridge.name'] === bridge;
}

/** What of the engine's refusals a person can mend. */
function refusal(error: unknown, name: string, { subnet, bridge }: EngineNetworkSpec): KontenaError | undefined {
  const sentence = sentenceOf(error);
  if (/overlaps/i.test(sentence)) return new KontenaError('KON_SUBNET_TAKEN', `the network ${name} cannot have ${subnet}: another network of the engine has some of these addresses`, { cause: error });
  if (/already exists|bridge name .* in use|conflict/i.test(sentence)) return new KontenaError('KON_NETWORK_NAME_TAKEN', `the network ${name} with the bridge ${bridge} cannot be made: ${sentence}`, { cause: error });
  return undefined;
}
