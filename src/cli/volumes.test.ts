import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
