import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeHost, resource } from './fake-host.js';
import { runCommandLine } from './main.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-volumes-cli-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let home: string;
let host: FakeHost;
beforeEach(() => {
  home = mkdtempSync(join(root, 'home-'));
  mkdirSync(join(home, '.config', 'kontena'), { recursive: true });
  writeFileSync(join(home, '.config', 'kontena', 'config.yaml'), 'current: dev\ncontexts:\n  - {name: dev, server: "127.0.0.1:9292", ca: CA, certificate: CERT, key: KEY}\n');
  host = new FakeHost({ home });
});

const run = (...args: readonly string[]): Promise<number> => runCommandLine(args, root, host);

describe('volume create', () => {
  test('declares it, with the options of its driver', async () => {
    expect(await run('volume', 'create', 'data', '--scope', 'instance', '--driver', 'rexray', '--driver-opt', 'size=10', '--driver-opt', 'o=a=b')).toBe(0);
    expect(host.master.asked).toContain('declareVolume default data instance rexray {"size":"10","o":"a=b"} new');
    expect(host.stdout).toBe('volume/data is declared\n');
  });

  test('wants a scope, one of three', async () => {
    expect(await run('volume', 'create', 'data')).toBe(2);
    expect(await run('volume', 'create', 'data', '--scope', 'node')).toBe(2);
    expect(host.stderr).toContain('instance, stack, grid');
  });
});

describe('volume remove', () => {
  test('leaves what is in it, and says so', async () => {
    expect(await run('volume', 'remove', 'volume/data', 'cache', '--yes')).toBe(0);
    expect(host.master.asked.filter((one) => one.startsWith('removeVolume'))).toEqual(['removeVolume default data', 'removeVolume default cache']);
    expect(host.stdout).toBe('volume/data is removed; what is in it stays on the nodes\nvolume/cache is removed; what is in it stays on the nodes\n');
  });

  test('removes that too where asked to, and fails when some of it is left', async () => {
    host.master.removedData = { removed: [{ node: 'n1', name: 'todo.db.data-1' }], left: [{ node: 'n2', reason: 'the agent of node n2 is not connected' }] };
    expect(await run('volume', 'rm', 'data', '--delete-data', '--yes')).toBe(1);
    expect(host.master.asked).toContain('removeVolume default data with data');
    expect(host.stdout).toBe('volume/data is removed\n  todo.db.data-1 of n1 is gone\n');
    expect(host.stderr).toContain('what it has stays on n2: the agent of node n2 is not connected');
  });
});

test('the list says on which nodes data lies, and which of them are not there', async () => {
  const data = [{ slot: 'todo/db.1', node: 'n1', phase: 'online' }, { slot: 'todo/db.2', node: 'n2', phase: 'offline' }, { slot: 'todo/db.3', node: 'n1', phase: 'online' }];
  host.master.known = [
    resource('Volume', 'data', { spec: { scope: 'instance', driver: 'local', driverOpts: {} }, status: { usedBy: ['todo/db'], data } }),
    resource('Volume', 'shared', { spec: { scope: 'grid', driver: 'sshfs', driverOpts: {} }, status: { usedBy: [], data: [] } }),
  ];
  expect(await run('volume', 'ls')).toBe(0);
  const rows = host.stdout.split('\n').map((row) => row.trim().split(/\s{2,}/).slice(0, 5));
  expect(rows.slice(0, 3)).toEqual([['NAME', 'SCOPE', 'DRIVER', 'USED BY', 'NODES'], ['data', 'instance', 'local', 'todo/db', 'n1,n2 (offline)'], ['shared', 'grid', 'sshfs', '-', '-']]);
});

