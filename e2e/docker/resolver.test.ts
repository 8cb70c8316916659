import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NamesKeeper } from '../../src/agent/names/index.js';
import { systemClock } from '../../src/clock.js';
import { machineResolver } from '../../src/machine-network/index.js';
import type { Endpoint, NetworkProblem } from '../../src/model/index.js';
import { dnsServers } from '../../src/name-server/index.js';
import { systemRandom } from '../../src/random.js';
import { eventually, must, run } from './harness/index.js';

const ADDRESS = '127.0.0.57';
const OF_MACHINE = '127.81.0.57';
const row = (instance: string, address: string, over: Partial<Endpoint> = {}): Endpoint => ({ instance, address, node: 'n1', isExposed: false, serves: true, ...over });

let directory: string;
/** In place of the machine's own. */
const machineFile = (): string => join(directory, 'machine.conf');
/** What a machine has of its own: a server that nobody can ask, since only ours is to be asked here. */
const MACHINE = 'nameserver 192.0.2.1\noptions timeout:1 attempts:1\n';
let keeper: NamesKeeper;
const problems: (NetworkProblem | undefined)[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kontena-resolver-'));
  writeFileSync(machineFile(), MACHINE);
  await new Promise<void>((resolve) => {
    keeper = new NamesKeeper({
      makeServer: dnsServers({ clock: systemClock, log: { info: () => resolve(), warn: () => undefined, error: () => undefined }, machine: { address: OF_MACHINE, resolver: machineResolver('kw-test', { file: machineFile() }) } }), random: systemRandom, grid: 'default',
      onProblem: (problem) => void problems.push(problem),
    });
    keeper.obey({ links: { 'todo/web': { cache: 'redis/redis' } } });
    keeper.whole([row('todo/web.1@5', '10.81.1.2', { isExposed: true }), row('todo/web.2@6', '10.81.2.2', { isExposed: true }), row('redis/redis.1@9', '10.81.1.4')]);
    keeper.serveAt({ address: ADDRESS, subnet: '10.81.0.0/16' });
  });
  const { search } = keeper.resolver('todo/web.1@5', ADDRESS);
  writeFileSync(join(directory, 'resolv.conf'), `nameserver ${ADDRESS}\nsearch ${search.join(' ')}\noptions ndots:2\n`);
  writeFileSync(join(directory, 'nsswitch.conf'), 'hosts: dns\n');
});

afterAll(async () => {
  await keeper.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** A program sees the files of a container of `todo/web` in place of the machine's. */
const inside = (program: string, file = 'resolv.conf'): readonly [string, readonly string[]] => ['unshare', ['--mount', 'sh', '-ec', `
  mount --make-rprivate /; mount --bind ${directory}/${file} /etc/resolv.conf; mount --bind ${directory}/nsswitch.conf /etc/nsswitch.conf; ${program}`]];
const lookup = async (name: string, file = 'resolv.conf'): Promise<string> => {
  const { stdout } = await run(...inside(`getent ahostsv4 ${name}`, file));
  return [...new Set(stdout.match(/^[\d.]+(?= )/gm) ?? [])].sort().join(' ');
};

describe('programs that know nothing of us', () => {
  test('find every form of a name by the resolver of the C library', async () => {
    expect(problems).toEqual([]);
    const names = ['web', 'web-2', 'web.todo', 'todo', 'todo-1', 'cache', 'redis', 'WEB.todo.default.kontena.local', 'nobody', 'nobody.todo.default.kontena.local'];
    expect(await Promise.all(names.map((name) => lookup(name)))).toEqual(['10.81.1.2 10.81.2.2', '10.81.2.2', '10.81.1.2 10.81.2.2', '10.81.1.2 10.81.2.2', '10.81.1.2', '10.81.1.4', '10.81.1.4', '10.81.1.2 10.81.2.2', '', '']);
  });

  test('find names in full where they run on the machine itself, if that was wished for', async () => {
    await eventually('the machine asks us', () => (readFileSync(machineFile(), 'utf8').includes(OF_MACHINE) ? true : undefined));
    expect(await Promise.all(['web.todo.default.kontena.local', 'cache', 'nobody.todo.default.kontena.local'].map((name) => lookup(name, 'machine.conf')))).toEqual(['10.81.1.2 10.81.2.2', '', '']);
  });

  test('find the name of an address, and what does not serve no more', async () => {
    const [program, args] = inside('getent hosts 10.81.2.2');
    expect(await must(program, args)).toMatch(/^10\.81\.2\.2\s+web-2\.todo\.default\.kontena\.local$/m);
    keeper.changed([row('todo/web.2@6', '10.81.2.2', { serves: false, whyNot: 'it is unhealthy' })], ['redis/redis.1@9']);
    expect([await lookup('web'), await lookup('cache'), await lookup('redis')]).toEqual(['10.81.1.2', '', '']);
    expect(keeper.lookUp('web.todo').instances.map(({ instance, whyNot }) => [instance, whyNot])).toEqual([['todo/web.1@5', undefined], ['todo/web.2@6', 'it is unhealthy']]);
  });

  test('leave the machine as it was when names are served no more', async () => {
    await keeper.stop();
    expect(readFileSync(machineFile(), 'utf8')).toBe(MACHINE);
  });
});
