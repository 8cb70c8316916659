import { dirname, isAbsolute, join } from 'node:path';
import { KontenaError, messageOf } from '../../model/index.js';
import type { StackRegistry } from '../../stack-registry/index.js';
import { readContexts, readProject } from '../context/index.js';
import type { Host } from '../host.js';

export interface RegistryFlags {
  readonly registry?: string | undefined;
  readonly 'insecure-http'?: boolean | undefined;
  readonly context?: string | undefined;
}

/** A stack file at an address is fetched within this time, or is away. */
const LIMIT_MS = 30_000;

/** The stack registry of a command: --registry, else KONTENA_STACK_REGISTRY, else that of the context, else of the file of contexts. Undefined when none is named. */
export async function findRegistry(host: Host, flags: RegistryFlags): Promise<StackRegistry | undefined> {
  const named = [flags.registry, host.env.KONTENA_STACK_REGISTRY].find((address) => address !== undefined && address !== '');
  const address = named ?? (await configuredRegistry(host, flags.context));
  if (address === undefined) return undefined;
  const { openRegistry } = await import('../../stack-registry/index.js');
  return openRegistry(address, { directory: host.directory, home: host.home, env: host.env, isInsecure: flags['insecure-http'] === true });
}

/** What the file of contexts names; a path in it begins at its own folder. */
async function configuredRegistry(host: Host, context: string | undefined): Promise<string | undefined> {
  const { path, current, contexts, registry } = await readContexts(host);
  const wanted = context ?? (await readProject(host))?.context ?? current;
  const address = contexts.find(({ name }) => name === wanted)?.registry ?? registry;
  if (address === undefined || /^([a-z+]+:\/\/|~)/.test(address) || isAbsolute(address)) return address;
  return join(dirname(path), address);
}

/** Finds the text of `user/stack[:version]` in the registry, or at an address; undefined when it is not there. */
export function stackFetcher(open: () => Promise<StackRegistry | undefined>): (reference: string) => Promise<string | undefined> {
  const fetched = new Map<string, Promise<string | undefined>>();
  return (reference) => {
    const text = fetched.get(reference) ?? (reference.includes('://') ? fetchAddress(reference) : pull(reference, open));
    fetched.set(reference, text);
    return text;
  };
}

async function pull(reference: string, open: () => Promise<StackRegistry | undefined>): Promise<string | undefined> {
  const { isStackReference, parseReference } = await import('../../stack-registry/index.js');
  const registry = isStackReference(reference) ? await open() : undefined;
  if (registry === undefined) return undefined;
  const { name, version } = parseReference(reference);
  return (await registry.pull(name, version))?.text;
}

async function fetchAddress(address: string): Promise<string | undefined> {
  if (!/^https?:\/\//.test(address)) return undefined;
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(LIMIT_MS) });
    return response.ok ? await response.text() : undefined;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new KontenaError('KON_FILE_UNREADABLE', `${address} cannot be read: ${messageOf(cause)}`, { cause: error });
  }
}
