import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, fileMemory, fileTableMemory, machineAddress, networkNames, tunnelKeyFile } from '../agent/index.js';
import { answerServers } from '../answer-server/index.js';
import { systemClock } from '../clock.js';
import { haproxy } from '../haproxy/index.js';
import { AUTHORITIES_FILE, joinCluster, openAgentLink, readMembership } from '../link/index.js';
import { fileLogRings } from '../log-rings/index.js';
import { linuxNetwork, machineResolver } from '../machine-network/index.js';
import { linuxCounts, udpDatagrams } from '../machine-statistics/index.js';
import { KontenaError, messageOf, type Millis } from '../model/index.js';
import { dnsServers } from '../name-server/index.js';
import type { EngineRegistry, Log, MachineResolver, NetworkNames } from '../ports/index.js';
import { systemRandom } from '../random.js';
import { dockerDataFolder, dockerInside, dockerNetworks, dockerRuntime, dockerVolumes, engineRegistry, type EngineRegistryOptions, tcpDialer } from '../runtime/index.js';
import { ASSIGNMENTS_FILE, BALANCERS_DIRECTORY, lockForAgent, LOGS_DIRECTORY, PKI_DIRECTORY, prepareDirectory, tidyDirectory, TUNNEL_KEY_FILE } from './data-directory.js';
import { PlatformLog } from './platform-log.js';
import type { Program } from './run-program.js';
import { VERSION } from './version.js';

/** UDP, of WireGuard by custom. */
const TUNNEL_PORT = 51_820;
const KEY_MAX_AGE_MS: Millis = 30 * 86_400_000;

/** Of the log of each slot. */
const LOG_BYTES = 50 * 1024 * 1024;

/** Where certificate authorities ask (RFC 8555, section 8.3). */
const ANSWER_PORT = 80;

export interface AgentSettings {
  /** Holds the node's key, its certificate and its last assignments. */
  readonly data: string;
  /** HOST:PORT. */
  readonly master: string;
  /** Needed for the first start, and to join anew. */
  readonly token: string | undefined;
  readonly name: string;
  readonly labels: readonly string[];
  /** `unix:///var/run/docker.sock`. */
  readonly docker: string;
  /** UDP; the next that is free where it is taken. Of WireGuard by custom when absent. */
  readonly tunnelPort?: number;
  /** The key of the tunnels is changed before it is older; 30 days when absent. */
  readonly tunnelKeyMaxAgeMs?: Millis;
  /** Where the engine looks for authorities of registries to trust. */
  readonly registryCertificates?: string;
  /** The machine's names. */
  readonly hostsFile?: string;
  /** Of each slot so much of its log is kept; 50 MiB when absent. */
  readonly logBytes?: number;
  /** Programs of this machine are to know the names of the grid, too. */
  readonly resolve?: boolean;
  /** Where `/metrics` is told; nowhere when absent. */
  readonly metrics?: { readonly host: string; readonly port: number };
  readonly log: Log;
}

