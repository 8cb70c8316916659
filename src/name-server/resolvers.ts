import { readFileSync, statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { isIP } from 'node:net';
import { elapsedMs, type Instant, type Millis } from '../model/index.js';
import type { Clock } from '../ports/index.js';

const FILE = '/etc/resolv.conf';
/** Where systemd's own server, which answers on this machine alone, says whom it asks. */
const BEHIND_SYSTEMD = '/run/systemd/resolve/resolv.conf';
const SYSTEMD_STUB = '127.0.0.53';

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
  return [...new Set(named.filter((server) => isIP(server.replace(/%.*/, '')) !== 0))];
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

/** Addresses are looked up again no more often, however many strangers ask. */
const LOOK_AGAIN_MS: Millis = 1_000;

/** Whether an address is this machine's: whoever asks from there is a program of the node. It may be given others at any time. */
export function ownAddresses(clock: Clock, look = addressesNow): (address: string) => boolean {
  let known: ReadonlySet<string> = new Set();
  let lookedAt: Instant | undefined;
  return (address) => {
    if (known.has(address)) return true;
    if (lookedAt !== undefined && elapsedMs(lookedAt, clock.now()) < LOOK_AGAIN_MS) return false;
    lookedAt = clock.now();
    known = look();
    return known.has(address);
  };
}

const addressesNow = (): ReadonlySet<string> => new Set(Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)));
