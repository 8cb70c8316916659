import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { resetNetwork } from '../agent/index.js';
import { readMembership } from '../link/index.js';
import { linuxNetwork } from '../machine-network/index.js';
import { KontenaError } from '../model/index.js';
import { dockerNetworks, dockerRuntime } from '../runtime/index.js';
import { lockForAgent, PKI_DIRECTORY } from './data-directory.js';

export interface ResetSettings {
  /** Says which node of which cluster this machine is; stays as it is. */
  readonly data: string;
  /** `unix:///var/run/docker.sock`. */
  readonly docker: string;
}

/** What was taken away. */
export interface Reset {
  readonly node: string;
  readonly grid: string;
  readonly containers: number;
}

/**
 * Removes this node's containers and all that its network is on this machine. Its agent must not run.
 *
 * @throws KontenaError KON_FILE_UNREADABLE where no node is, KON_DATA_TAKEN while its agent runs, KON_ENGINE_UNREACHABLE, KON_NETWORK_FORBIDDEN
 */
export async function resetAgent({ data, docker }: ResetSettings): Promise<Reset> {
  const pki = join(data, PKI_DIRECTORY);
  await access(pki).catch((cause: unknown) => {
    throw new KontenaError('KON_FILE_UNREADABLE', `${data} is not the data directory of a node that has joined`, { cause });
  });
  const unlock = await lockForAgent(data);
  try {
    const { cluster, grid, node } = await readMembership(pki);
    const owner = { cluster, grid, node };
    const runtime = dockerRuntime({ socket: docker, ...owner });
    const containers = await runtime.list();
    for (const { instance } of containers) {
      await runtime.stop(instance);
      await runtime.remove(instance);
    }
    await resetNetwork({ machine: linuxNetwork(), engine: dockerNetworks({ socket: docker, ...owner }), owner });
    return { node, grid, containers: containers.length };
  } finally {
    await unlock();
  }
}
