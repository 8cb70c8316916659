import { describe, expect, test } from '@jest/globals';
import type { Firewall } from '../ports/index.js';
import { missingProgram, programFailure } from './failures.js';
import { firewallCommands, seenFirewall } from './firewall.js';
import { makeKey } from './keys.js';
import { detour, interfaces, routes, tunnel } from './seen.js';

describe('what a program says when it fails', () => {
  test.each([
    ['nft', '/dev/stdin:3:1-4: Error: Could not process rule: Operation not permitted\nadd table\n^^^^', 'KON_NETWORK_FORBIDDEN', 'Error: Could not process rule: Operation not permitted'],
    ['ip link', 'RTNETLINK answers: Operation not permitted', 'KON_NETWORK_FORBIDDEN', 'RTNETLINK answers: Operation not permitted'],
    ['wireguard-go', '┌────┐\n│ Running wireguard-go │\n└────┘\nERROR: (kw-1) 2026/01/01 10:00:00 Failed to create TUN device: /dev/net/tun does not exist', 'KON_TUN_MISSING', 'Failed to create TUN device: /dev/net/tun does not exist'],
    ['wg set', 'Unable to modify interface: Address already in use', 'KON_TUNNEL_PORT_TAKEN', 'Address already in use'],
    ['ip route', 'Cannot find device "kw-1"', 'KON_NETWORK_REFUSED', 'Cannot find device "kw-1"'],
    ['ip', '', 'KON_NETWORK_REFUSED', 'it said nothing'],
  ])('%s: its meaning, and its own last word', (command, said, code, words) => {
    expect(programFailure(command, said)).toMatchObject({ code, message: expect.stringContaining(words) });
  });

  test('a long command is cut short', () => {
    expect(programFailure(`wg set ${'x'.repeat(5_000)}`, 'no').message.length).toBeLessThan(200);
  });

  test('one that is not installed is named', () => {
    expect(missingProgram('wg', Object.assign(new Error('spawn wg ENOENT'), { code: 'ENOENT' }))).toMatchObject({ code: 'KON_NETWORK_TOOL_MISSING', message: 'the program wg is not installed' });
  });
});

test('a key is 32 bytes, and its private half is not its public one', () => {
  const { privateKey, publicKey } = makeKey();
  expect([Buffer.from(privateKey, 'base64').length, Buffer.from(publicKey, 'base64').length, privateKey === publicKey]).toEqual([32, 32, false]);
});

describe('the table of the packet filter', () => {
  const firewall: Firewall = {
    names: { bridge: 'kb-1', tunnel: 'kw-1', table: 'kontena-1', routingTable: 81_000_001 }, version: 'abc', subnet: '10.81.0.0/16', lease: '10.81.1.0/24', neighbours: ['kb-2', 'kw-2'],
    policies: [{ stack: 'todo', members: ['10.81.1.2'], from: ['10.81.1.2', '10.81.2.2'] }, { stack: 'alone', members: ['10.81.1.3'], from: [] }],
  };
  const lines = (left: Parameters<typeof firewallCommands>[1] = []) => firewallCommands(firewall, left).split('\n');

  test('lets the grid in by its own interfaces alone, before anything is translated', () => {
    expect(lines().filter((line) => line.includes(' guard '))).toEqual([
      'add chain ip kontena-1 guard { type filter hook prerouting priority raw; policy accept; }',
      'add rule ip kontena-1 guard iifname "lo" accept comment "version abc"',
      'add rule ip kontena-1 guard iifname "kw-1" ip saddr != 10.81.0.0/16 counter name spoofed drop',
      'add rule ip kontena-1 guard iifname "kw-1" ip saddr 10.81.1.0/24 counter name spoofed drop',
      'add rule ip kontena-1 guard iifname "kw-1" ip daddr != 10.81.1.0/24 counter name foreign drop',
      'add rule ip kontena-1 guard iifname "kb-1" ip saddr != 10.81.1.0/24 counter name spoofed drop',
      'add rule ip kontena-1 guard iifname { "kb-1", "kw-1", "kb-2", "kw-2" } accept',
      'add rule ip kontena-1 guard ip saddr 10.81.0.0/16 counter name spoofed drop',
      'add rule ip kontena-1 guard ip daddr 10.81.0.0/16 counter name foreign drop',
    ]);
  });

  test('drops, and counts, what opens a connection to a stack that does not allow it; nobody may reach one that allows nobody', () => {
    expect(lines()).toContain('add rule ip kontena-1 admit ip daddr @to-todo ip saddr 10.81.0.0/16 ip saddr != @from-todo counter name denied-todo drop');
    expect(lines()).toContain('add element ip kontena-1 from-todo { 10.81.1.2, 10.81.2.2 }');
    expect(lines()).toContain('flush set ip kontena-1 from-alone');
    expect(lines().filter((line) => line.startsWith('add element ip kontena-1 from-alone'))).toEqual([]);
  });

  test('loses what is left of stacks that are gone, and keeps counting for those that are not', () => {
    const changed = lines([{ type: 'counter', name: 'denied-gone' }, { type: 'set', name: 'to-gone' }, { type: 'counter', name: 'denied-todo' }]);
    expect(changed.filter((line) => line.startsWith('delete'))).toEqual(['delete counter ip kontena-1 denied-gone', 'delete set ip kontena-1 to-gone']);
    expect(changed.findIndex((line) => line.startsWith('delete'))).toBeGreaterThan(changed.indexOf('flush chain ip kontena-1 admit'));
  });

  test('without its version is none that can be trusted', () => {
    const listing = (comment: string) => JSON.stringify({ nftables: [{ metainfo: {} }, { counter: { name: 'spoofed', packets: 3 } }, { rule: { chain: 'guard', comment } }] });
    expect(seenFirewall(listing('version abc'))).toEqual({ version: 'abc', drops: { spoofed: 3 } });
    expect(seenFirewall(listing('somebody else')).version).toBe('');
  });
});