describe('what is in a volume', () => {
  test('is written into a file, which appears whole', async () => {
    host.master.tars.set('data.2', Buffer.from('a tar'));
    expect(await run('volume', 'backup', 'volume/data.2', '-o', 'data.tar', '--node', 'n1', '--live')).toBe(0);
    expect(host.master.asked).toContain('readVolume default data.2 n1 live');
    expect(readFileSync(join(home, 'data.tar'), 'utf8')).toBe('a tar');
    expect(host.stdout).toBe('data.tar: 5 bytes\n');
  });

  test('or goes to stdout, where that is no terminal', async () => {
    host.master.tars.set('data', Buffer.from('a tar'));
    expect(await run('volume', 'backup', 'data', '-o', '-')).toBe(0);
    expect(host.stdout).toBe('a tar');
    host = new FakeHost({ home, columns: 80 });
    expect(await run('volume', 'backup', 'data', '-o', '-')).toBe(2);
    expect(host.stderr).toContain('a tar is nothing for a terminal');
  });

  test('leaves no file behind when it is left, or fails', async () => {
    host.master.tars.set('data', Buffer.from('a tar'));
    host.master.hangs = true;
    const left = run('volume', 'backup', 'data', '-o', 'data.tar');
    while (!existsSync(join(home, 'data.tar.part'))) await new Promise((resolve) => setTimeout(resolve, 1));
    host.interrupt();
    expect(await left).toBe(130);
    expect(host.stderr).toContain('left before all of it had come');
    expect(await run('volume', 'backup', 'other', '-o', 'data.tar')).toBe(1);
    expect(readdirSync(home).filter((name) => name.startsWith('data'))).toEqual([]);
  });

  test('is replaced by what is in a file, once that was confirmed', async () => {
    writeFileSync(join(home, 'data.tar'), 'another tar');
    expect(await run('volume', 'restore', 'data', '-i', 'data.tar', '--yes', '--node', 'n2')).toBe(0);
    expect(host.master.tars.get('data of n2')?.toString()).toBe('another tar');
    expect(host.stdout).toBe('volume data holds what is in data.tar\n');
    host = new FakeHost({ home, answer: 'n' });
    expect(await run('volume', 'restore', 'data', '-i', 'data.tar')).toBe(1);
    expect(host.questions).toEqual(['Replace what is in volume data of grid default by data.tar? [y/N] ']);
    expect(host.master.tars.size).toBe(0);
  });

  test('stays as it is where the file cannot be read', async () => {
    expect(await run('volume', 'restore', 'data', '-i', 'nothing.tar', '--yes')).toBe(1);
    expect(host.stderr).toContain('nothing.tar cannot be read');
    expect(host.master.tars.size).toBe(0);
  });
});

describe('volume move', () => {
  const way = { slot: 'todo/db.1', from: 'n1', to: 'n2' };

  test('is followed until it is over', async () => {
    host.master.moving = [{ ...way, phase: 'stopping' }, { ...way, phase: 'copying' }, { ...way, phase: 'copied', bytes: 7 }, { ...way, phase: 'done' }];
    expect(await run('volume', 'move', 'data.1', '--to', 'n2', '--yes')).toBe(0);
    expect(host.master.asked).toContain('moveVolume default data.1 n2');
    expect(host.stdout).toBe('the data of todo/db.1 is to move from n1 to n2\n  ends what runs\n  copies to n2\n  7 bytes are on both nodes\n  lies on n2\n');
  });

  test('fails where it stays, and says why', async () => {
    host.master.moving = [{ ...way, phase: 'failed', reason: 'no space left on device' }];
    expect(await run('volume', 'move', 'data.1', '--to', 'n2', '--yes')).toBe(1);
    expect(host.stdout).toContain('  stays on n1: no space left on device\n');
  });

  test('is called off, and is one or the other', async () => {
    expect(await run('volume', 'move', 'todo/db.1', '--cancel')).toBe(0);
    expect(host.master.asked).toContain('callOffMove default todo/db.1');
    expect(await run('volume', 'move', 'todo/db.1')).toBe(2);
    expect(await run('volume', 'move', 'todo/db.1', '--cancel', '--to', 'n2')).toBe(2);
  });

  test('stops nothing that nobody confirmed', async () => {
    host = new FakeHost({ home, answer: 'n' });
    expect(await run('volume', 'move', 'data.1', '--to', 'n2')).toBe(1);
    expect(host.master.asked.filter((one) => one.startsWith('moveVolume'))).toEqual([]);
  });
});
