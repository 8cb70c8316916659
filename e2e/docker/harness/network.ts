import { signal } from './processes.js';
import { must, run } from './shell.js';

export const addressOf = (net: string, host: number): string => `${net}.${host}`;

/** A bridge named after the bed, with the host's own address on it. */
export async function makeBridge(bed: string, hostAddress: string): Promise<void> {
  await must('ip', ['link', 'add', bed, 'type', 'bridge']);
  await must('ip', ['addr', 'add', `${hostAddress}/24`, 'dev', bed]);
  await must('ip', ['link', 'set', bed, 'up']);
  // An engine on the host sets FORWARD to DROP, which hits bridged traffic too.
  for (const program of FILTERS) await must(program, ['-w', '-I', 'FORWARD', ...forwardRule(bed)]);
}

/** A namespace with one interface on the bridge. It has no default route: nothing in it can hang on the world outside. */
export async function addNamespace(bed: string, number: number, address: string): Promise<string> {
  const name = `${bed}-n${number}`;
  await must('ip', ['netns', 'add', name]);
  await must('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name]);
  await must('ip', ['link', 'set', name, 'master', bed, 'up']);
  await must('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  await must('ip', ['-n', name, 'addr', 'add', `${address}/24`, 'dev', 'eth0']);
  await must('ip', ['-n', name, 'link', 'set', 'eth0', 'up']);
  return name;
}

/** Takes the cable of a node out, or puts it back. */
export async function setCable(namespace: string, isIn: boolean): Promise<void> {
  await must('ip', ['link', 'set', namespace, isIn ? 'up' : 'down']);
}

export interface Nat {
  /** The node's, on its own side, and that of the NAT there. */
  readonly inside: string;
  readonly gate: string;
  /** The NAT's on the bridge. */
  readonly outside: string;
}

/** Puts a NAT between a node and the bridge: whoever it has not asked does not reach it, and others see it under another address and port. */
export async function putBehindNat(bed: string, namespace: string, { inside, gate, outside }: Nat): Promise<void> {
  const router = `${namespace}-nat`;
  const route = (...args: readonly string[]): Promise<string> => must('ip', ['-n', router, ...args]);
  await must('ip', ['netns', 'add', router]);
  await must('ip', ['link', 'add', router, 'type', 'veth', 'peer', 'name', 'wan', 'netns', router]);
  await must('ip', ['link', 'set', router, 'master', bed, 'up']);
  await must('ip', ['link', 'set', namespace, 'nomaster', 'netns', router]);
  for (const [device, address] of [['wan', outside], [namespace, gate]] as const) {
    await route('addr', 'add', `${address}/24`, 'dev', device);
    await route('link', 'set', device, 'up');
  }
  await must('nsenter', [`--net=/run/netns/${router}`, 'sh', '-ec', `
    echo 1 > /proc/sys/net/ipv4/ip_forward
    iptables -w -t nat -A POSTROUTING -o wan -p udp -j MASQUERADE --to-ports 40000-40999
    iptables -w -t nat -A POSTROUTING -o wan -j MASQUERADE`]);
  await must('ip', ['-n', namespace, 'addr', 'flush', 'dev', 'eth0']);
  await must('ip', ['-n', namespace, 'addr', 'add', `${inside}/24`, 'dev', 'eth0']);
  await must('ip', ['-n', namespace, 'route', 'add', 'default', 'via', gate]);
}

/** Removes the bridge and every namespace of a bed; what is gone already is no fault. */
export async function removeNetwork(bed: string): Promise<void> {
  const namespaces = (await run('ip', ['netns', 'list'])).stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
  for (const name of namespaces.filter((each) => each.startsWith(`${bed}-`))) {
    // what agents leave running on purpose, such as the program behind a tunnel, would hold the namespace
    const left = (await run('ip', ['netns', 'pids', name])).stdout.split('\n').filter((line) => line !== '');
    for (const pid of left) signal(Number(pid), 'SIGKILL');
    await run('ip', ['netns', 'delete', name]);
    await run('ip', ['link', 'delete', name]);
  }
  await run('ip', ['link', 'delete', bed]);
  for (const program of FILTERS) await run(program, ['-w', '-D', 'FORWARD', ...forwardRule(bed)]);
}

/** Of both families. */
const FILTERS = ['iptables', 'ip6tables'] as const;

const forwardRule = (bed: string): readonly string[] => ['-i', bed, '-o', bed, '-j', 'ACCEPT'];
