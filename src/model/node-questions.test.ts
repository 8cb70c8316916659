import { expect, test } from '@jest/globals';
import { tunnelState, type TunnelStatus, tunnelTrouble } from './node-questions.js';

const tunnel = (over: Partial<TunnelStatus> = {}): TunnelStatus => ({ node: 'n2', endpoint: '192.0.2.2:51820', receivedBytes: 0, sentBytes: 148, ...over });

test.each([
  ['one that was answered lately', tunnel({ handshakeAgeMs: 20_000 }), 'up'],
  ['one with nothing to carry', tunnel({ handshakeAgeMs: 600_000 }), 'idle'],
  ['one that was never answered', tunnel(), 'down'],
  ['one that nothing was sent through', tunnel({ sentBytes: 0 }), 'unused'],
  ['one that answers when it is asked', tunnel({ handshakeAgeMs: 600_000, probe: { sent: 3, answered: 3, latencyMs: 2 } }), 'up'],
  ['one that does not', tunnel({ handshakeAgeMs: 20_000, probe: { sent: 3, answered: 0 } }), 'down'],
  ['one that is none, between nodes of one machine', tunnel({ isLocal: true, sentBytes: 0 }), 'local'],
  ['a way on one machine that answers', tunnel({ isLocal: true, probe: { sent: 3, answered: 3 } }), 'local'],
  ['a way on one machine that does not', tunnel({ isLocal: true, probe: { sent: 3, answered: 0 } }), 'down'],
])('%s', (_title, status, state) => {
  expect(tunnelState(status)).toBe(state);
  expect(tunnelTrouble('n1', status) === undefined).toBe(state !== 'down');
});

test('one that loses some is up, and says so', () => {
  const lossy = tunnel({ probe: { sent: 3, answered: 2, latencyMs: 2 } });
  expect([tunnelState(lossy), tunnelTrouble('n1', lossy)]).toEqual(['up', { reason: 'n2 at 192.0.2.2:51820 answered 2 of 3 probes', remedy: expect.stringContaining('how busy n1, n2') }]);
  expect(tunnelTrouble('n1', { ...lossy, isLocal: true })?.remedy).toContain('too busy');
});

test('what is wrong on one machine is no packet filter between two', () => {
  expect(tunnelTrouble('n1', tunnel({ isLocal: true, probe: { sent: 3, answered: 0 } }))).toEqual({ reason: 'n2, on the same machine, does not answer', remedy: expect.stringContaining('describe node n2') });
});

test('what is wrong says which port of whom', () => {
  expect(tunnelTrouble('n1', tunnel())).toEqual({ reason: 'n2 has never answered at 192.0.2.2:51820', remedy: expect.stringContaining('Let UDP through to port 51820 of n2, and from there to the port of n1\'s tunnels') });
  expect(tunnelTrouble('n1', tunnel({ handshakeAgeMs: 9, probe: { sent: 3, answered: 0 } }))?.reason).toBe('n2 does not answer at 192.0.2.2:51820 any more');
  const { endpoint: _endpoint, ...unknown } = tunnel();
  expect(tunnelTrouble('n1', unknown)?.reason).toBe('nobody knows an address of n2');
});
