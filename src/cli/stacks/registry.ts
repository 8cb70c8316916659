import { dirname, isAbsolute, join } from 'node:path';
import { KontenaError } from '../../model/index.js';
import type { StackRegistry } from '../../stack-registry/index.js';
import { readContexts, readProject } from '../context/index.js';
import type { Host } from '../host.js';

export interface RegistryFlags {
  readonly registry?: string | undefined;
  readonly 'insecure-http'?: boolean | undefined;
  readonly context?: string | undefined;
}

/** The stack registry of a command: --registry, else KONTENA_STACK_REGISTRY, else that of the context, else of the file of contexts. Undefined when none is named. */
export async function findRegistry(host: Host, flags: RegistryFlags, isWatching = false): Promise<StackRegistry | undefined> {
  const named = [flags.registry, host.env.KONTENA_STACK_REGISTRY].find((address) => address !== undefined && address !== '');
  const address = named ?? (await configuredRegistry(host, flags.context));
  if (address === undefined) return undefined;
  const { openRegistry, WATCHING_LIMIT_MS } = await import('../../stack-registry/index.js');
  const describe = async (text: string): Promise<string> => (await import('../../stackfile/index.js')).descriptionOf(text);
  return openRegistry(address, { directory: host.directory, home: host.home, env: host.env, isInsecure: flags['insecure-http'] === true, describe, ...(isWatching ? { limitMs: WATCHING_LIMIT_MS } : {}) });
}

/** What the file of contexts names; a path in it begins at its own folder. */
async function configuredRegistry(host: Host, context: string | undefined): Promise<string | undefined> {
  const { path, current, contexts, registry } = await readContexts(host);
  const wanted = context ?? (await readProject(host))?.context ?? current;
  const address = contexts.find(({ name }) => name === wanted)?.registry ?? registry;
  if (address === undefined || /^([a-z+]+:\/\/|~)/.test(address) || isAbsolute(address)) return address;
  return join(dirname(path), address);
}

/** Why nothing is found under a name: for a file, a stack of the registry, or an address. */
export async function missingSource(source: string, open: () => Promise<StackRegistry | undefined>): Promise<KontenaError> {
  const { fullName, isStackReference, parseReference } = await import('../../stack-registry/index.js');
  if (source.includes('://')) return new KontenaError('KON_FILE_UNREADABLE', `there is no stack file at ${source}`);
  if (!isStackReference(source)) return new KontenaError('KON_FILE_UNREADABLE', `there is no file ${source}`);
  const registry = await open();
  if (registry === undefined) return new KontenaError('KON_REGISTRY_MISSING', `there is no file ${source}, and no stack registry is named`);
  const { name, version } = parseReference(source);
  const versions = version === undefined ? [] : await registry.versions(name);
  const what = versions.length === 0 ? `there is no stack ${fullName(name)} in ${registry.address}` : `there is no version ${String(version)} of ${fullName(name)} in ${registry.address}: it has ${versions.join(', ')}`;
  return new KontenaError('KON_STACK_UNKNOWN', what);
}
