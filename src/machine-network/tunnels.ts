import type { TunnelPeer, TunnelSettings } from '../ports/index.js';
import { programFailure } from './failures.js';
import type { Runner } from './programs.js';

/** Peers told of in one call: a command line has room for more, but not for any number. */
const PEERS_AT_ONCE = 200;

/** Any number but 0 greets. */
const GREETING_SECONDS = '25';

/** What `ip link add` says of a kernel without WireGuard. */
const NOT_IN_KERNEL = /unknown device type|not supported/i;

/**
 * The kernel's WireGuard, else wireguard-go. That one puts itself in the background, in a session of its own and with the
 * init process as its parent, so that tunnels outlive the agent; it ends when its interface is deleted, and the interface is
 * gone when it ends.
 */
export async function createTunnel(programs: Runner, name: string): Promise<void> {
  const kernel = await programs.run('ip', ['link', 'add', name, 'type', 'wireguard']);
  if (kernel.code === 0 || /file exists/i.test(kernel.err)) return;
  if (!NOT_IN_KERNEL.test(kernel.err)) throw programFailure(`ip link add ${name} type wireguard`, kernel.err);
  await programs.must('wireguard-go', [name]);
}

export async function removeTunnel(programs: Runner, name: string): Promise<void> {
  const ended = await programs.run('ip', ['link', 'delete', name]);
  if (ended.code !== 0 && !/cannot find device/i.test(ended.err)) throw programFailure(`ip link delete ${name}`, ended.err);
}

export async function configureTunnel(programs: Runner, name: string, { privateKey, port, mtuBytes, address }: TunnelSettings): Promise<void> {
  if (privateKey !== undefined) await setPrivateKey(programs, name, privateKey);
  if (port !== undefined) await programs.must('wg', ['set', name, 'listen-port', String(port)]);
  if (address !== undefined) {
    await programs.must('ip', ['-4', 'addr', 'flush', 'dev', name]);
    await programs.must('ip', ['addr', 'add', address, 'dev', name]);
  }
  await programs.must('ip', ['link', 'set', 'dev', name, ...(mtuBytes === undefined ? [] : ['mtu', String(mtuBytes)]), 'up']);
}

/** Through a pipe: the key is in no file and on no command line. `wg` opens its input by name, which a socket, such as Node gives, refuses. */
async function setPrivateKey(programs: Runner, name: string, privateKey: string): Promise<void> {
  await programs.must('sh', ['-c', 'cat | wg set "$0" private-key /dev/stdin', name], `${privateKey}\n`);
}

export async function setPeers(programs: Runner, name: string, peers: readonly TunnelPeer[], gone: readonly string[]): Promise<void> {
  const words = [...gone.map((key) => ['peer', key, 'remove']), ...peers.map(peerWords)];
  for (let i = 0; i < words.length; i += PEERS_AT_ONCE) await programs.must('wg', ['set', name, ...words.slice(i, i + PEERS_AT_ONCE).flat()]);
}

/**
 * Turning the keepalive on sends one at once, and so shakes hands. A peer with a new key has tried in vain before we knew it
 * and waits 5 s before it tries again: whoever learns of it greets it.
 */
const peerWords = ({ publicKey, endpoint, allowed, keepaliveSeconds }: TunnelPeer): readonly string[] => {
  const words = ['peer', publicKey, 'allowed-ips', allowed.join(','), 'persistent-keepalive'];
  if (endpoint === undefined) return [...words, String(keepaliveSeconds)];
  return ['peer', publicKey, 'endpoint', endpoint, 'persistent-keepalive', '0', ...words, GREETING_SECONDS, ...words, String(keepaliveSeconds)];
};