/** Builds an agent from its parts and starts it; joins the cluster when this data directory has not yet, or is given a new token. */
export async function startAgent(settings: AgentSettings): Promise<Program> {
  await prepareDirectory(settings.data, settings.log);
  const unlock = await lockForAgent(settings.data);
  try {
    await tidyDirectory(settings.data);
    const program = await start(settings);
    return {
      close: async () => {
        await program.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function start(settings: AgentSettings): Promise<Program> {
  const { data, master } = settings;
  const pkiDirectory = join(data, PKI_DIRECTORY);
  if ((await readdir(pkiDirectory).catch(() => [])).length === 0) await joinByToken(settings, pkiDirectory);
  else await joinAgain(settings, pkiDirectory);

  const { cluster, grid, node } = await readMembership(pkiDirectory);
  requireName(settings, node);
  const engine = { socket: settings.docker, cluster, grid, node };
  const runtime = dockerRuntime(engine);
  const rings = fileLogRings(join(data, LOGS_DIRECTORY));
  const log = await PlatformLog.open(rings, `node/${node}`, settings.log);
  const shared = { clock: systemClock, random: systemRandom, log };
  const machine = await machineNames(settings, networkNames({ cluster, grid, node }));
  const agent = new Agent({
    ...shared, runtime, inside: dockerInside(engine), volumes: dockerVolumes(engine), dialer: tcpDialer, node: { grid, name: node }, agentVersion: VERSION,
    memory: fileMemory(join(data, ASSIGNMENTS_FILE)), tableMemory: fileTableMemory((table) => join(data, `${table}.json`)),
    makeNameServer: dnsServers({ clock: systemClock, log, ...(machine === undefined ? {} : { machine }) }), makeAnswerServer: answerServers({ clock: systemClock, port: ANSWER_PORT }), counts: linuxCounts({ dataFolder: dockerDataFolder(settings.docker) }), datagrams: udpDatagrams(), proxy: haproxy({ directory: join(data, BALANCERS_DIRECTORY), runtime }),
    registry: registryOf(settings, { cluster, grid, node }),
    logs: { rings, own: log, maxBytes: settings.logBytes ?? LOG_BYTES },
    network: {
      machine: linuxNetwork(), engine: dockerNetworks(engine), keys: tunnelKeyFile(join(data, TUNNEL_KEY_FILE)),
      owner: { cluster, grid, node }, port: settings.tunnelPort ?? TUNNEL_PORT, keyMaxAgeMs: settings.tunnelKeyMaxAgeMs ?? KEY_MAX_AGE_MS, master,
    },
  });
  await agent.prepare(); // so that what the link says first is what is there
  const link = openAgentLink({ ...shared, master, pkiDirectory, agent });
  agent.reportTo(link);
  const { signal } = new AbortController();
  const metrics = settings.metrics && await import('../metrics/index.js'); // most agents tell none
  const served = settings.metrics && await metrics?.serveMetrics({ ...settings.metrics, metrics: metrics.agentMetrics({
    node: { grid, name: node }, version: VERSION, statistics: () => agent.statistics(), instances: () => agent.snapshot(), drops: async () => (await agent.answer<'network'>({ kind: 'network', isProbed: false }, signal)).drops,
  }) });
  return {
    close: async () => {
      await served?.close();
      await link.close();
      await agent.stop();
      await log.close();
    },
  };
}

/** What the engine of a node knows of the grid's registry. */
export const registryOf = ({ data, registryCertificates = '/etc/docker/certs.d', hostsFile = '/etc/hosts' }: Pick<AgentSettings, 'data' | 'registryCertificates' | 'hostsFile'>, owner: EngineRegistryOptions['owner']): EngineRegistry =>
  engineRegistry({ owner, certificates: registryCertificates, hosts: hostsFile, authorities: () => readFile(join(data, PKI_DIRECTORY, AUTHORITIES_FILE), 'utf8') });

/** Where and how programs of this machine are to ask for names; undefined where they are not to, and what an agent before this one said of that is gone. */
async function machineNames({ resolve = false, log }: AgentSettings, names: NetworkNames): Promise<{ readonly address: string; readonly resolver: MachineResolver } | undefined> {
  const resolver = machineResolver(names.tunnel);
  if (resolve) return { address: machineAddress(names), resolver };
  await resolver.leave().catch((error: unknown) => log.warn('this machine still asks for names where nobody answers', { reason: messageOf(error) }));
  return undefined;
}

function requireName({ data, name }: AgentSettings, node: string): void {
  if (node !== name) throw new KontenaError('KON_DATA_TAKEN', `the data directory ${data} belongs to node ${node}, not ${name}`);
}

async function joinByToken({ token, master, name, labels }: AgentSettings, pkiDirectory: string): Promise<void> {
  if (token === undefined) throw new KontenaError('KON_TOKEN_INVALID', `node ${name} has not joined a cluster yet and was given no token`);
  await joinCluster({ master, token, name, labels, pkiDirectory });
}

/**
 * A node that was removed, or whose master was made anew, joins again with another token than the one it joined with.
 * When that token opens nothing it stays what it was: a token forgotten in a unit file must not stop a node.
 */
async function joinAgain(settings: AgentSettings, pkiDirectory: string): Promise<void> {
  const { data, token, log } = settings;
  const before = await readMembership(pkiDirectory);
  requireName(settings, before.node);
  if (token === undefined || token.split('.')[0] === before.token) return;
  try {
    await joinByToken(settings, pkiDirectory);
  } catch (error) {
    if (!(error instanceof KontenaError)) throw error;
    log.warn('this node did not join anew; it goes on as before', { reason: error.message, remedy: error.remedy });
    return;
  }
  // what the node was assigned before, the master it joined knows better, or knows nothing of
  await rm(join(data, ASSIGNMENTS_FILE), { force: true });
}
