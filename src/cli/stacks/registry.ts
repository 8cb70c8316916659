import { dirname, isAbsolute, join } from 'node:path';
import { KontenaError } from '../../model/index.js';
import type { StackRegistry } from '../../stack-registry/index.js';
import { isTokenServer, readContexts, readProject, trustTokenServer } from '../context/index.js';
import type { Host } from '../host.js';
import type { RegistryFlags } from './flags.js';

/** The stack registry of a command: --registry, else KONTENA_STACK_REGISTRY, else that of the context, else of the file of contexts. Undefined when none is named. */
export async function findRegistry(host: Host, flags: RegistryFlags, isWatching = false): Promise<StackRegistry | undefined> {
  const named = [flags.registry, host.env.KONTENA_STACK_REGISTRY].find((address) => address !== undefined && address !== '');
  const address = named ?? (await configuredRegistry(host, flags.context));
  if (address === undefined) return undefined;
  const { openRegistry, WATCHING_LIMIT_MS } = await import('../../stack-registry/index.js');
  const { descriptionOf, readTextFile } = await import('../../stackfile/index.js');
  const describe = (text: string): Promise<string> => Promise.resolve(descriptionOf(text));
  return openRegistry(address, { directory: host.directory, home: host.home, env: host.env, isInsecure: flags['insecure-http'] === true, describe, readFile: readTextFile, mayTell: tokenServerCheck(host), ...(isWatching ? { limitMs: WATCHING_LIMIT_MS } : {}) });
}

/** The same where it cannot be done without. @throws KontenaError KON_REGISTRY_MISSING */
export async function requireRegistry(host: Host, flags: RegistryFlags): Promise<StackRegistry> {
  const registry = await findRegistry(host, flags);
  if (registry === undefined) throw new KontenaError('KON_REGISTRY_MISSING', 'no stack registry is named');
  return registry;
}

/** Which servers may be told a password is in the person's settings; on a terminal each is asked about once, and remembered. */
function tokenServerCheck(host: Host): (registry: string, server: string) => Promise<boolean> {
  const answers = new Map<string, Promise<boolean>>();
  const decide = async (registry: string, server: string): Promise<boolean> => {
    if (await isTokenServer(host, registry, server)) return true;
    if (!host.isInteractive) return false;
    const text = `The stack registry ${registry} wants your password or token for it to be sent to another server, ${server}. Is that right?`;
    if ((await host.ask({ kind: 'yes-or-no', variable: '', text, default: false })) !== true) return false;
    await trustTokenServer(host, registry, server);
    return true;
  };
  return (registry, server) => {
    const key = `${registry} ${server}`;
    const answer = answers.get(key) ?? decide(registry, server);
    answers.set(key, answer);
    return answer;
  };
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
