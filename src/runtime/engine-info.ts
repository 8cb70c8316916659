import { networkInterfaces } from 'node:os';
import type { DockerVersion } from 'dockerode';
import type { EngineInfo } from '../ports/index.js';
import { type Engine, READ_TIMEOUT_MS } from './engine.js';

/** What of the engine's `/info` is read; dockerode leaves it untyped. */
export interface SystemInfo {
  readonly OperatingSystem?: string;
  readonly NCPU?: number;
  readonly MemTotal?: number;
  readonly Plugins?: { readonly Volume?: readonly string[] | null; readonly Network?: readonly string[] | null };
  readonly Labels?: readonly string[] | null;
  readonly DockerRootDir?: string;
}

export const toEngineInfo = (version: DockerVersion, info: SystemInfo): EngineInfo => ({
  version: version.Version,
  apiVersion: version.ApiVersion,
  operatingSystem: info.OperatingSystem ?? version.Os,
  kernel: version.KernelVersion,
  architecture: version.Arch,
  cpus: info.NCPU ?? 0,
  memoryBytes: info.MemTotal ?? 0,
  volumeDrivers: info.Plugins?.Volume ?? [],
  networkDrivers: info.Plugins?.Network ?? [],
  labels: info.Labels ?? [],
  addresses: machineAddresses(),
});

/** @throws KontenaError KON_ENGINE_UNREACHABLE */
export const dataFolder = (engine: Engine): Promise<string | undefined> =>
  engine.call({ what: 'the engine says nothing of its data', timeoutMs: READ_TIMEOUT_MS }, async (client) => ((await client.info()) as SystemInfo).DockerRootDir);

/** Interfaces that engines and virtual networks make: nobody reaches the machine by them. */
const VIRTUAL = /^(docker|br-|kb-|kw-|veth|virbr|cni|flannel|vxlan)/;

/** The machine's own addresses, without loopback, link-local ones and those of container networks. */
const machineAddresses = (): readonly string[] =>
  Object.entries(networkInterfaces())
    .filter(([name]) => !VIRTUAL.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address);
