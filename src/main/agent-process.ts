import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createAgent, fileMemory } from '../agent/index.js';
import { systemClock } from '../clock.js';
import { joinCluster, openAgentLink, readMembership } from '../link/index.js';
import { KontenaError } from '../model/index.js';
import type { Log } from '../ports/index.js';
import { systemRandom } from '../random.js';
import { dockerRuntime } from '../runtime/index.js';
import { ASSIGNMENTS_FILE, PKI_DIRECTORY, prepareDirectory } from './data-directory.js';
import type { Program } from './run-program.js';
import { VERSION } from './version.js';

export interface AgentSettings {
  /** Holds the node's key, its certificate and its last assignments. */
  readonly data: string;
  /** HOST:PORT. */
  readonly master: string;
  /** Needed for the first start only. */
  readonly token: string | undefined;
  readonly name: string;
  readonly labels: readonly string[];
  /** `unix:///var/run/docker.sock`. */
  readonly docker: string;
  readonly log: Log;
}

/** Builds an agent from its parts and starts it; joins the cluster when this data directory has not yet. */
export async function startAgent(settings: AgentSettings): Promise<Program> {
  const { data, master, name, log } = settings;
  await prepareDirectory(data);
  const pkiDirectory = join(data, PKI_DIRECTORY);
  if ((await readdir(pkiDirectory).catch(() => [])).length === 0) await joinFirst(settings, pkiDirectory);

  const { cluster, grid, node } = await readMembership(pkiDirectory);
  if (node !== name) throw new KontenaError('KON_DATA_TAKEN', `the data directory ${data} belongs to node ${node}, not ${name}`);
  const runtime = dockerRuntime({ socket: settings.docker, cluster, grid, node });
  const shared = { clock: systemClock, random: systemRandom, log };
  const agent = createAgent({ ...shared, runtime, memory: fileMemory(join(data, ASSIGNMENTS_FILE)), node: { grid, name: node }, agentVersion: VERSION });
  await agent.prepare(); // so that what the link says first is what is there
  const link = openAgentLink({ ...shared, master, pkiDirectory, agent });
  await agent.start(link);
  return {
    close: async () => {
      await link.close();
      await agent.stop();
    },
  };
}

async function joinFirst({ token, master, name, labels }: AgentSettings, pkiDirectory: string): Promise<void> {
  if (token === undefined) throw new KontenaError('KON_TOKEN_INVALID', `node ${name} has not joined a cluster yet and was given no token`);
  await joinCluster({ master, token, name, labels, pkiDirectory, random: systemRandom });
}
