import { expect, test } from '@jest/globals';
import { world } from '../testing/world.js';
import { peerOf, peersOf } from './index.js';

const LEASE = { publicKey: 'key', privateAddress: '10.0.0.7:51820', publicAddress: '203.0.113.9:51820' };

test('a peer is a node with a part and a key, and its region is a label', () => {
  const given = world().node('n2', { labels: ['ssd', 'region=eu'] }).lease('n2', '10.81.1.0/24', LEASE).node('n1').lease('n1', '10.81.0.0/24', { publicKey: 'other' });
  expect(peersOf(given)).toEqual([{ node: 'n1', subnet: '10.81.0.0/24', publicKey: 'other' }, { node: 'n2', subnet: '10.81.1.0/24', ...LEASE, region: 'eu' }]);
});

test('nobody is a peer without a part, without a key, or once removed', () => {
  const given = world().node('n1').lease('n1', '10.81.0.0/24').node('n2').with('Lease', 'n2', { publicKey: 'key' }).lease('n3', '10.81.2.0/24', LEASE);
  expect([peerOf(given, 'n1'), peerOf(given, 'n2'), peerOf(given, 'n3'), peerOf(given, 'n4')]).toEqual([undefined, undefined, undefined, undefined]);
});
