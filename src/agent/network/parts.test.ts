import { describe, expect, test } from '@jest/globals';
import { type Peer, requireSubnet } from '../../model/index.js';
import { AddressBook } from './address-book.js';
import { policiesOf, versioned } from './admission.js';
import { dialOf } from './dial.js';
import { tunnelMtuBytes } from './mtu.js';
import { networkNames, tunnelBeside } from './names.js';
import { stateOf } from './state.js';

describe('an address', () => {
  const small = requireSubnet('10.81.1.0/29'); // five of them: .2 to .6
  const take = (book: AddressBook, ...instances: readonly string[]) => instances.map((instance) => book.take(instance));

  test('is never the network\'s, the gateway\'s or the broadcast address, and each is given once', () => {
    const book = new AddressBook(small, new Map());
    expect(take(book, 'a', 'b', 'c', 'd', 'e', 'f')).toEqual(['10.81.1.2', '10.81.1.3', '10.81.1.4', '10.81.1.5', '10.81.1.6', undefined]);
    expect(book.whyNone).toBe('all 5 addresses of 10.81.1.0/29 are taken');
  });

  test('is the same each time it is asked for', () => {
    const book = new AddressBook(small, new Map());
    expect(take(book, 'a', 'b', 'a')).toEqual(['10.81.1.2', '10.81.1.3', '10.81.1.2']);
  });

  test('that was given back is given again last, the longest unused first', () => {
    const book = new AddressBook(small, new Map());
    take(book, 'a', 'b', 'c');
    book.giveBack('b');
    book.giveBack('a');
    expect(take(book, 'd', 'e', 'f', 'g')).toEqual(['10.81.1.5', '10.81.1.6', '10.81.1.3', '10.81.1.2']);
  });

  test('of a container that is there is kept, and the walk goes on behind the highest', () => {
    const book = new AddressBook(small, new Map([['a', '10.81.1.2'], ['b', '10.81.1.4']]));
    expect(take(book, 'b', 'c', 'd', 'e', 'f')).toEqual(['10.81.1.4', '10.81.1.5', '10.81.1.6', '10.81.1.3', undefined]);
    book.giveBack('a');
    expect(take(book, 'f')).toEqual(['10.81.1.2']);
  });
});

describe('a peer is dialled', () => {
  const [privateAddress, publicAddress] = ['10.0.0.2:51820', '198.51.100.2:51820'];
  const peer = (over: Partial<Peer>): Peer => ({ node: 'n2', subnet: '10.81.2.0/24', publicKey: 'k', ...over });
  const behind = (nat: string) => ({ privateAddress: '10.0.0.1:51820', publicAddress: `${nat}:51820` });
  const ipv6 = '[2001:db8::2]:51820';
  test.each([
    ['at its private address where both name no region', peer({ privateAddress, publicAddress }), {}, { endpoint: privateAddress, keepaliveSeconds: 0 }],
    ['at its private address in one region', peer({ privateAddress, publicAddress, region: 'eu' }), { region: 'eu' }, { endpoint: privateAddress, keepaliveSeconds: 0 }],
    ['at its public address between regions, and kept open', peer({ privateAddress, publicAddress, region: 'eu' }), { region: 'us' }, { endpoint: publicAddress, keepaliveSeconds: 25 }],
    ['at its public address where only one names a region', peer({ privateAddress, publicAddress }), { region: 'us' }, { endpoint: publicAddress, keepaliveSeconds: 25 }],
    ['at the only address it has', peer({ privateAddress, region: 'eu' }), { region: 'us' }, { endpoint: privateAddress, keepaliveSeconds: 0 }],
    ['without keeping open what no NAT is on', peer({ privateAddress, publicAddress: privateAddress, region: 'eu' }), { region: 'us' }, { endpoint: privateAddress, keepaliveSeconds: 0 }],
    ['nowhere, where it has no address', peer({}), {}, { keepaliveSeconds: 25 }],
    ['and kept open from behind a NAT that it is not behind', peer({ privateAddress: publicAddress, publicAddress }), behind('192.0.2.9'), { endpoint: publicAddress, keepaliveSeconds: 25 }],
    ['but not from behind the same one', peer({ privateAddress, publicAddress: '192.0.2.9:51820' }), behind('192.0.2.9'), { endpoint: privateAddress, keepaliveSeconds: 0 }],
    ['and kept open from an inner address to one of the world, though the master is on the inner side, too', peer({ privateAddress: publicAddress }), behind('10.0.0.1'), { endpoint: publicAddress, keepaliveSeconds: 25 }],
    ['at its address of IPv6, and kept open where it may know another of ours alone', peer({ privateAddress: ipv6 }), behind('10.0.0.1'), { endpoint: ipv6, keepaliveSeconds: 25 }],
    ['without keeping open where both have one of IPv6', peer({ privateAddress: ipv6 }), { privateAddress: '[2001:db8::9]:51820', publicAddress: '192.0.2.9:51820' }, { endpoint: ipv6, keepaliveSeconds: 0 }],
  ])('%s', (_title, row, self, expected) => {
    expect(dialOf(row, self)).toEqual(expected);
  });
});

