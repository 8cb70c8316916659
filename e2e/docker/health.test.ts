import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Bed, Cluster, eventually, openBed, type Instance } from './harness/index.js';

let bed: Bed;
let cluster: Cluster;
/** Serves /www at port 8080; its image says that it is healthy while /www/health is there. */
let site: string;

const FAST = { interval: 1, timeout: 1, initial_delay: 0 };

beforeAll(async () => {
  bed = await openBed(1);
  const script = "trap 'exit 0' TERM\nbusybox mkdir -p /www\necho fine > /www/health\nbusybox httpd -p 8080 -h /www\nwhile true; do busybox sleep 3600 & wait; done";
  site = await bed.registry.push(bed.engines[0]!, 'site:1', script, 'HEALTHCHECK --interval=1s --timeout=1s --retries=2 CMD ["/bin/busybox", "grep", "fine", "/www/health"]');
  cluster = await Cluster.start(bed);
}, 90_000);
afterAll(() => bed.close(), 60_000);

const run = async (instance: Instance, command: string): Promise<string> => bed.engines[0]!.docker(['exec', instance.status.container ?? '', 'sh', '-c', command]);
const only = async (service: string): Promise<Instance> => (await cluster.instances(service))[0]!;
const until = (service: string, what: string, is: (status: Instance['status']) => boolean): Promise<Instance> =>
  eventually(`${service} ${what}`, async () => {
    const instance = await only(service);
    if (is(instance.status)) return instance;
    throw new Error(JSON.stringify(instance.status));
  });
const remove = (stack: string): Promise<string> => cluster.must(['delete', 'stack', stack, '--yes']);

describe('the check that an image declares', () => {
  test('counts, and an unhealthy instance starts again', async () => {
    await cluster.apply({ stack: 'own', services: { web: { image: site } } });
    const before = await only('own/web');
    expect(before.status).toMatchObject({ phase: 'running', health: 'healthy', restarts: 0 });
    await run(before, 'busybox rm /www/health');
    const after = await until('own/web', 'started again and is healthy', ({ restarts, health }) => restarts === 1 && health === 'healthy');
    expect(after.status.container).toBe(before.status.container);
    await remove('own');
  }, 60_000);

  test('does not where the service says so', async () => {
    await cluster.apply({ stack: 'none', services: { web: { image: site, health_check: { protocol: 'none' } } } });
    expect((await only('none/web')).status.health).not.toBe('healthy');
    expect(JSON.parse(await bed.engines[0]!.docker(['inspect', '-f', '{{json .Config.Healthcheck}}', (await only('none/web')).status.container ?? '']))).toMatchObject({ Test: ['NONE'] });
    await remove('none');
  }, 60_000);
});

describe('a check by HTTP', () => {
  test.each(['bridge', 'host'])('takes an instance out of names and back, and leaves it running: network %s', async (network) => {
    const web = { image: site, net: network, health_check: { ...FAST, protocol: 'http', port: 8080, uri: '/health', retries: 2, restart: false } };
    await cluster.apply({ stack: 'ready', services: { web } });
    const lookUp = async (): Promise<string> => (await cluster.ctl(['dns', 'lookup', 'web.ready'])).stdout;
    await run(await only('ready/web'), 'busybox rm /www/health');
    const ill = await until('ready/web', 'is unhealthy', ({ health }) => health === 'unhealthy');
    expect(ill.status).toMatchObject({ phase: 'running', restarts: 0, reason: 'unhealthy: GET :8080/health answered 404' });
    expect(await cluster.must(['describe', 'instance', ill.name])).toMatch(/^instance ready\/web\.1@\d+: running for \d+s, on n1, unhealthy\nwrong:\n {2}unhealthy: GET :8080\/health answered 404\n[^]*last checks:\n.*\n {2}\d+s +health_check +bad +\d+ ms +GET :8080\/health answered 404\n/);
    await eventually('its name leads nowhere', async () => (/no +it is unhealthy/.test(await lookUp()) ? true : undefined));
    await run(ill, 'echo fine > /www/health');
    const well = await until('ready/web', 'is healthy again', ({ health }) => health === 'healthy');
    expect(well.status).toMatchObject({ phase: 'running', restarts: 0, container: ill.status.container });
    await remove('ready');
  }, 60_000);

  test('that never agrees ends apply with the reason', async () => {
    const web = { image: site, health_check: { ...FAST, protocol: 'http', port: 8080, uri: '/nowhere' } };
    const { code, stderr } = await cluster.tryApply({ stack: 'never', services: { web } }, '--timeout', '50s');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/never\/web\.1@\d+: unhealthy: GET :8080\/nowhere answered 404/)]);
    const unready = await cluster.tryApply({ stack: 'never', services: { web: { ...web, health_check: { ...web.health_check, restart: false } } } }, '--timeout', '50s');
    expect([unready.code, unready.stderr]).toEqual([1, expect.stringMatching(/never\/web\.1@\d+: unhealthy: GET :8080\/nowhere answered 404/)]);
    await remove('never');
  }, 120_000);
});

test('a command that hangs is given up in time, and leaves nothing behind', async () => {
  const web = { image: site, health_check: { ...FAST, protocol: 'command', command: ['/bin/sh', '-c', 'busybox sleep 654; true'], restart: false } };
  await cluster.tryApply({ stack: 'hangs', services: { web } }, '--no-wait');
  const { status } = await until('hangs/web', 'is unhealthy', ({ health }) => health === 'unhealthy');
  expect(status.reason).toBe('unhealthy: /bin/sh -c busybox sleep 654; true did not end within 1 s');
  const sleepers = async (): Promise<number> => (await bed.engines[0]!.docker(['top', status.container ?? ''])).split('\n').filter((line) => line.endsWith('sleep 654')).length;
  const seen = [];
  for (let look = 0; look < 4; look += 1) {
    seen.push(await sleepers());
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  expect(Math.max(...seen)).toBeLessThanOrEqual(1);
  await remove('hangs');
}, 60_000);

test('a port that never answers ends apply with the reason, in its time', async () => {
  const began = Date.now();
  const { code, stderr } = await cluster.tryApply({ stack: 'deaf', services: { web: { image: site, deploy: { wait_for_port: 81, wait_for_port_timeout: '4s' } } } }, '--timeout', '60s');
  expect([code, stderr]).toEqual([1, expect.stringMatching(/deaf\/web\.1@\d+: port 81 does not answer: nothing listens at 10\.\d+\.\d+\.\d+:81 \(waited 4 s for it\)/)]);
  expect(Date.now() - began).toBeLessThan(20_000);
  await run(await only('deaf/web'), 'busybox httpd -p 81 -h /www');
  await until('deaf/web', 'runs as soon as it answers', ({ phase }) => phase === 'running');
  await remove('deaf');
}, 60_000);
