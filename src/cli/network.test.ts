import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { TunnelStatus } from '../model/index.js';
import { FakeHost } from './fake-host.js';
import { runCommandLine } from './main.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-network-cli-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let host: FakeHost;
beforeEach(() => {
  const home = mkdtempSync(join(root, 'home-'));
  mkdirSync(join(home, '.config', 'kontena'), { recursive: true });
  writeFileSync(join(home, '.config', 'kontena', 'config.yaml'), 'current: dev\ncontexts:\n  - {name: dev, server: "127.0.0.1:9292", ca: CA, certificate: CERT, key: KEY}\n');
  host = new FakeHost({ home });
});

const run = (...args: readonly string[]): Promise<number> => runCommandLine(args, root, host);
const tunnel = (node: string, over: Partial<TunnelStatus> = {}): TunnelStatus => ({ node, endpoint: '192.0.2.2:51820', handshakeAgeMs: 12_000, receivedBytes: 1_500_000, sentBytes: 900, ...over });
const given = (...tunnels: readonly TunnelStatus[]): void => {
  host.master.networks = [{ type: 'node', node: 'n1', network: { mtuBytes: 1420, tunnels, drops: { 'denied-shop': 3, spoofed: 0 }, problems: [] } }, { type: 'served', count: 40, medianMs: 25, p99Ms: 150 }];
};

describe('network status and check', () => {
  test('show each tunnel, what was kept out, and how soon names are known', async () => {
    given(tunnel('n2'));
    expect(await run('network', 'status')).toBe(0);
    expect(host.stdout.split('\n')).toEqual([
      'FROM   TO   STATE   HANDSHAKE   LATENCY   LOSS   MTU    PATH              RECEIVED   SENT',
      'n1     n2   up      12s ago     -         -      1420   192.0.2.2:51820   1.5MB      900B',
      'n1 dropped 3 packets (denied-shop)', '', 'Of 40 changes of names, half were served within 25 ms, 99 of 100 within 150 ms.', '',
    ]);
    expect(host.master.asked).toEqual(['network default {"isProbed":false}']);
  });

  test('say what is wrong, and what to do; a check ends with 1 for it, a status with 0', async () => {
    given(tunnel('n2', { probe: { sent: 3, answered: 3, latencyMs: 0.4 } }), tunnel('n3', { probe: { sent: 3, answered: 0 } }));
    expect(await run('network', 'check', 'node/n1')).toBe(1);
    expect(host.stdout).toMatch(/n1 +n2 +up +12s ago +<1ms +0% /);
    expect(host.stdout).toMatch(/n1 → n3: n3 does not answer at 192\.0\.2\.2:51820 any more\n {2}Let UDP through to port 51820 of n3/);
    expect(host.master.asked).toEqual(['network default {"isProbed":true,"node":"n1"}']);
    expect(await run('network', 'status')).toBe(0);
  });

  test('say of a tunnel that loses some what to do, and a check ends with 1', async () => {
    given(tunnel('n2', { probe: { sent: 3, answered: 2, latencyMs: 0.4 } }));
    expect(await run('network', 'check')).toBe(1);
    expect(host.stdout).toMatch(/n1 +n2 +up +12s ago +<1ms +33% /);
    expect(host.stdout).toMatch(/n1 → n2: n2 at 192\.0\.2\.2:51820 answered 2 of 3 probes\n {2}Run `kontenactl network check` again/);
  });

  test('say of a node that is away that it is, and of a lone one that it needs no tunnels', async () => {
    host.master.networks = [{ type: 'unreachable', node: 'n2', reason: 'the agent of node n2 is not connected' }];
    expect(await run('network', 'check')).toBe(1);
    expect(host.stdout).toContain('There are no tunnels');
    expect(host.stdout).toContain('n2: the agent of node n2 is not connected');
  });

  test('are JSON when that is asked for', async () => {
    given(tunnel('n2'));
    expect(await run('network', 'status', '-o', 'json')).toBe(0);
    expect(JSON.parse(host.stdout)).toMatchObject({ kind: 'NetworkStatusList', grid: 'default', items: [{ node: 'n1' }, { count: 40 }] });
  });
});

describe('dns lookup', () => {
  const instances = [{ instance: 'todo/web.1@2', address: '10.81.0.2', node: 'n1', serves: true }, { instance: 'todo/web.2@2', address: '10.81.0.3', node: 'n2', serves: false, whyNot: 'it is unhealthy' }];

  test('shows what serves, and why the rest does not', async () => {
    host.master.lookup = { askedNode: 'n1', name: 'web.todo.default.kontena.local', kind: 'records', because: '', addresses: ['10.81.0.2'], instances };
    expect(await run('dns', 'lookup', 'web.todo', '--node', 'node/n1')).toBe(0);
    expect(host.stdout.split('\n')).toEqual([
      'web.todo.default.kontena.local: 10.81.0.2 (asked on node n1)', '',
      'INSTANCE       ADDRESS     NODE   SERVES   WHY NOT', 'todo/web.1@2   10.81.0.2   n1     yes      -', 'todo/web.2@2   10.81.0.3   n2     no       it is unhealthy', '',
    ]);
    expect(host.master.asked).toEqual(['look up default {"name":"web.todo","node":"n1"}']);
  });

  test('of a name under which nothing serves says why, and ends with 1', async () => {
    host.master.lookup = { askedNode: 'n1', name: 'web', kind: 'unknown', because: 'grid default has no such name', addresses: [], instances: [] };
    expect(await run('dns', 'lookup', 'web')).toBe(1);
    expect(host.stdout).toBe('web: grid default has no such name (asked on node n1)\n');
  });
});

test('node rotate-keys asks the node', async () => {
  expect(await run('node', 'rotate-keys', 'n1')).toBe(0);
  expect([host.stdout, host.master.asked]).toEqual(['node n1 has another key for its tunnels: a key\n', ['rotate keys default n1']]);
});
