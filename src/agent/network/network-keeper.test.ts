import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Instant, KontenaError, type NetworkSection, type NodeNetworkBody, type Peer } from '../../model/index.js';
import type { Log } from '../../ports/index.js';
import { FakeClock } from '../../testing/fake-clock.js';
import { FakeNetwork } from '../../testing/fake-engine-networks.js';
import { FakeRandom } from '../../testing/fake-random.js';
import { createNetworkKeeper, type NetworkKeeper, resetEngine, resetMachine } from './index.js';
import { changeDue } from './key-age.js';
import { networkNames } from './names.js';

const names = networkNames({ cluster: 'c', grid: 'g', node: 'n1' });
const SECTION: NetworkSection = { subnet: '10.81.0.0/16', lease: '10.81.1.0/24', restricted: [] };
const N2: Peer = { node: 'n2', subnet: '10.81.2.0/24', publicKey: 'k2', privateAddress: '192.0.2.2:51820' };
const WEB = 'todo/web.1@5';
const MINUTE = 60_000;

let network: FakeNetwork;
let clock: FakeClock;
let keeper: NetworkKeeper;
let held: ReadonlyMap<string, string> | undefined;
let said: NodeNetworkBody[];
let grounds: number;

function open(): NetworkKeeper {
  const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  return createNetworkKeeper({
    ...network.parts('g', 'n1'), keyMaxAgeMs: 30 * MINUTE, clock, random: new FakeRandom(1), log,
    neighbourhood: { held: () => held, resolver: (_instance, gateway) => ({ dns: [gateway], search: ['g.kontena.local'] }) },
    onState: (state) => void said.push(state),
    onPlace: (place) => void (grounds += place === undefined ? 0 : 1),
  });
}

async function settle(section = SECTION, peers: readonly Peer[] = [N2]): Promise<void> {
  void keeper.start();
  keeper.obey(section);
  keeper.peers.whole(peers);
  await clock.run(3_000);
}

beforeEach(() => {
  [network, clock, held, said, grounds] = [new FakeNetwork(), new FakeClock(1_000_000), new Map(), [], 0];
  keeper = open();
});
afterEach(() => keeper.stop());

test('an instance waits, and is told for what, until there is a place for it', async () => {
  void keeper.start();
  await clock.run(0);
  expect(keeper.attach(WEB)).toEqual({ wait: 'the master has not said yet which part of the network is this node\'s' });
  keeper.obey({ subnet: '10.81.0.0/16', reason: 'all parts are taken', restricted: [] });
  await clock.run(0);
  expect(keeper.attach(WEB)).toEqual({ wait: 'all parts are taken' });
  keeper.obey(SECTION);
  await clock.run(0);
  expect(keeper.attach(WEB)).toEqual({ wait: 'the master has not said yet which other nodes there are' });
  held = undefined;
  keeper.peers.whole([N2]);
  await clock.run(0);
  expect(grounds).toBe(1);
  expect(keeper.attach(WEB)).toEqual({ wait: 'the containers that are here are not known yet' });
  held = new Map([['todo/db.1@2', '10.81.1.2']]);
  expect(keeper.attach(WEB)).toEqual({ network: 'kontena-g', address: '10.81.1.3', resolver: { dns: ['10.81.1.1'], search: ['g.kontena.local'] } });
});

test('at rest nothing is done, and all is looked at every 30 seconds', async () => {
  await settle();
  network.machine.done();
  const calls = network.machine.calls;
  await clock.run(600_000);
  expect(network.machine.done()).toEqual([]);
  expect(network.machine.calls - calls).toBe(20);
});

test('the state is said when it changes, and the key once there is a tunnel', async () => {
  await settle();
  expect(said.at(-1)).toEqual({ publicKey: network.kept?.publicKey, port: 51_820, addresses: ['192.0.2.1'], implementation: 'wireguard-go', routes: [], problems: [] });
  const count = said.length;
  await clock.run(60_000);
  expect(said).toHaveLength(count);
});

