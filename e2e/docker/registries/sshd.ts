import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { eventually, must, signal, start } from '../harness/index.js';
import { freePort, isListening } from './docker-registry.js';

/** Where sshd of Debian wants an empty folder of root's. */
const EMPTY_FOLDER = '/run/sshd';

export interface Sshd {
  /** `ssh://root@127.0.0.1:4711`. */
  readonly address: string;
  /** The ssh of someone with that key, who knows those hosts, and nothing of the machine's own settings. */
  readonly client: (key: 'known' | 'unknown', hosts: 'right' | 'wrong' | 'none') => string;
  readonly stop: () => void;
}

/** Debian's sshd on a port of this machine, with keys of its own, in an empty folder. */
export async function startSshd(folder: string): Promise<Sshd> {
  const file = (name: string): string => join(folder, name);
  for (const name of ['host', 'other-host', 'known', 'unknown']) await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(name)]);
  copyFileSync(file('known.pub'), file('authorized_keys'));
  mkdirSync(EMPTY_FOLDER, { recursive: true, mode: 0o755 });
  const port = await freePort();
  writeFileSync(file('sshd_config'), [
    `Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${file('host')}`, `AuthorizedKeysFile ${file('authorized_keys')}`, `PidFile ${file('sshd.pid')}`,
    'StrictModes no', 'UsePAM no', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'PermitRootLogin prohibit-password', '',
  ].join('\n'));
  const { pid } = start('/usr/sbin/sshd', ['-D', '-e', '-f', file('sshd_config')], file('sshd.log'));
  await eventually('sshd listens', () => isListening(port));

  const known = (name: string): string => `[127.0.0.1]:${port} ${readFileSync(file(`${name}.pub`), 'utf8')}`;
  writeFileSync(file('hosts-right'), known('host'));
  writeFileSync(file('hosts-wrong'), known('other-host'));
  appendFileSync(file('hosts-none'), '');
  return {
    address: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    client: (key, hosts) => `ssh -F /dev/null -i ${file(key)} -o IdentitiesOnly=yes -o UserKnownHostsFile=${file(`hosts-${hosts}`)} -o GlobalKnownHostsFile=/dev/null`,
    stop: () => signal(pid, 'SIGTERM'),
  };
}
