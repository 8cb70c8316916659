import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { descriptionOf, readTextFile } from '../../src/stackfile/index.js';
import { openRegistry, type StackRegistry } from '../../src/stack-registry/index.js';
import { stackRegistryContract } from '../../src/testing/stack-registry-contract.js';
import { environment, type Ended, kontenactl, must } from './harness/index.js';
import { certificateIn, type GitServer, serveGitOverHttps, type Sshd, startSshd, USER } from './registries/index.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-git-'));
const sockets: Socket[] = [];
let [sshd, https]: [Sshd, GitServer] = [] as never;
let silent: Server;
let ca: string;

beforeAll(async () => {
  for (const folder of ['ssh', 'tls', 'repositories', 'home']) mkdirSync(join(root, folder));
  for (const name of ['ssh', 'https']) await must('git', ['init', '--quiet', '--bare', join(root, 'repositories', `${name}.git`)]);
  const certificate = await certificateIn(join(root, 'tls'));
  ca = certificate.ca;
  sshd = await startSshd(join(root, 'ssh'));
  https = await serveGitOverHttps(join(root, 'repositories'), certificate);
  silent = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
});

afterAll(() => {
  sshd.stop();
  https.close();
  for (const socket of sockets) socket.destroy();
  silent.close();
  rmSync(root, { recursive: true, force: true });
});

type Settings = Readonly<Record<string, string>>;
const ssh = (key: 'known' | 'unknown' = 'known', hosts: 'right' | 'wrong' | 'none' = 'right'): Settings => ({ GIT_SSH_COMMAND: sshd.client(key, hosts) });
const overSsh = (name = 'ssh'): string => `git+${sshd.address}${join(root, 'repositories', `${name}.git`)}`;
const overHttps = (who = `${USER.name}:${USER.password}@`, name = 'https'): string => `git+https://${who}${https.host}/${name}.git`;
const nowhere = (): string => `127.0.0.1:${String((silent.address() as AddressInfo).port)}`;

const open = (address: string, env: Settings): StackRegistry =>
  openRegistry(address, { directory: root, home: join(root, 'home'), env: { PATH: process.env['PATH'], HOME: join(root, 'home'), ...env }, isInsecure: false, describe: (text) => Promise.resolve(descriptionOf(text)), readFile: readTextFile, mayTell: () => Promise.resolve(false), limitMs: 10_000 });

describe('a git repository over ssh', () => {
  stackRegistryContract(() => open(overSsh(), ssh()));
});

describe('a git repository over https', () => {
  stackRegistryContract(() => open(overHttps(), { GIT_SSL_CAINFO: ca }));
});

describe('what is wrong is said at once, by a command that nobody can answer', () => {
  const cases: readonly (readonly [string, () => readonly [string, Settings], string, RegExp])[] = [
    ['another host key', () => [overSsh(), ssh('known', 'wrong')], 'another than the one in known_hosts', /known_hosts/],
    ['an unknown host key', () => [overSsh(), ssh('known', 'none')], 'not in known_hosts', /known_hosts/],
    ['a key that the server does not know', () => [overSsh(), ssh('unknown')], 'accepts none of the ssh keys', /ssh key that the server knows/],
    ['no repository over ssh', () => [overSsh('none'), ssh()], 'there is no git repository there', /address/],
    ['a wrong password', () => [overHttps('me:wrong@'), { GIT_SSL_CAINFO: ca }], 'the name or the password is wrong', /credential helper/],
    ['no password', () => [overHttps(''), { GIT_SSL_CAINFO: ca }], 'asks for a name and a password', /credential helper/],
    ['an unknown CA', () => [overHttps(), {}], 'TLS certificate is not trusted', /GIT_SSL_CAINFO/],
    ['no repository over https', () => [overHttps(undefined, 'none'), { GIT_SSL_CAINFO: ca }], 'there is no git repository there', /address/],
    ['nobody there over ssh', () => ['git+ssh://git@127.0.0.1:1/stacks.git', {}], 'nothing answers there', /reaches it/],
    ['nobody there over https', () => ['git+https://127.0.0.1:1/stacks.git', {}], 'nothing answers there', /reaches it/],
    ['silence over ssh', () => [`git+ssh://git@${nowhere()}/stacks.git`, {}], 'does not answer', /reaches it/],
  ];
  test.each(cases)('%s', async (_what, given, why, remedy) => {
    const [address, env] = given();
    const began = Date.now();
    const home = join(root, 'home');
    const { code, stderr }: Ended = await kontenactl(home, ['stack', 'registry', 'list', '--registry', address], { cwd: home, env: { ...environment(home), GIT_SSL_CAINFO: undefined, ...env } });
    const [said = '', advice = '', ...more] = stderr.trimEnd().split('\n');
    expect({ code, said, more }).toEqual({ code: 1, said: expect.stringContaining(`cannot be used: `), more: [] });
    expect(said).toContain(why);
    expect(said).not.toContain('wrong@');
    expect(advice).toMatch(remedy);
    expect(Date.now() - began).toBeLessThan(25_000);
  }, 40_000);

  test('silence over https, as long as it may last', async () => {
    await expect(open(`git+https://${nowhere()}/stacks.git`, {}).names()).rejects.toMatchObject({ code: 'KON_REGISTRY_UNREACHABLE', message: expect.stringContaining('it does not answer') });
  });
});

test('kontenactl publishes over ssh and finds it again, from another home, with the key that the settings of git name', async () => {
  const [one, two] = [join(root, 'one'), join(root, 'two')];
  for (const home of [one, two]) {
    mkdirSync(home);
    writeFileSync(join(home, '.gitconfig'), `[core]\n\tsshCommand = ${sshd.client('known', 'right')}\n`);
  }
  const run = (home: string, line: string): Promise<Ended> => kontenactl(home, [...line.split(' '), '--registry', overSsh()], { cwd: home });
  writeFileSync(join(one, 'kontena.yml'), 'stack: acme/shop\nversion: 1.0.0\ndescription: Sells things\nservices:\n  web: {image: "web:1"}\n');
  expect(await run(one, 'stack registry push')).toMatchObject({ code: 0, stdout: 'acme/shop:1.0.0 is in the stack registry\n' });
  expect((await run(two, 'stack registry search sells')).stdout).toBe('NAME        VERSION   DESCRIPTION\nacme/shop   1.0.0     Sells things\n');
});
