import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Peer, requireSubnet } from '../../model/index.js';
import type { MachineView, Route, SeenTunnel } from '../../ports/index.js';
import { FakeMachineNetwork } from '../../testing/fake-machine-network.js';
import { executor } from './execute.js';
import { networkNames } from './names.js';
import { plan, type Wanted } from './plan.js';

const names = networkNames({ cluster: 'c', grid: 'g', node: 'n1' });
const key = { privateKey: 's-own', publicKey: 'p-own' };
const N2: Peer = { node: 'n2', subnet: '10.81.2.0/24', publicKey: 'k2', privateAddress: '192.0.2.2:51820' };
const wanted = (over: Partial<Wanted> = {}): Wanted => ({
  names, subnet: requireSubnet('10.81.0.0/16'), lease: requireSubnet('10.81.1.0/24'), self: {}, key, port: 51820, peers: [N2], policies: [], ...over,
});
const bare: MachineView = {
  interfaces: [{ name: 'eth0', addresses: ['192.0.2.1/24'], mtuBytes: 1500, isUp: true }], routes: [{ to: '192.0.2.0/24', device: 'eth0' }], ownRoutes: [], forwards: [], isBridgeFiltered: false,
};

const at = (nowMs = 0, dialled: readonly (readonly [string, string])[] = []) => ({ nowMs, hasMoved: false, dialled: new Map(dialled) });
let settled: MachineView;
beforeAll(async () => {
  const machine = new FakeMachineNetwork();
  machine.links = bare.interfaces;
  machine.routes = bare.routes;
  for (const step of plan(wanted(), bare, at()).steps) await executor(machine, names)(step);
  settled = await machine.look(names);
});
const steps = (view: MachineView, over: Partial<Wanted> = {}, memory = at()): readonly string[] => plan(wanted(over), view, memory).steps.map((step) => step.do);

test('makes everything where nothing is, the filter first, and then nothing more', () => {
  expect(steps(bare)).toEqual(['set-firewall', 'set-forwards', 'create-tunnel', 'configure-tunnel', 'set-peers', 'set-route', 'set-detour']);
  expect(plan(wanted(), settled, at())).toEqual({ steps: [], problems: [] });
});

describe('does only what lacks', () => {
  const withBridge = (view: MachineView): MachineView => ({ ...view, interfaces: [...view.interfaces, { name: names.bridge, addresses: ['10.81.1.1/24'], mtuBytes: 1420, isUp: true }] });
  const withTunnel = (view: MachineView, change: (tunnel: SeenTunnel) => Partial<SeenTunnel>): MachineView => ({ ...view, tunnel: { ...(view.tunnel as SeenTunnel), ...change(view.tunnel as SeenTunnel) } });
  const without = (view: MachineView, what: 'detour' | 'forwards'): MachineView => Object.fromEntries(Object.entries(view).filter(([name]) => name !== what)) as never;
  const cases: readonly (readonly [string, (view: MachineView) => MachineView, readonly string[]])[] = [
    ['the tunnel is gone, and its routes with it', ({ firewall, forwards, detour }) => ({ ...bare, firewall: firewall!, forwards: forwards!, detour: detour! }), ['create-tunnel', 'configure-tunnel', 'set-peers', 'set-route']],
    ['the table was flushed', (view) => ({ ...view, firewall: { version: '', drops: {} } }), ['set-firewall']],
    ['the engine lost our rules', (view) => ({ ...view, forwards: [] }), ['set-forwards']],
    ['nothing refuses to forward', () => without(bare, 'forwards'), ['set-firewall', 'create-tunnel', 'configure-tunnel', 'set-peers', 'set-route', 'set-detour']],
    ['the bridge is there and not seen by the filter', withBridge, ['filter-bridge']],
    ['the tunnel has another key', (view) => withTunnel(view, () => ({ publicKey: 'older' })), ['configure-tunnel']],
    ['the tunnel is down', (view) => ({ ...view, interfaces: view.interfaces.map((link) => (link.name === names.tunnel ? { ...link, isUp: false } : link)) }), ['configure-tunnel']],
    ['somebody took a rule away', (view) => without(view, 'detour'), ['set-detour']],
    ['a route leads to a node that is gone', (view) => ({ ...view, ownRoutes: [...view.ownRoutes, { to: '10.81.9.0/24', device: names.tunnel }] }), ['remove-route']],
    ['a peer is gone', (view) => withTunnel(view, ({ peers }) => ({ peers: [...peers, { publicKey: 'k9', allowed: [], keepaliveSeconds: 0, receivedBytes: 0, sentBytes: 0 }] })), ['set-peers']],
  ];
  test.each(cases)('%s', (_title, change, expected) => {
    expect(steps(change(settled))).toEqual(expected);
  });
});

