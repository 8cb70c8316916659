import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readContexts } from './context/index.js';
import { FakeHost, resource } from './fake-host.js';
import { runCommandLine } from './main.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-grids-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(root, 'home-'));
  mkdirSync(join(home, '.config', 'kontena'), { recursive: true });
  const credential = 'server: "m:9292", ca: CA, certificate: CERT, key: KEY';
  writeFileSync(join(home, '.config', 'kontena', 'config.yaml'), `current: dev\nregistry: /stacks\ncontexts:\n  - {name: dev, ${credential}}\n  - {name: prod, grid: shop, ${credential}}\n`);
});

async function run(line: string, host: FakeHost = new FakeHost({ home })): Promise<{ code: number; host: FakeHost }> {
  const code = await runCommandLine(line.split(' '), root, host);
  return { code, host };
}

const gridsOf = async (host: FakeHost) => (await readContexts(host)).contexts.map(({ name, grid }) => [name, grid]);

describe('grid create', () => {
  test('says what it made, and what comes next', async () => {
    const { host } = await run('grid create shop');
    expect(host.stdout).toBe('grid shop is made; its subnet is 10.82.0.0/16, of which each node has a /24\n');
    expect(host.stderr).toContain('kontenactl grid use shop\n');
    expect(host.stderr).toContain('kontenactl token create --grid shop\n');
    expect((await run('grid create shop --subnet 10.90.0.0/16 --node-prefix 20')).host.master.asked).toEqual(['createGrid shop 10.90.0.0/16 20']);
  });

  test('prints the same as data', async () => {
    const { host } = await run('grid create shop -o json');
    expect(JSON.parse(host.stdout)).toEqual({ kind: 'Grid', name: 'shop', subnet: '10.82.0.0/16', nodePrefix: 24, revision: 42 });
  });

  test.each(['--node-prefix 30', '--node-prefix 7', '--node-prefix x'])('takes no part of a size that nodes cannot have: %s', async (flag) => {
    const { code, host } = await run(`grid create shop ${flag}`);
    expect([code, host.master.asked]).toEqual([2, []]);
  });
});

describe('grid update', () => {
  test('changes what is named, and nothing else', async () => {
    const { host } = await run('grid update grid/shop --statsd graphs:9125');
    expect([host.stdout, host.master.asked]).toEqual(['grid shop is changed\n', ['updateGrid shop {"statsd":"graphs:9125"}']]);
    expect((await run('grid update shop --default-affinity label==ssd --default-affinity node!=n1')).host.master.asked).toEqual(['updateGrid shop {"defaultAffinity":["label==ssd","node!=n1"]}']);
    expect((await run('grid update shop --no-default-affinity')).host.master.asked).toEqual(['updateGrid shop {"defaultAffinity":[]}']);
    expect((await run('grid update shop --no-statsd')).host.master.asked).toEqual(['updateGrid shop {"statsd":""}']);
    expect((await run('grid create shop --statsd graphs')).host.master.asked).toEqual(['createGrid shop 10.82.0.0/16 24 statsd=graphs']);
  });

  test.each(['', ' --statsd', ' --statsd a --no-statsd', ' --default-affinity label==a --no-default-affinity', ' --subnet 10.90.0.0/16'])('is refused when it says "%s"', async (flags) => {
    const { code, host } = await run(`grid update shop${flags}`);
    expect([code, host.master.asked]).toEqual([2, []]);
  });
});

describe('grid use', () => {
  test('is kept by the context that was chosen, and by no other', async () => {
    const host = new FakeHost({ home });
    host.master.known = [resource('Grid', 'shop'), resource('Grid', 'test')];
    expect((await run('grid use grid/test', host)).code).toBe(0);
    expect(host.stdout).toBe('context dev works in grid test from now on\n');
    expect(await gridsOf(host)).toEqual([['dev', 'test'], ['prod', 'shop']]);
    await run('grid use test --context prod', host);
    expect(await gridsOf(host)).toEqual([['dev', 'test'], ['prod', 'test']]);
    expect(await readContexts(host)).toMatchObject({ current: 'dev', registry: '/stacks' });
  });

  test('of one that is not there changes nothing', async () => {
    const { code, host } = await run('grid use nope');
    expect([code, await gridsOf(host)]).toEqual([1, [['dev', undefined], ['prod', 'shop']]]);
  });

  test('says when the project names another', async () => {
    writeFileSync(join(home, '.kontena.yaml'), 'grid: mine\n');
    const host = new FakeHost({ home });
    host.master.known = [resource('Grid', 'test')];
    await run('grid use test', host);
    expect(host.stderr).toContain('names grid mine, which counts here');
  });
});

describe('grid remove', () => {
  test('asks on a terminal, and does it in a pipe', async () => {
    const asked = await run('grid remove shop', new FakeHost({ home, answer: 'n' }));
    expect([asked.code, asked.host.master.asked, asked.host.questions]).toEqual([1, [], ['Remove grid shop, its tokens and all that is in its vault? [y/N] ']]);
    const { host } = await run('grid rm grid/shop');
    expect([host.stdout, host.master.asked]).toEqual(['grid shop is removed\n', ['remove default grid shop']]);
  });
});

describe('get', () => {
  test('grids shows their subnets, and how much of them is taken', async () => {
    const host = new FakeHost({ home });
    host.master.known = [resource('Grid', 'shop', { spec: { subnet: '10.82.0.0/16' }, status: { nodes: { total: 3, online: 2 }, stacks: 1, parts: { taken: 3, total: 256 } } })];
    await run('get grids', host);
    expect(host.stdout.replaceAll(/\d+d\n/g, 'AGE\n')).toBe('NAME   NODES   STACKS   SUBNET         PARTS   AGE\nshop   2/3     1        10.82.0.0/16   3/256   AGE\n');
  });

  test('nodes says what is the matter with their network', async () => {
    const host = new FakeHost({ home });
    const network = { subnet: '10.81.3.0/24', implementation: 'wireguard-go', reason: 'it overlaps', problems: [{ what: 'tunnels', reason: 'there is no TUN device', remedy: 'modprobe tun' }] };
    host.master.known = [resource('Node', 'n1', { status: { phase: 'online', network } })];
    await run('get nodes', host);
    expect(host.stdout).toContain('it overlaps; tunnels: there is no TUN device (modprobe tun)\n');
    await run('get nodes -o wide', host);
    expect(host.stdout).toMatch(/SUBNET +TUNNELS\n.*10\.81\.3\.0\/24 +wireguard-go\n$/);
  });

  test('instances shows their addresses where there is room', async () => {
    const host = new FakeHost({ home });
    host.master.known = [resource('Instance', 'todo/web.1@2', { status: { phase: 'running', address: '10.81.3.7' } })];
    await run('get instances', host);
    expect(host.stdout).not.toContain('10.81.3.7');
    await run('get instances -o wide', host);
    expect(host.stdout).toContain('10.81.3.7');
  });
});
