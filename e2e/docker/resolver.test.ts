import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NamesKeeper } from '../../src/agent/names/index.js';
import { systemClock } from '../../src/clock.js';
import type { Endpoint, NetworkProblem } from '../../src/model/index.js';
import { dnsServers } from '../../src/name-server/index.js';
import { systemRandom } from '../../src/random.js';
import { must, run } from './harness/index.js';

const ADDRESS = '127.0.0.57';
const row = (instance: string, address: string, over: Partial<Endpoint> = {}): Endpoint => ({ instance, address, node: 'n1', isExposed: false, serves: true, ...over });

let directory: string;
let keeper: NamesKeeper;
const problems: (NetworkProblem | undefined)[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kontena-resolver-'));
  await new Promise<void>((resolve) => {
    keeper = new NamesKeeper({
      makeServer: dnsServers({ clock: systemClock, log: { info: () => resolve(), warn: () => undefined, error: () => undefined } }), random: systemRandom, grid: 'default',
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
const inside = (program: string): readonly [string, readonly string[]] => ['unshare', ['--mount', 'sh', '-ec', `
  mount --make-rprivate /; for file in resolv.conf nsswitch.conf; do mount --bind ${directory}/$file /etc/$file; done; ${program}`]];
const lookup = async (name: string): Promise<string> => {
  const { stdout } = await run(...inside(`getent ahostsv4 ${name}`));
  return [...new Set(stdout.match(/^[\d.]+(?= )/gm) ?? [])].sort().join(' ');
};

describe('programs that know nothing of us', () => {
  test('find every form of a name by the resolver of the C library', async () => {
    expect(problems).toEqual([]);
    const names = ['web', 'web-2', 'web.todo', 'todo', 'todo-1', 'cache', 'redis', 'WEB.todo.default.kontena.local', 'nobody', 'nobody.todo.default.kontena.local'];
    expect(await Promise.all(names.map(lookup))).toEqual(['10.81.1.2 10.81.2.2', '10.81.2.2', '10.81.1.2 10.81.2.2', '10.81.1.2 10.81.2.2', '10.81.1.2', '10.81.1.4', '10.81.1.4', '10.81.1.2 10.81.2.2', '', '']);
  });

  test('find the name of an address, and what does not serve no more', async () => {
    const [program, args] = inside('getent hosts 10.81.2.2');
    expect(await must(program, args)).toMatch(/^10\.81\.2\.2\s+web-2\.todo\.default\.kontena\.local$/m);
    keeper.changed([row('todo/web.2@6', '10.81.2.2', { serves: false, whyNot: 'it is unhealthy' })], ['redis/redis.1@9']);
    expect([await lookup('web'), await lookup('cache'), await lookup('redis')]).toEqual(['10.81.1.2', '', '']);
    expect(keeper.lookUp('web.todo').instances.map(({ instance, whyNot }) => [instance, whyNot])).toEqual([['todo/web.1@5', undefined], ['todo/web.2@6', 'it is unhealthy']]);
  });
});
