/** The container engine: dockerode lives here. */
import type { EngineNetworks, EngineVolumes, Inside, Runtime } from '../ports/index.js';
import { DockerInside } from './docker-inside.js';
import { DockerNetworks } from './docker-networks.js';
import { DockerRuntime } from './docker-runtime.js';
import { Engine } from './engine.js';
import { dataFolder } from './engine-info.js';
import type { Owner } from './labels.js';
import { DockerVolumes } from './volumes.js';

export { tcpDialer } from './dialer.js';
export { engineRegistry, type EngineRegistryOptions } from './engine-registry.js';

/**
 * A Docker Engine, of API 1.41 or newer, as the runtime of one node. Dials nothing until it is first asked.
 *
 * @param options.socket `unix:///var/run/docker.sock`
 */
export const dockerRuntime = ({ socket, ...owner }: Owner & { readonly socket: string }): Runtime => new DockerRuntime(new Engine(socket), owner);

/** Where an engine keeps its data: images, containers and their volumes; undefined until it has answered, which nobody waits for. */
export function dockerDataFolder(socket: string): () => string | undefined {
  const engine = new Engine(socket);
  let known: string | undefined;
  let asking: Promise<void> | undefined;
  return () => {
    if (known === undefined) asking ??= dataFolder(engine).then((folder) => void (known = folder), () => void (asking = undefined));
    return known;
  };
}

/** The networks of the same engine, of the same node. */
export const dockerNetworks = ({ socket, ...owner }: Owner & { readonly socket: string }): EngineNetworks => new DockerNetworks(new Engine(socket), owner);

/** The insides of the containers of the same engine, of the same node. */
export const dockerInside = ({ socket, ...owner }: Owner & { readonly socket: string }): Inside => new DockerInside(new Engine(socket), owner);

/** The volumes of the same engine, of the same node. */
export const dockerVolumes = ({ socket, ...owner }: Owner & { readonly socket: string }): EngineVolumes => new DockerVolumes(new Engine(socket), owner);
