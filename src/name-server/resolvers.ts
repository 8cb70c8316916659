import { readFileSync, statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { isIPv4 } from 'node:net';

const FILE = '/etc/resolv.conf';
/** Where systemd's own server, which answers on this machine alone, says whom it asks. */
const BEHIND_SYSTEMD = '/run/systemd/resolve/resolv.conf';
const SYSTEMD_STUB = '127.0.0.53';
/** Three are what the resolver of the C library knows. */
const MOST = 3;

/** The servers of names that this machine uses, as its files say now. */
export function resolvers(file = FILE): () => readonly string[] {
  let known: { readonly at: number; readonly servers: readonly string[] } | undefined;
  return () => {
    const at = changedAt(file);
    if (known?.at !== at) known = { at, servers: serversIn(file) };
    return known.servers;
  };
}

function serversIn(file: string): readonly string[] {
  const servers = read(file);
  return servers[0] === SYSTEMD_STUB ? read(BEHIND_SYSTEMD) : servers;
}

/** Of IPv4 alone: what an agent serves, it serves there. */
function read(file: string): readonly string[] {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return []; // a machine without one asks nobody
  }
  const named = text.split('\n').flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? []);
  return named.filter((server) => isIPv4(server)).slice(0, MOST);
}

function changedAt(file: string): number {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

/** Every address of this machine: none of them is asked on port 53 where we answer there ourselves. */
export const ownAddresses = (): ReadonlySet<string> => new Set(Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)));
