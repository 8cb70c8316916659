import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Firewall, MachineNetwork, NetworkNames, SeenTunnel, TunnelKey } from '../ports/index.js';

export interface MachineSubject {
  readonly machine: MachineNetwork;
  readonly names: NetworkNames;
  /** A bridge and an interface of somebody else's: `kt-other`, a port of the bridge. */
  readonly foreign: string;
}

/** What any MachineNetwork promises. Run against the fake among the unit tests and against a real namespace in e2e, so that the fake cannot lie. */
export function machineNetworkContract(title: string, open: () => MachineSubject | Promise<MachineSubject>): void {
  describe(`${title} keeps the MachineNetwork contract`, () => {
    let machine: MachineNetwork;
    let names: NetworkNames;
    let foreign: string;
    let key: TunnelKey;

    const tunnel = async (): Promise<SeenTunnel> => (await machine.look(names)).tunnel as SeenTunnel;
    const firewall = (version: string, over: Partial<Firewall> = {}): Firewall => ({ names, version, subnet: '10.81.0.0/16', lease: '10.81.1.0/24', neighbours: [], policies: [], ...over });
    const make = async (): Promise<void> => {
      await machine.createTunnel(names.tunnel);
      await machine.configureTunnel(names.tunnel, { privateKey: key.privateKey, port: 51900, mtuBytes: 1400, address: '10.81.1.1/32' });
    };

    beforeEach(async () => {
      ({ machine, names, foreign } = await open());
      key = machine.makeKey();
    });
    afterEach(async () => {
      await machine.removeTunnel(names.tunnel);
      await machine.removeFirewall(names.table);
      await machine.setForwards(names.table, []);
      await machine.setDetour(names, undefined);
    });

    test('sees nothing of ours where nothing of ours is', async () => {
      const view = await machine.look(names);
      expect([view.tunnel, view.firewall, view.forwards, view.ownRoutes, view.detour]).toEqual([undefined, undefined, [], [], undefined]);
      expect(view.interfaces).toContainEqual(expect.objectContaining({ name: 'lo', addresses: ['127.0.0.1/8'] }));
      expect(await machine.hasInterface(names.tunnel)).toBe(false);
    });

    test('makes keys that are never the same', () => {
      expect(key.privateKey).toMatch(/^[\w+/]{43}=$/);
      expect(key.publicKey).toMatch(/^[\w+/]{43}=$/);
      expect(machine.makeKey().publicKey).not.toBe(key.publicKey);
    });

    test('makes a tunnel with its key, port, size and address, and once more changes nothing', async () => {
      await make();
      await make();
      expect(await tunnel()).toEqual({ implementation: expect.stringMatching(/^wireguard(-go)?$/), publicKey: key.publicKey, port: 51900, peers: [] });
      const view = await machine.look(names);
      expect(view.interfaces).toContainEqual({ name: names.tunnel, addresses: ['10.81.1.1/32'], mtuBytes: 1400, isUp: true });
      expect(await machine.hasInterface(names.tunnel)).toBe(true);
    });

    test('changes one thing of a tunnel and leaves the others', async () => {
      await make();
      const other = machine.makeKey();
      await machine.configureTunnel(names.tunnel, { privateKey: other.privateKey });
      await machine.configureTunnel(names.tunnel, { mtuBytes: 1300 });
      expect(await tunnel()).toMatchObject({ publicKey: other.publicKey, port: 51900 });
      expect((await machine.look(names)).interfaces).toContainEqual({ name: names.tunnel, addresses: ['10.81.1.1/32'], mtuBytes: 1300, isUp: true });
    });

    test('adds, changes and removes peers', async () => {
      await make();
      const [a, b] = [machine.makeKey().publicKey, machine.makeKey().publicKey];
      await machine.setPeers(names.tunnel, [
        { publicKey: a, endpoint: '10.9.8.7:51820', allowed: ['10.81.2.0/24'], keepaliveSeconds: 25 },
        { publicKey: b, allowed: [], keepaliveSeconds: 0 },
      ], []);
      expect((await tunnel()).peers).toEqual(expect.arrayContaining([
        expect.objectContaining({ publicKey: a, endpoint: '10.9.8.7:51820', allowed: ['10.81.2.0/24'], keepaliveSeconds: 25 }),
        { publicKey: b, allowed: [], keepaliveSeconds: 0, receivedBytes: 0, sentBytes: 0 },
      ]));
      await machine.setPeers(names.tunnel, [{ publicKey: a, allowed: ['10.81.3.0/24'], keepaliveSeconds: 0 }], [b]);
      expect((await tunnel()).peers).toEqual([expect.objectContaining({ publicKey: a, endpoint: '10.9.8.7:51820', allowed: ['10.81.3.0/24'], keepaliveSeconds: 0 })]);
    });

    test('moves a subnet from one peer to another', async () => {
      await make();
      const [a, b] = [machine.makeKey().publicKey, machine.makeKey().publicKey];
      const peer = (publicKey: string, ...allowed: string[]) => ({ publicKey, allowed, keepaliveSeconds: 0 });
      await machine.setPeers(names.tunnel, [peer(a, '10.81.2.0/24'), peer(b)], []);
      await machine.setPeers(names.tunnel, [peer(b, '10.81.2.0/24')], []);
      expect((await tunnel()).peers.map(({ publicKey, allowed }) => [publicKey, allowed])).toEqual(expect.arrayContaining([[a, []], [b, ['10.81.2.0/24']]]));
    });

    test('adds a route, changes and removes it; what is gone is left so', async () => {
      await make();
      const route = { to: '10.81.2.0/24', device: names.tunnel, source: '10.81.1.1' };
      await machine.setRoute(names, route);
      await machine.setRoute(names, route);
      expect((await machine.look(names)).ownRoutes).toEqual([route]);
      await machine.removeRoute(names, route);
      await machine.removeRoute(names, route);
      expect((await machine.look(names)).ownRoutes).toEqual([]);
    });

    test('sends what goes to the grid another way, and no longer', async () => {
      const detour = { subnet: '10.81.0.0/16', lease: '10.81.1.0/24' };
      await machine.setDetour(names, detour);
      await machine.setDetour(names, detour);
      expect((await machine.look(names)).detour).toEqual(detour);
      await machine.setDetour(names, { ...detour, lease: '10.81.2.0/24' });
      expect((await machine.look(names)).detour).toEqual({ ...detour, lease: '10.81.2.0/24' });
      await machine.setDetour(names, undefined);
      await machine.setDetour(names, undefined);
      expect((await machine.look(names)).detour).toBeUndefined();
    });

    test('loses the routes with the tunnel; a tunnel that is gone is left so', async () => {
      await make();
      await machine.setRoute(names, { to: '10.81.2.0/24', device: names.tunnel, source: '10.81.1.1' });
      await machine.removeTunnel(names.tunnel);
      await machine.removeTunnel(names.tunnel);
      const view = await machine.look(names);
      expect([view.tunnel, view.ownRoutes]).toEqual([undefined, []]);
    });

    test('tells an interface that is no tunnel', async () => {
      expect((await machine.look({ ...names, tunnel: foreign })).tunnel).toBe('foreign');
      await expect(machine.createTunnel(foreign)).resolves.toBeUndefined();
    });

    test('refuses what the tunnel is not there for', async () => {
      await expect(machine.setPeers(names.tunnel, [], [key.publicKey])).rejects.toMatchObject({ code: 'KON_NETWORK_REFUSED', message: expect.stringContaining(names.tunnel) });
      await expect(machine.setRoute(names, { to: '10.81.2.0/24', device: names.tunnel })).rejects.toMatchObject({ code: 'KON_NETWORK_REFUSED' });
    });

    test('replaces the firewall, which is known by its version', async () => {
      const policies = [{ stack: 'a1', members: ['10.81.1.2'], from: ['10.81.1.2', '10.81.2.2'] }];
      await machine.setFirewall(firewall('aa', { policies }));
      expect((await machine.look(names)).firewall).toEqual({ version: 'aa', drops: { spoofed: 0, foreign: 0, 'denied-a1': 0 } });
      await machine.setFirewall(firewall('bb', { neighbours: ['kb-2'], policies: [{ stack: '2', members: [], from: [] }] }));
      expect((await machine.look(names)).firewall).toEqual({ version: 'bb', drops: { spoofed: 0, foreign: 0, 'denied-2': 0 } });
      await machine.removeFirewall(names.table);
      await machine.removeFirewall(names.table);
      expect((await machine.look(names)).firewall).toBeUndefined();
    });

    test('lets pairs of interfaces through, and no longer when they are not named', async () => {
      const [there, back] = [{ from: names.bridge, to: names.tunnel }, { from: names.tunnel, to: names.bridge }];
      await machine.setForwards(names.table, [there, back]);
      await machine.setForwards(names.table, [there, back]);
      expect((await machine.look(names)).forwards).toEqual(expect.arrayContaining([there, back]));
      expect((await machine.look(names)).forwards).toHaveLength(2);
      await machine.setForwards(names.table, [back]);
      expect((await machine.look(names)).forwards).toEqual([back]);
      expect((await machine.look({ ...names, table: 'kontena-others' })).forwards).toEqual([]);
    });
  });
}