describe('what is read', () => {
  test('of a tunnel: its port and peers, and never its private key', () => {
    const dump = 'PRIVATE\tPUBLIC\t51820\toff\nK2\t(none)\t192.0.2.2:51820\t10.81.2.0/24\t1700000000\t12\t34\t25\nK3\t(none)\t(none)\t(none)\t0\t0\t0\toff\n';
    expect(tunnel(dump, 'wireguard')).toEqual({
      implementation: 'wireguard', publicKey: 'PUBLIC', port: 51820,
      peers: [
        { publicKey: 'K2', endpoint: '192.0.2.2:51820', allowed: ['10.81.2.0/24'], handshakeAtMs: 1_700_000_000_000, receivedBytes: 12, sentBytes: 34, keepaliveSeconds: 25 },
        { publicKey: 'K3', allowed: [], receivedBytes: 0, sentBytes: 0, keepaliveSeconds: 0 },
      ],
    });
  });

  test('of interfaces: whether a bridge is seen by the filter, and of IPv6 only what others can rely on', () => {
    const listing = [{ ifname: 'kb-1', mtu: 1420, flags: ['UP'], linkinfo: { info_kind: 'bridge', info_data: { nf_call_iptables: 1 } }, addr_info: [{ family: 'inet', local: '10.81.1.1', prefixlen: 24 }, { family: 'inet6', local: 'fe80::1', prefixlen: 64 }] }];
    expect(interfaces(JSON.stringify(listing))).toEqual([{ name: 'kb-1', mtuBytes: 1420, isUp: true, addresses: ['10.81.1.1/24'], kind: 'bridge', isBridgeFiltered: true }]);
    const ipv6 = (local: string, over: object = {}) => ({ family: 'inet6', local, prefixlen: 64, scope: 'global', ...over });
    const wide = [{ ...listing[0], addr_info: [ipv6('fe80::2', { scope: 'link' }), ipv6('2001:db8::1', { temporary: true }), ipv6('2001:db8::2', { deprecated: true }), ipv6('2001:db8::3', { tentative: true }), ipv6('2001:db8::7')] }];
    expect(interfaces(JSON.stringify(wide))).toMatchObject([{ addresses: [], ipv6: ['2001:db8::7'] }]);
  });

  test('of routes: those that lead to an interface', () => {
    const listing = [{ dst: 'default', dev: 'eth0' }, { dst: '10.0.0.7', dev: 'eth1', prefsrc: '10.0.0.1' }, { type: 'unreachable', dst: '10.9.0.0/16' }];
    expect(routes(JSON.stringify(listing))).toEqual([{ to: '0.0.0.0/0', device: 'eth0' }, { to: '10.0.0.7/32', device: 'eth1', source: '10.0.0.1' }]);
  });

  test('of rules: both of a detour, or none', () => {
    const [containers, machine] = [{ priority: 5100, src: '10.81.1.0', srclen: 24, dst: '10.81.0.0', dstlen: 16, table: '7' }, { priority: 5101, src: 'all', dst: '10.81.0.0', dstlen: 16, table: '7' }];
    expect(detour(JSON.stringify([containers, machine]), 7)).toEqual({ subnet: '10.81.0.0/16', lease: '10.81.1.0/24' });
    for (const rules of [[], [machine], [containers], [containers, machine, machine], [containers, { ...machine, dstlen: 12 }]]) expect(detour(JSON.stringify(rules), 7)).toBeUndefined();
    expect(detour(JSON.stringify([containers, machine]), 8)).toBeUndefined();
  });
});
