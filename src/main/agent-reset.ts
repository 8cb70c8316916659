import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { networkNames, type Reset, resetNode } from '../agent/index.js';
import { readMembership } from '../link/index.js';
import { linuxNetwork, machineResolver } from '../machine-network/index.js';
import { KontenaError } from '../model/index.js';
import { dockerNetworks, dockerRuntime } from '../runtime/index.js';
import { type AgentSettings, registryOf } from './agent-process.js';
import { lockForAgent, PKI_DIRECTORY } from './data-directory.js';

export type ResetSettings = Pick<AgentSettings, 'data' | 'docker' | 'registryCertificates' | 'hostsFile'>;

/**
 * Takes the node of a data directory off this machine; the directory stays.
 *
 * @throws KontenaError KON_FILE_UNREADABLE when there is no such directory or it belongs to no node, KON_DATA_TAKEN while its agent runs
 */
export async function resetAgent({ data, docker, ...files }: ResetSettings): Promise<Reset & { readonly node: string }> {
  if ((await stat(data).catch(() => undefined))?.isDirectory() !== true) throw new KontenaError('KON_FILE_UNREADABLE', `there is no data directory ${data}`);
  const unlock = await lockForAgent(data);
  try {
    const owner = await readMembership(join(data, PKI_DIRECTORY));
    const { cluster, grid, node } = owner;
    const shared = { socket: docker, cluster, grid, node };
    return {
      node,
      ...(await resetNode({
        runtime: dockerRuntime(shared), engine: dockerNetworks(shared), machine: linuxNetwork(), resolver: machineResolver(networkNames({ cluster, grid, node }).tunnel),
        registry: registryOf({ data, ...files }, { cluster, grid, node }), owner: { cluster, grid, node },
      })),
    };
  } finally {
    await unlock();
  }
}