test('a tunnel whose program died is there again within two seconds, with its peers', async () => {
  await settle();
  network.machine.loseTunnel(names.tunnel);
  await clock.run(2_000);
  expect(network.machine.tunnels.get(names.tunnel)?.peers).toMatchObject([{ publicKey: 'k2', endpoint: '192.0.2.2:51820' }]);
});

test('what fails is a problem with its remedy, keeps nobody from the rest, and is tried again', async () => {
  network.machine.fails = (call) => (call === 'create-tunnel' ? new KontenaError('KON_TUN_MISSING', 'there is no /dev/net/tun') : undefined);
  await settle();
  expect(said.at(-1)?.problems).toContainEqual({ what: 'create-tunnel', reason: 'there is no /dev/net/tun', remedy: expect.stringContaining('modprobe') });
  expect(keeper.attach(WEB)).toMatchObject({ address: '10.81.1.2' });
  expect(network.machine.firewalls.size).toBe(1);
  network.machine.fails = () => undefined;
  await clock.run(31_000);
  expect(said.at(-1)?.problems).toEqual([]);
});

test('a port that is taken is left to whoever has it', async () => {
  network.machine.takenPorts = [51_820, 51_821];
  await settle();
  expect([said.at(-1)?.port, said.at(-1)?.problems]).toEqual([51_822, []]);
});

test('a machine that is given another address dials all others anew from there, once', async () => {
  await settle();
  network.machine.done();
  network.machine.links = network.machine.links.map((link) => (link.name === 'eth0' ? { ...link, addresses: ['192.0.2.99/24'] } : link));
  await clock.run(31_000);
  expect(network.machine.done()).toEqual([`set-peers ${names.tunnel}`]);
  await clock.run(90_000);
  expect(network.machine.done()).toEqual([]);
});

test('an agent that starts again changes nothing: neither key nor port nor tunnel', async () => {
  network.machine.takenPorts = [51_820];
  await settle();
  await keeper.stop();
  network.machine.done();
  network.machine.takenPorts = [];
  const before = said.at(-1);
  keeper = open();
  await settle();
  expect(network.machine.done()).toEqual([]);
  expect(said.at(-1)).toEqual(before);
});

test('the engine\'s network is made again when someone removed it; while it cannot be, instances wait for it', async () => {
  await settle();
  await network.engine.removeNetwork();
  network.engine.fails = new KontenaError('KON_SUBNET_TAKEN', 'another network has these addresses');
  await clock.run(31_000);
  expect(keeper.attach(WEB)).toEqual({ wait: 'another network has these addresses' });
  network.engine.fails = undefined;
  await clock.run(31_000);
  expect(network.engine.made).toMatchObject({ subnet: '10.81.1.0/24', gateway: '10.81.1.1', bridge: names.bridge, tunnel: names.tunnel, mtuBytes: 1420 });
  expect(keeper.attach(WEB)).toMatchObject({ address: '10.81.1.2' });
});

test('a node that has no part any more has no tunnels and no filter', async () => {
  await settle();
  keeper.obey({ subnet: '10.81.0.0/16', restricted: [] });
  await clock.run(1_000);
  expect([network.machine.tunnels.size, network.machine.firewalls.size, network.machine.detours.size]).toEqual([0, 0, 0]);
});

test('the table of peers is followed row by row', async () => {
  await settle();
  keeper.peers.changed([{ ...N2, node: 'n3', subnet: '10.81.3.0/24', publicKey: 'k3' }, { ...N2, node: 'n1', publicKey: 'own row' }], ['n2'], 0);
  await clock.run(1_000);
  expect(network.machine.tunnels.get(names.tunnel)?.peers.map(({ publicKey }) => publicKey)).toEqual(['k3']);
});

test('a new key is kept before it is used', async () => {
  await settle();
  const before = said.at(-1)?.publicKey;
  await keeper.rotateKey();
  await clock.run(1_000);
  expect(said.at(-1)?.publicKey).not.toBe(before);
  expect(network.machine.tunnels.get(names.tunnel)?.publicKey).toBe(network.kept?.publicKey);
});