describe('a peer', () => {
  const moved = (handshakeAtMs: number): MachineView => {
    const seen = settled.tunnel as SeenTunnel;
    return { ...settled, tunnel: { ...seen, peers: seen.peers.map((peer) => ({ ...peer, endpoint: '198.51.100.7:4000', handshakeAtMs })) } };
  };

  test('that was heard from elsewhere is answered there, until it falls silent', () => {
    const memory = at(200_000, [['k2', '192.0.2.2:51820']]);
    expect(steps(moved(100_000), {}, memory)).toEqual([]);
    expect(steps(moved(10_000), {}, memory)).toEqual(['set-peers']);
  });

  test('is dialled anew where it was last heard when this machine has other addresses, or the way there must be kept open from now on', () => {
    const memory = at(200_000, [['k2', '192.0.2.2:51820']]);
    const dialled = (over: Partial<Wanted>, hasMoved: boolean) => plan(wanted(over), moved(100_000), { ...memory, hasMoved }).steps;
    expect(dialled({}, true)).toMatchObject([{ do: 'set-peers', peers: [{ endpoint: '198.51.100.7:4000', keepaliveSeconds: 0 }] }]);
    expect(dialled({ self: { privateAddress: '10.0.0.1:51820', publicAddress: '203.0.113.1:51820' } }, false)).toMatchObject([{ do: 'set-peers', peers: [{ endpoint: '198.51.100.7:4000', keepaliveSeconds: 25 }] }]);
  });

  test('is dialled where it says from now on', () => {
    expect(steps(moved(199_000), { peers: [{ ...N2, privateAddress: '192.0.2.3:51820' }] }, at(200_000, [['k2', '192.0.2.2:51820']]))).toEqual(['set-peers']);
  });

  test('with a new key takes the place of the old', () => {
    const [step] = plan(wanted({ peers: [{ ...N2, publicKey: 'k3' }] }), settled, at()).steps;
    expect(step).toMatchObject({ do: 'set-peers', peers: [{ publicKey: 'k3', allowed: ['10.81.2.0/24'] }], gone: ['k2'] });
  });

  test('whose bridge is on this machine needs no tunnel, and is trusted', () => {
    const other = networkNames({ cluster: 'c', grid: 'g', node: 'n2' });
    const view = { ...bare, interfaces: [...bare.interfaces, { name: other.bridge, addresses: ['10.81.2.1/24'], mtuBytes: 1420, isUp: true }] };
    const [firewall, forwards, ...rest] = plan(wanted(), view, at()).steps;
    expect(firewall).toMatchObject({ firewall: { neighbours: [other.bridge, other.tunnel] } });
    expect(forwards).toMatchObject({ forwards: expect.arrayContaining([{ from: names.bridge, to: other.bridge }, { from: other.bridge, to: names.bridge }]) });
    expect(rest.map((step) => step.do)).toEqual(['create-tunnel', 'configure-tunnel', 'set-detour']);
  });

  test('with our own key is a problem, and no peer', () => {
    const { steps: done, problems } = plan(wanted({ peers: [{ ...N2, publicKey: 'p-own' }] }), bare, at());
    expect(done.map((step) => step.do)).not.toContain('set-peers');
    expect(problems).toMatchObject([{ what: 'n2', reason: 'node n2 has the key of this node\'s tunnels' }]);
  });
});

describe('what stands in the way is a problem', () => {
  test('an interface of the tunnel\'s name', () => {
    const { steps: done, problems } = plan(wanted(), { ...bare, tunnel: 'foreign' }, at());
    expect(done.map((step) => step.do)).toEqual(['set-firewall', 'set-forwards']);
    expect(problems).toMatchObject([{ what: names.tunnel, reason: expect.stringContaining('is no tunnel of WireGuard') }]);
  });

  test('an address of the machine in a part of the grid, which no route shows; that of a tunnel is none', () => {
    const link = (name: string, address: string) => ({ name, addresses: [address], mtuBytes: 1500, isUp: true });
    const { problems } = plan(wanted(), { ...bare, interfaces: [...bare.interfaces, link('lo', '10.81.1.7/32'), link('kw-other', '10.81.2.1/32')] }, at());
    expect(problems).toMatchObject([{ what: '10.81.1.0/24', reason: expect.stringContaining('10.81.1.7/32 to lo') }]);
  });

  test.each<readonly [string, Route, number]>([
    ['into another\'s part', { to: '10.81.2.128/25', device: 'eth1' }, 1],
    ['to our own part', { to: '10.81.1.0/24', device: 'eth1' }, 1],
    ['of our own bridge', { to: '10.81.1.0/24', device: names.bridge }, 0],
    ['to all of the world', { to: '0.0.0.0/0', device: 'eth0' }, 0],
    ['to a larger net', { to: '10.0.0.0/8', device: 'eth1' }, 0],
  ])('a route %s', (_title, route, count) => {
    expect(plan(wanted(), { ...bare, routes: [...bare.routes, route] }, at()).problems).toHaveLength(count);
  });
});
