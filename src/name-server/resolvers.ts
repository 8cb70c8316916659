import { readFileSync, statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { isIP } from 'node:net';

const FILE = '/etc/resolv.conf';
/** Where systemd's own server, which answers on this machine alone, says whom it asks. */
const BEHIND_SYSTEMD = '/run/systemd/resolve/resolv.conf';
const SYSTEMD_STUB = '127.0.0.53';
/** Three are what the resolver of the C library knows. */
const MOST = 3;

/** The servers of names that this machine uses, as its files say now: the same list until one of them is another. */
export function resolvers(file = FILE, behindSystemd = BEHIND_SYSTEMD): () => readonly string[] {
  let known: { readonly of: string; readonly servers: readonly string[] } | undefined;
  return () => {
    const of = `${stateOf(file)} ${stateOf(behindSystemd)}`;
    if (known?.of !== of) known = { of, servers: serversIn(file, behindSystemd) };
    return known.servers;
  };
}

/** The stub itself where systemd does not say: a question that comes back from it is known. */
function serversIn(file: string, behindSystemd: string): readonly string[] {
  const servers = read(file);
  const behind = servers[0] === SYSTEMD_STUB ? read(behindSystemd) : [];
  return behind.length > 0 ? behind : servers;
}

function read(file: string): readonly string[] {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return []; // a machine without one asks nobody
  }
  const named = text.split('\n').flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? []);
  return [...new Set(named.filter((server) => isIP(server.replace(/%.*/, '')) !== 0))].slice(0, MOST);
}

/** Which file it is, and when it was written. */
function stateOf(file: string): string {
  try {
    const { ino, mtimeMs, size } = statSync(file);
    return `${String(ino)}:${String(mtimeMs)}:${String(size)}`;
  } catch {
    return '-';
  }
}

/** Every address of this machine: whoever asks from one of them is a program of the node. */
export const ownAddresses = (): ReadonlySet<string> => new Set(Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)));