describe('a key that is old', () => {
  const key = (): string | undefined => network.machine.tunnels.get(names.tunnel)?.publicKey;
  const masterIsThere = async (): Promise<void> => {
    keeper.masterIsThere();
    keeper.masterIsThere();
    await clock.run(1_000);
  };

  test('is changed once, in the last quarter of its life, when the master is there to tell of it', async () => {
    await settle();
    const first = key();
    await clock.run(22 * MINUTE);
    await masterIsThere();
    expect(key()).toBe(first);
    await clock.run(8 * MINUTE);
    expect(key()).toBe(first);
    await masterIsThere();
    const second = key();
    expect([second === first, second]).toEqual([false, network.kept?.publicKey]);
    await masterIsThere();
    expect(key()).toBe(second);
  });

  test('is as old when the agent starts again; one of an agent that kept no moment begins anew', async () => {
    await settle();
    const first = key();
    await clock.run(22 * MINUTE);
    await keeper.stop();
    keeper = open();
    await settle();
    await clock.run(8 * MINUTE);
    await masterIsThere();
    expect(key()).not.toBe(first);
    const { madeAt: _madeAt, ...older } = network.kept!;
    network.kept = older as never;
    await keeper.stop();
    keeper = open();
    await settle();
    await clock.run(22 * MINUTE);
    await masterIsThere();
    expect(key()).toBe(older.publicKey);
  });

  test('that cannot be kept is not used, and tried again', async () => {
    await settle();
    const first = key();
    await clock.run(30 * MINUTE);
    const { save } = network.keys;
    network.keys.save = () => Promise.reject(new KontenaError('KON_STORE_FULL', 'no space'));
    await masterIsThere();
    expect(key()).toBe(first);
    network.keys.save = save;
    await masterIsThere();
    expect(key()).not.toBe(first);
  });

  test.each([[0, 30], [128, 26.25], [255, 22.53]])('is due when its own first byte, %i, says so', (byte, minutes) => {
    const publicKey = Buffer.from([byte, 1, 2]).toString('base64');
    expect(changeDue({ publicKey, privateKey: '', madeAt: 0 as Instant }, 30 * MINUTE) / MINUTE).toBeCloseTo(minutes, 1);
  });
});

test('says it in the order of names', async () => {
  await settle(SECTION, [{ ...N2, node: 'n10', subnet: '10.81.10.0/24', publicKey: 'k10' }, N2]);
  expect((await keeper.status(undefined)).tunnels.map(({ node }) => node)).toEqual(['n2', 'n10']);
});

test('says of each other node how the way there is; on the same machine none through a tunnel is needed', async () => {
  await settle();
  network.machine.shakeHands(names.tunnel, 'k2', clock.now() - 7_000);
  expect(await keeper.status(undefined)).toEqual({
    mtuBytes: 1420, drops: { spoofed: 0, foreign: 0 }, problems: [], tunnels: [{ node: 'n2', endpoint: '192.0.2.2:51820', handshakeAgeMs: 7_000, receivedBytes: 0, sentBytes: 0 }],
  });
  network.machine.links = [...network.machine.links, { name: 'kb-other', addresses: ['10.81.2.1/24'], mtuBytes: 1500, isUp: true }];
  expect((await keeper.status(undefined)).tunnels).toMatchObject([{ node: 'n2', isLocal: true }]);
});

test('reset takes everything away', async () => {
  await settle();
  await keeper.stop();
  const { machine, engine, owner } = network.parts('g', 'n1');
  expect([...(await resetMachine(machine, owner)), ...(await resetEngine(engine))]).toEqual([
    `tunnel ${names.tunnel}`, `routing rules of table ${names.routingTable}`, `packet filter ${names.table}`, `forwarding rules of ${names.table}`, 'engine network kontena-g',
  ]);
  expect([...(await resetMachine(machine, owner)), ...(await resetEngine(engine))]).toEqual([]);
  expect([network.machine.tunnels.size, network.machine.firewalls.size, network.machine.forwards.get(names.table), network.engine.made]).toEqual([0, 0, [], undefined]);
});
