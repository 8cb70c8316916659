import { readContexts, writeContexts, type Place } from './file.js';

/**
 * Whether this person lets a server be told what `docker login` kept for a stack registry.
 *
 * @param registry `host:port` @param server `https://host:port`
 */
export async function isTokenServer(place: Place, registry: string, server: string): Promise<boolean> {
  const { tokenServers = {} } = await readContexts(place);
  return Object.hasOwn(tokenServers, registry) && tokenServers[registry]?.includes(server) === true;
}

/** Remembers that a server may be told what `docker login` kept for a stack registry. */
export async function trustTokenServer(place: Place, registry: string, server: string): Promise<void> {
  const file = await readContexts(place);
  const known = Object.entries(file.tokenServers ?? {}).filter(([name]) => name !== registry);
  const servers = new Set(file.tokenServers?.[registry]).add(server);
  await writeContexts({ ...file, tokenServers: { ...Object.fromEntries(known), [registry]: [...servers] } });
}
