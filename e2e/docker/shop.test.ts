import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { type Bed, Cluster, type Engine, eventually, openBed } from './harness/index.js';

let bed: Bed;
let cluster: Cluster;

beforeAll(async () => {
  bed = await openBed(3);
  await bed.registry.pushFolder(bed.engines[0]!, 'shop:1', 'examples/shop');
  cluster = await Cluster.start(bed);
  const stack = readFileSync('examples/shop/stack.yml', 'utf8').replaceAll('kontena-shop:1', `${bed.registry.address}/shop:1`);
  const { code, stdout, stderr } = await cluster.tryApply(stack, '--timeout', '90s');
  expect({ code, said: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({ code: 0, said: '' });
}, 180_000);

afterAll(() => bed.close(), 60_000);

/** What a customer at the door of one node sees. */
const shop = async (engine: Engine): Promise<string> => (await engine.inside('curl', ['-sS', '-m', '5', 'http://127.0.0.1:8080/cgi-bin/shop'])).stdout;

/** Waits until the shop works at every node: three lines, from web to the database, and orders that grow. */
const works = (at: readonly Engine[] = bed.engines): Promise<true> => eventually('the shop works at every door', async () => {
  for (const engine of at) {
    const page = await shop(engine);
    if (!/^web: .*\napi: .*\ndb: .* \d+ orders\n$/.test(page)) throw new Error(`${engine.name} shows:\n${page}`);
  }
  return true as const;
}, 30_000);

/** A container of a service on some node. */
async function containerOf(service: string): Promise<{ readonly engine: Engine; readonly name: string }> {
  const [instance] = await cluster.instances(`shop/${service}`);
  const engine = bed.engines.find(({ name }) => name === instance?.spec.node)!;
  const name = (await engine.running()).find((each) => each.startsWith(`shop.${service}-`))!;
  return { engine, name };
}

describe('the example of a shop, on three machines', () => {
  test('works at every door: each service finds the next one by its name, on whatever node', async () => {
    await works();
    const nodes = new Set((await Promise.all(['web', 'api', 'db', 'worker'].map((service) => cluster.instances(`shop/${service}`)))).flat().map(({ spec }) => spec.node));
    expect(nodes.size).toBe(3);
  }, 60_000);

  test('names mean what the manual says, asked from within a container', async () => {
    const { engine, name } = await containerOf('worker');
    const lookup = async (host: string): Promise<number> => {
      const { stdout } = await engine.inside('docker', ['-H', engine.socket, 'exec', name, 'busybox', 'nslookup', host]);
      return new Set(stdout.match(/^Address.*: 10\.81\.\d+\.\d+$/gm) ?? []).size;
    };
    expect([await lookup('web.shop.default.kontena.local'), await lookup('web-2.shop.default.kontena.local'), await lookup('shop.default.kontena.local')]).toEqual([3, 1, 3]);
  }, 60_000);
});
