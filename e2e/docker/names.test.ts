import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Bed, Cluster, type Engine, eventually, openBed, putBehindNat, setCable, type StackFile } from './harness/index.js';

let bed: Bed;
let cluster: Cluster;
let image: string;

/** Says who it is on port 8080. */
const SPEAK = `busybox mkdir -p /www
echo "$KONTENA_SERVICE_NAME-$KONTENA_SERVICE_INSTANCE_NUMBER" > /www/index.html
trap 'exit 0' TERM
busybox httpd -f -p "\${PORT:-8080}" -h /www &
wait`;

const daemon = { strategy: 'daemon', wait_for_port: 8080, grace: '5s' } as const;

beforeAll(async () => {
  bed = await openBed(3);
  image = await bed.registry.push(bed.engines[0]!, 'speak:1', SPEAK);
  cluster = await Cluster.start(bed);
  await cluster.apply({
    stack: 'talk',
    services: {
      web: { image, deploy: daemon },
      asker: { image, deploy: daemon, links: ['web:friend'] },
      own: { image, network_mode: 'host', environment: ['PORT=9090'], affinity: ['node==n1'] },
    },
  });
}, 180_000);

afterAll(() => bed.close(), 60_000);

const closed = (...allow: readonly string[]): StackFile & { readonly allow: readonly string[] } =>
  ({ stack: 'closed', allow, services: { db: { image, deploy: { wait_for_port: 8080 } }, friend: { image, deploy: { wait_for_port: 8080 } } } });

/** The container of a service on a node, as the engine calls it. */
async function containerOn(engine: Engine, service: string): Promise<string> {
  const found = (await engine.running()).find((name) => name.startsWith(`${service.replace('/', '.')}-`));
  if (found === undefined) throw new Error(`no container of ${service} on ${engine.name}`);
  return found;
}

/** What a container of a service gets when it asks for a page; empty when it gets none. */
async function page(engine: Engine, service: string, url: string): Promise<string> {
  const args = ['-H', engine.socket, 'exec', await containerOn(engine, service), 'busybox', 'timeout', '3', 'busybox', 'wget', '-q', '-O', '-', url];
  return (await engine.inside('docker', args)).stdout.trim();
}

/** Addresses that the node's server of names gives, asked from the node itself. */
async function addresses(engine: Engine, name: string): Promise<readonly string[]> {
  const gateway = (await engine.docker(['network', 'inspect', 'kontena-default', '-f', '{{(index .IPAM.Config 0).Gateway}}'])).trim();
  const { stdout } = await engine.inside('dig', [`@${gateway}`, '+short', '+tries=1', '+time=1', name]);
  return stdout.split('\n').filter((line) => /^[\d.]+$/.test(line)).sort();
}

const WEB = 'web.talk.default.kontena.local';

/** Waits until the server of names of each of these nodes gives so many addresses. */
const known = (engines: readonly Engine[], count: number, timeoutMs = 30_000): Promise<true> =>
  eventually(`${count} addresses of ${WEB} at ${engines.map(({ name }) => name).join(', ')}`, async () => {
    for (const engine of engines) {
      const found = await addresses(engine, WEB);
      if (found.length !== count) throw new Error(`${engine.name}: ${found.join(' ')}`);
    }
    return true as const;
  }, timeoutMs);