describe('the size of packets', () => {
  const link = (name: string, mtuBytes: number) => ({ name, mtuBytes, addresses: [], isUp: true });
  const view = {
    interfaces: [link('eth0', 1500), link('eth1', 9000), link('vpn0', 1400), { ...link('ppp0', 1492), ipv6: ['2001:db8::9'] }],
    routes: [{ to: '0.0.0.0/0', device: 'eth0' }, { to: '10.0.0.0/8', device: 'eth1' }, { to: '10.9.0.0/16', device: 'vpn0' }],
  };
  test.each([
    ['is that of the way out where there are no peers', [], 1420],
    ['is that of the narrowest link to any peer', ['10.1.0.1:51820', '10.9.0.1:51820'], 1320],
    ['is no larger than the way out allows', ['10.1.0.1:51820'], 1420],
    ['is that of the way out for what is no address', ['host.example:51820'], 1420],
    ['is that of the narrowest link that may lead to IPv6', ['[2001:db8::1]:51820'], 1412],
  ])('%s', (_title, endpoints, bytes) => {
    expect(tunnelMtuBytes(endpoints, view)).toBe(bytes);
  });
});

test('names fit an interface, and no two nodes share one', () => {
  const [a, b] = [networkNames({ cluster: 'c', grid: 'g', node: 'n1' }), networkNames({ cluster: 'c', grid: 'gn', node: '1' })];
  expect(a.bridge).toMatch(/^kb-[0-9a-f]{8}$/);
  expect([a.bridge === b.bridge, a.table === b.table, tunnelBeside(a.bridge)]).toEqual([false, false, a.tunnel]);
});

test('a policy names the addresses of its stack on this node, and of all who may reach it', () => {
  const row = (instance: string, address: string, node: string) => ({ instance, address, node });
  const rows = [row('a/web.1@1', '10.81.1.2', 'n1'), row('a/web.2@1', '10.81.2.2', 'n2'), row('b/db.1@1', '10.81.2.3', 'n2'), row('c/x.1@1', '10.81.2.4', 'n2')];
  expect(policiesOf([{ stack: 'a', from: ['a', 'b', 'gone'] }], rows, 'n1')).toEqual([{ stack: 'a', members: ['10.81.1.2'], from: ['10.81.1.2', '10.81.2.2', '10.81.2.3'] }]);
  const firewall = { names: networkNames({ cluster: 'c', grid: 'g', node: 'n' }), subnet: 's', lease: 'l', neighbours: [], policies: [] };
  expect(versioned(firewall).version).not.toBe(versioned({ ...firewall, neighbours: ['kb-1'] }).version);
});

test('what is said of the network names the address towards the master first, and leaves out what is the grid\'s', () => {
  const names = networkNames({ cluster: 'c', grid: 'g', node: 'n1' });
  const link = (name: string, address: string) => ({ name, addresses: [`${address}/24`], mtuBytes: 1500, isUp: true });
  const view = {
    interfaces: [{ ...link('lo', '127.0.0.1'), addresses: ['127.0.0.1/8', '10.5.0.9/32'] }, { ...link('docker0', '172.17.0.1'), ipv6: ['2001:db8:1::1'] }, { ...link('eth0', '192.0.2.1'), ipv6: ['2001:db8::9'] }, link('eth1', '10.0.0.1'), link(names.bridge, '10.81.1.1')],
    routes: [{ to: '0.0.0.0/0', device: 'eth0' }, { to: '192.0.2.0/24', device: 'eth0' }, { to: '10.0.0.0/24', device: 'eth1' }, { to: '10.81.1.0/24', device: names.bridge }, { to: '10.81.3.0/24', device: 'kb-other' }, { to: '172.17.0.0/16', device: 'docker0' }],
    ownRoutes: [], isBridgeFiltered: true, tunnel: { implementation: 'wireguard' as const, port: 51820, peers: [] },
  };
  const facts = { names, peers: [{ node: 'n3', subnet: '10.81.3.0/24', publicKey: 'k3' }], publicKey: 'own', port: 51820, master: '10.0.0.9:9292', problems: [] };
  expect(stateOf(facts, view)).toEqual({
    publicKey: 'own', port: 51820, addresses: ['10.0.0.1', '192.0.2.1', '2001:db8::9'], implementation: 'wireguard', routes: ['10.0.0.0/24', '10.5.0.9/32', '172.17.0.0/16', '192.0.2.0/24'], problems: [],
  });
  expect(stateOf(facts, { ...view, tunnel: 'foreign' })).not.toHaveProperty('publicKey');
});
