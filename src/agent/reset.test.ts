import { expect, test } from '@jest/globals';
import { KontenaError } from '../model/index.js';
import { FakeClock } from '../testing/fake-clock.js';
import { FakeEngineRegistry } from '../testing/fake-engine-registry.js';
import { FakeNetwork } from '../testing/fake-engine-networks.js';
import { FakeRuntime } from '../testing/fake-runtime.js';
import { minimalService } from '../testing/runtime-contract.js';
import { resetNode } from './index.js';
import { networkNames } from './network/index.js';

const NAMES = networkNames({ cluster: 'c', grid: 'g', node: 'n1' });

async function machine() {
  const clock = new FakeClock(1_000_000);
  const network = new FakeNetwork();
  const parts = network.parts('g', 'n1');
  await network.machine.createTunnel(NAMES.tunnel);
  await network.engine.ensureNetwork({ subnet: '10.81.1.0/24', gateway: '10.81.1.1', bridge: NAMES.bridge, tunnel: NAMES.tunnel, mtuBytes: 1420 });
  const runtime = new FakeRuntime({ clock });
  runtime.images.add('shop');
  for (const instance of ['shop/web.1@2', 'shop/web.2@2']) await runtime.create({ instance, service: 'shop/web@1', grid: 'g', node: 'n1', secrets: {}, spec: minimalService('shop') });
  await runtime.start('shop/web.1@2');
  const registry = new FakeEngineRegistry();
  await registry.introduce('registry.g.kontena.local', ['10.81.1.2']);
  const resolver = { use: () => Promise.resolve(), leave: () => Promise.resolve(undefined as string | undefined) };
  return { network, runtime, parts: { ...parts, runtime, resolver, registry } };
}

test('takes away what is there, and says so; a second time there is nothing', async () => {
  const { network, runtime, parts } = await machine();
  parts.resolver.leave = async () => {
    await parts.resolver.use();
    parts.resolver.leave = () => Promise.resolve(undefined);
    return 'lines of /etc/resolv.conf';
  };
  expect(await resetNode(parts)).toEqual({ containers: ['shop/web.1@2', 'shop/web.2@2'], network: ['lines of /etc/resolv.conf', `tunnel ${NAMES.tunnel}`, 'engine network kontena-g'], registry: ['registry.g.kontena.local'], left: [] });
  expect([runtime.containers, network.machine.tunnels.size, network.engine.made]).toEqual([[], 0, undefined]);
  expect(await resetNode(parts)).toEqual({ containers: [], network: [], registry: [], left: [] });
});

test('what fails keeps nobody from trying the rest, and is told with what to do', async () => {
  const { network, parts } = await machine();
  network.machine.fails = (call) => (call === 'look' ? new KontenaError('KON_NETWORK_FORBIDDEN', 'not allowed') : undefined);
  parts.runtime.list = () => Promise.reject(new Error('no engine'));
  const { network: removed, left } = await resetNode(parts);
  expect(removed).toEqual(['engine network kontena-g']);
  expect(left.map(({ what, reason }) => [what, reason])).toEqual([['containers', 'no engine'], ['network', 'not allowed']]);
});

test('who may not look at the network of a machine has left nothing there', async () => {
  const { network, parts } = await machine();
  await resetNode(parts);
  network.machine.fails = (call) => (call === 'look' ? new KontenaError('KON_NETWORK_FORBIDDEN', 'not allowed') : undefined);
  expect((await resetNode(parts)).left).toEqual([]);
  network.machine.fails = (call) => (call === 'look' ? new KontenaError('KON_NETWORK_REFUSED', 'broken') : undefined);
  expect((await resetNode(parts)).left.map(({ what }) => what)).toEqual(['network']);
});