describe('names', () => {
  test('lead to every instance, from every node, under every name', async () => {
    await known(bed.engines, 3);
    const [first, second] = bed.engines;
    for (const url of ['http://web:8080/', 'http://web.talk:8080/', 'http://friend:8080/', `http://${WEB}:8080/`]) expect(await page(first!, 'talk/asker', url)).toMatch(/^web-[123]$/);
    for (const slot of [1, 2, 3]) expect(await page(second!, 'talk/asker', `http://web-${slot}:8080/`)).toBe(`web-${slot}`);
  }, 60_000);

  test('lead to what is on a node\'s own network, and are known there too', async () => {
    const [first, second] = bed.engines;
    expect(await page(second!, 'talk/asker', 'http://own:9090/')).toBe('own-1');
    expect(await page(first!, 'talk/own', 'http://web-2:8080/')).toBe('web-2');
  }, 60_000);

  test('of a stack that allows some lead where it allows, also between containers of one node, and the change needs no restart', async () => {
    await cluster.apply(closed());
    const engine = bed.engines[0]!;
    const [friend] = await cluster.instances('closed/friend');
    const inside = bed.engines.find(({ name }) => name === friend?.spec.node)!;
    await eventually('its own services reach it', async () => ((await page(inside, 'closed/friend', 'http://db:8080/')) === 'db-1' ? true : undefined));
    for (const one of bed.engines) expect(await page(one, 'talk/asker', 'http://db.closed:8080/')).toBe('');
    await cluster.apply(closed('talk'));
    await eventually('those that are allowed now reach it', async () => ((await page(engine, 'talk/asker', 'http://db.closed:8080/')) === 'db-1' ? true : undefined), 15_000);
    expect(await page(inside, 'closed/friend', 'http://web.talk:8080/')).toMatch(/^web-[123]$/);
  }, 120_000);
});

describe('with the master away', () => {
  test('an instance that ends is reached again under its name, and a node whose agent starts again answers', async () => {
    const [first, second] = bed.engines;
    await cluster.killMaster();
    const before = await addresses(second!, WEB);
    await first!.docker(['kill', await containerOn(first!, 'talk/web')]);
    const own = (await containerOn(second!, 'talk/web')).includes('web-1') ? 2 : 1;
    await eventually('it answers again', async () => ((await page(second!, 'talk/asker', `http://web-${own}:8080/`)) === `web-${own}` ? true : undefined), 15_000);
    expect(await addresses(second!, WEB)).toEqual(before);

    await cluster.killAgent(second!);
    expect(await page(second!, 'talk/asker', `http://${before[0]}:8080/`)).toMatch(/^web-/); // tunnels need no agent
    await cluster.startAgent(second!);
    await eventually('names are answered by the agent that started again', async () => ((await addresses(second!, WEB)).length === 3 ? true : undefined), 10_000, 50);
    await cluster.startMaster();
    await cluster.untilOnline(3);
  }, 120_000);
});

describe('a node that is cut off', () => {
  test('leaves the names of the others, knows its own, and comes back without anyone\'s help', async () => {
    const [first, second, third] = bed.engines;
    await setCable(third!.settings.namespace, false);
    await known([first!, second!], 2, 60_000);
    expect(await page(first!, 'talk/asker', 'http://web:8080/')).toMatch(/^web-/);
    expect(await addresses(third!, WEB)).not.toEqual([]);
    await setCable(third!.settings.namespace, true);
    await known(bed.engines, 3, 90_000);
    for (const slot of [1, 2, 3]) await eventually(`web-${slot} is reached from everywhere`, async () => {
      for (const engine of bed.engines) if ((await page(engine, 'talk/asker', `http://web-${slot}:8080/`)) !== `web-${slot}`) return undefined;
      return true;
    });
  }, 240_000);
});

describe('a node that comes to be behind a NAT', () => {
  test('reaches all others and is reached by them, at what the NAT makes of its port', async () => {
    const [first, second, third] = bed.engines;
    const outside = bed.hostAddress.replace(/\d+$/, '50');
    await cluster.killAgent(third!);
    await putBehindNat(bed.id, third!.settings.namespace, { inside: '10.77.0.2', gate: '10.77.0.1', outside });
    await cluster.startAgent(third!);
    await known(bed.engines, 3, 90_000);
    const slotOn = async (engine: Engine): Promise<string> => /web-\d/.exec(await containerOn(engine, 'talk/web'))?.[0] ?? '';
    for (const [from, to] of [[third!, first!], [first!, third!], [second!, third!]] as const) {
      const slot = await slotOn(to);
      await eventually(`${to.name} is reached from ${from.name}`, async () => ((await page(from, 'talk/asker', `http://${slot}:8080/`)) === slot ? true : undefined), 60_000);
    }
    const check = await cluster.ctl(['network', 'check']);
    expect(check).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`^n1 +n3 +up .* ${outside}:40\\d{3} `, 'm')) });
  }, 240_000);
});
