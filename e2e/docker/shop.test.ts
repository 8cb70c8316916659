import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { type Bed, Cluster, type Engine, eventually, KONTENACTL, openBed } from './harness/index.js';

let bed: Bed;
let cluster: Cluster;

beforeAll(async () => {
  bed = await openBed(3);
  await bed.registry.pushFolder(bed.engines[0]!, 'shop:1', 'examples/shop');
  cluster = await Cluster.start(bed);
  const stack = readFileSync('examples/shop/stack.yml', 'utf8').replaceAll('kontena-shop:1', `${bed.registry.address}/shop:1`);
  const haproxy = await bed.registry.pushProgram(bed.engines[0]!, 'haproxy:2.6', '/usr/sbin/haproxy');
  const { code, stdout, stderr } = await cluster.tryApply(stack, '-v', `balancer_image=${haproxy}`, '--timeout', '90s');
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
});

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

  test('what its balancers serve is shown, and that all of them know every instance', async () => {
    const route = async (): Promise<string> => (await cluster.must(['get', 'routes', '-o', 'wide'])).split('\n')[1] ?? '';
    await eventually('all balancers send to all instances', async () => (/^\* +\/ +shop\/web +shop\/lb +3\/3 .* http +8080 +- +roundrobin +shop\/lb:shop\/web$/.test(await route()) ? true : undefined));
    const { items } = JSON.parse(await cluster.must(['get', 'routes', '-o', 'json'])) as { readonly items: readonly { readonly status: Readonly<Record<string, unknown>> }[] };
    expect(items[0]?.status).toMatchObject({ state: 'served', endpoints: { up: 3, total: 3 }, requestsPerSecond: expect.any(Number), errorsPerSecond: 0, tookMs: expect.any(Number) });
    expect(await cluster.must(['describe', 'route', 'shop/web'])).toMatch(/^route shop\/lb:shop\/web: served$[^]*shop\/web\.1@\d+: up[^]*last changes:/m);
  }, 60_000);

  test('why a service is not served is said: another has its host, it listens elsewhere, it is unwell', async () => {
    const image = `${bed.registry.address}/shop:1`;
    const links = ['shop/lb'];
    const deploy = { settle: 0 };
    const sick = { protocol: 'http', port: 8080, uri: '/nothing', interval: 2, initial_delay: 0, timeout: 1 };
    const services = {
      late: { image, command: 'db', links, deploy, balancer: { port: 8080 } },
      deaf: { image, command: 'db', links, deploy, balancer: { host: 'deaf.example.com', port: 81 } },
      sick: { image, command: 'db', links, deploy, health_check: sick, balancer: { host: 'sick.example.com', port: 8080 } },
    };
    await cluster.tryApply({ stack: 'odd', services }, '--no-wait');
    const reason = async (service: string): Promise<string> => (JSON.parse(await cluster.must(['get', 'route', service, '-o', 'json'])) as { readonly status: { readonly reason?: string } }).status.reason ?? '';
    const says = (service: string, expected: RegExp): Promise<true> => eventually(`why ${service} is not served`, async () => {
      const said = await reason(service);
      if (!expected.test(said)) throw new Error(`${service}: ${said}`);
      return true as const;
    });
    await says('odd/late', /^\*\/ belongs to shop\/web$/);
    await says('odd/deaf', /^port 81 is not what odd\/deaf listens on: odd\/deaf\.1@\d+: .*refused/);
    await says('odd/sick', /^no healthy endpoint: odd\/sick\.1@\d+: .*GET :8080\/nothing answered 404/);
    await works();
    await cluster.must(['delete', 'stack', 'odd', '--yes']);
    await eventually('their routes are gone', async () => ((await cluster.must(['get', 'routes', '-o', 'name'])) === 'route/shop/lb:shop/web\n' ? true : undefined));
  }, 120_000);

  test('names mean what the manual says, asked from within a container', async () => {
    const { engine, name } = await containerOf('worker');
    const lookup = async (host: string): Promise<number> => {
      const { stdout } = await engine.inside('docker', ['-H', engine.socket, 'exec', name, 'busybox', 'nslookup', host]);
      return new Set(stdout.match(/^Address.*: 10\.81\.\d+\.\d+$/gm) ?? []).size;
    };
    expect([await lookup('web.shop.default.kontena.local'), await lookup('web-2.shop.default.kontena.local'), await lookup('shop.default.kontena.local')]).toEqual([3, 1, 3]);
  }, 60_000);

  test('what a name means can be asked, and why an instance is not in the answer', async () => {
    const found = await cluster.ctl(['dns', 'lookup', 'web.shop']);
    expect(found).toMatchObject({ code: 0, stdout: expect.stringMatching(/^web\.shop\.default\.kontena\.local: 10\.81\.\d+\.\d+, 10\.81\.\d+\.\d+, 10\.81\.\d+\.\d+ \(asked on node n\d\)$/m) });
    expect(await cluster.ctl(['dns', 'lookup', 'wbe.shop.default.kontena.local', '--node', 'n2'])).toMatchObject({ code: 1, stdout: 'wbe.shop.default.kontena.local: grid default has no instance with an address under this name; did you mean web.shop? (asked on node n2)\n' });
    expect((await cluster.ctl(['dns', 'lookup', 'nobody.shop'])).stdout).toContain('; stack shop has the services api, db, lb, web, worker (asked on node');
    expect((await cluster.ctl(['dns', 'lookup', 'no name'])).stderr).toContain('is no name that could be looked up');
    const sick = { image: `${bed.registry.address}/shop:1`, command: 'api', health_check: { protocol: 'http', port: 8080, uri: '/nothing', interval: 2, initial_delay: 0, timeout: 1 } };
    await cluster.tryApply({ stack: 'sick', services: { api: sick } }, '--no-wait');
    await eventually('an instance that is not healthy is explained', async () => (/^sick\/api\.1@\d+ .* no +it .*/m.test((await cluster.ctl(['dns', 'lookup', 'api.sick'])).stdout) ? true : undefined));
    await cluster.must(['delete', 'stack', 'sick', '--yes']);
  }, 90_000);

  test('the tunnels between all nodes are shown, probed, and changed without a loss that lasts', async () => {
    const status = await cluster.must(['network', 'status']);
    for (const [from, to] of [['n1', 'n2'], ['n1', 'n3'], ['n2', 'n1'], ['n2', 'n3'], ['n3', 'n1'], ['n3', 'n2']]) expect(status).toMatch(new RegExp(`^${String(from)} +${String(to)} +(up|idle) +\\d+s ago`, 'm'));
    expect(status).toMatch(/Of \d+ changes of names, half were served within \d+ ms/);
    const check = await cluster.ctl(['network', 'check']);
    expect(check).toMatchObject({ code: 0, stdout: expect.stringMatching(/^n1 +n2 +up .* 0% /m) });
    const before = (await cluster.must(['get', 'nodes', '-o', 'json']));
    await cluster.must(['node', 'rotate-keys', 'n1']);
    await eventually('all tunnels are up with the new key', async () => ((await cluster.ctl(['network', 'check'])).code === 0 && (await cluster.must(['get', 'nodes', '-o', 'json'])) !== before ? true : undefined));
    await works();
  }, 90_000);

  test('where UDP is blocked between two nodes, the check says which port of whom', async () => {
    const block = (verb: string): Promise<unknown> => bed.engines[0]!.inside('iptables', [verb, 'INPUT', '-p', 'udp', '-s', bed.engines[1]!.address, '-j', 'DROP']);
    await block('-I');
    const { code, stdout } = await cluster.ctl(['network', 'check', 'n1'], { timeoutMs: 60_000 });
    await block('-D');
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/n1 → n2: n2 does not answer at [\d.]+:51820 any more\n {2}Let UDP through to port 51820 of n2/) });
    expect(stdout).toMatch(/^n1 +n3 +up /m);
    await eventually('it is up again', async () => ((await cluster.ctl(['network', 'check', 'n1'])).code === 0 ? true : undefined));
  }, 120_000);

  test('a node that is reset leaves nothing on its machine', async () => {
    const engine = bed.engines[2]!;
    const reset = () => engine.inside(process.execPath, [KONTENACTL, 'agent', 'reset', '--data', cluster.agentData(engine), '--docker', engine.socket, '--yes']);
    const refused = await reset();
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('an agent is running with the data directory')]);

    await cluster.killAgent(engine);
    const { code, stdout, stderr } = await reset();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^removed of node n3:\n( {2}container of shop\/\w+\.\d@\d+\n)+ {2}tunnel kw-\w+\n {2}routing rules of table \d+\n {2}packet filter kontena-\w+\n {2}forwarding rules of kontena-\w+\n {2}engine network kontena-default\n$/);
    const left = async (program: string, ...args: readonly string[]): Promise<string> => (await engine.inside(program, args)).stdout;
    expect(await left('ip', '-br', 'link')).not.toMatch(/^k[bw]-/m);
    expect(await left('nft', 'list', 'tables')).not.toContain('kontena');
    expect(await left('ip', 'rule')).not.toContain('lookup 81');
    expect(await left('iptables', '-S')).not.toContain('kontena');
    expect(await engine.docker(['network', 'ls', '--format', '{{.Name}}'])).not.toContain('kontena');
    expect(await engine.docker(['ps', '-aq', '--filter', 'label=io.kontena.grid=default'])).toBe('');
    expect((await reset()).stdout).toBe('nothing of node n3 was here\n');
  }, 60_000);
});
