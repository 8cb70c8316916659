import { signal } from './processes.js';
import { must, run } from './shell.js';

export const addressOf = (net: string, host: number): string => `${net}.${host}`;

/** A bridge named after the bed, with the host's own address on it. */
export async function makeBridge(bed: string, hostAddress: string): Promise<void> {
  await must('ip', ['link', 'add', bed, 'type', 'bridge']);
  await must('ip', ['addr', 'add', `${hostAddress}/24`, 'dev', bed]);
  await must('ip', ['link', 'set', bed, 'up']);
  // An engine on the host sets FORWARD to DROP, which hits bridged traffic too.
  await must('iptables', ['-w', '-I', 'FORWARD', ...forwardRule(bed)]);
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
  await run('iptables', ['-w', '-D', 'FORWARD', ...forwardRule(bed)]);
}

const forwardRule = (bed: string): readonly string[] => ['-i', bed, '-o', bed, '-j', 'ACCEPT'];
