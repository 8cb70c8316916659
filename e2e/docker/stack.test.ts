import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster, eventually, openBed, type Bed } from './harness/index.js';
import { pushImages, type Images } from './images.js';

let bed: Bed;
let cluster: Cluster;
let images: Images;

beforeAll(async () => {
  bed = await openBed(3);
  images = await pushImages(bed);
  cluster = await Cluster.start(bed);
}, 90_000);

afterAll(() => bed.close(), 60_000);

/** Names of all running containers, on every engine. */
const running = async (): Promise<readonly string[]> => (await Promise.all(bed.engines.map((engine) => engine.running()))).flat().sort();
const runningOf = async (service: string): Promise<readonly string[]> => (await running()).filter((name) => name.startsWith(`${service}-`));

const remove = async (stack: string): Promise<void> => {
  await cluster.must(['delete', 'stack', stack, '--yes']);
  await eventually(`the containers of ${stack} are gone`, async () => {
    const left = await Promise.all(bed.engines.map((engine) => engine.docker(['ps', '-aq', '--filter', `name=${stack}.`])));
    return left.join('') === '' ? true : undefined;
  });
};

describe('a stack on three real engines', () => {
  const todo = (image: string, instances: number) => ({ stack: 'todo', services: { web: { image, instances, deploy: { min_health: 0.6 } } } });

  test('is running when apply returns, spread over the nodes', async () => {
    await cluster.apply(todo(images.web1, 3));

    expect(await runningOf('todo.web')).toHaveLength(3);
    const instances = await cluster.untilRunning('todo/web', 3);
    expect(instances.map(({ spec }) => spec.node).sort()).toEqual(['n1', 'n2', 'n3']);
    for (const engine of bed.engines) expect(await engine.running()).toEqual([expect.stringMatching(/^todo\.web-[123]\.\d+$/)]);
  }, 60_000);

  test('changes nothing when the same file is applied again', async () => {
    const [before, since] = [await cluster.revision(), Date.now()];
    await cluster.apply(todo(images.web1, 3));

    expect(await cluster.revision()).toBe(before);
    for (const engine of bed.engines) expect(await engine.writesSince(since)).toEqual([]);
  }, 60_000);

  test('shows what its containers print', async () => {
    expect(await cluster.must(['logs', 'todo/web'])).toContain('web 1 is up');
  });

  test('grows and shrinks by scale, and replaces nothing for it', async () => {
    const before = await runningOf('todo.web');
    await cluster.must(['scale', 'todo/web', '5']);
    await cluster.untilRunning('todo/web', 5);
    const grown = await runningOf('todo.web');
    expect(grown).toHaveLength(5);
    expect(grown).toEqual(expect.arrayContaining([...before]));

    await cluster.must(['scale', 'todo/web', '2']);
    await cluster.untilRunning('todo/web', 2);
    await eventually('two containers are left', async () => ((await runningOf('todo.web')).length === 2 ? true : undefined));
  }, 60_000);

  test('is replaced some instances at a time, never below what min_health allows', async () => {
    await cluster.apply(todo(images.web1, 5));
    const before = await runningOf('todo.web');

    let least = Number.POSITIVE_INFINITY;
    const updating = new AbortController();
    const watching = (async () => {
      while (!updating.signal.aborted) least = Math.min(least, (await runningOf('todo.web')).length);
    })();
    await cluster.apply(todo(images.web2, 5));
    updating.abort();
    await watching;

    expect(least).toBeGreaterThanOrEqual(3);
    const after = await runningOf('todo.web');
    expect(after).toHaveLength(5);
    expect(after.filter((name) => before.includes(name))).toEqual([]);
    const shown = await Promise.all(bed.engines.map((engine) => engine.docker(['ps', '--format', '{{.Image}}'])));
    expect(shown.join('')).not.toContain(images.web1);
  }, 90_000);

  test('is gone after delete, and what is not ours goes on running', async () => {
    await bed.engines[0]!.docker(['run', '-d', '--name', 'foreign', images.web2]);
    await remove('todo');

    expect(await running()).toEqual(['foreign']);
    expect((await cluster.ctl(['get', 'stack', 'todo'])).code).toBe(1);
  }, 60_000);
});

describe('what cannot come up ends in a clear error', () => {
  afterEach(() => remove('bad'), 60_000);

  test('an unknown image', async () => {
    const image = `${bed.registry.address}/nothing:9`;
    const { code, stdout, stderr } = await cluster.tryApply({ stack: 'bad', services: { web: { image } } }, '--timeout', '40s');
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(/bad\/web/);
    expect(stderr).toContain(image);
    expect(stderr).toMatch(/not found|unknown/i);
    expect(stderr).not.toMatch(/^\s+at /m);
  }, 60_000);

  test('a command that is not in the image', async () => {
    const { code, stderr } = await cluster.tryApply({ stack: 'bad', services: { web: { image: images.web1, command: '/no/such/program' } } }, '--timeout', '40s');
    expect(code).toBe(1);
    expect(stderr).toContain('/no/such/program');
  }, 60_000);

  test('a container that ends at once, with the last lines it wrote', async () => {
    const { code, stderr } = await cluster.tryApply({ stack: 'bad', services: { web: { image: images.broken, instances: 2 } } }, '--timeout', '40s');
    expect(code).toBe(1);
    expect(stderr).toContain('the configuration is missing');
    expect(stderr).toMatch(/\b3\b/);
  }, 60_000);

  test('a port that something else on every node has taken', async () => {
    for (const engine of bed.engines) await engine.docker(['run', '-d', '--rm', '--name', 'squatter', '-p', '7000:80', images.web2]);
    const { code, stderr } = await cluster.tryApply({ stack: 'bad', services: { web: { image: images.web1, ports: ['7000:80'] } } }, '--timeout', '40s');
    for (const engine of bed.engines) await engine.docker(['rm', '-f', 'squatter']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/7000/);
    expect(stderr).toMatch(/port/i);
  }, 60_000);

  test('more instances with one port than there are nodes', async () => {
    const { code, stderr } = await cluster.tryApply({ stack: 'bad', services: { web: { image: images.web1, instances: 4, ports: ['7001:80'] } } }, '--timeout', '10s');
    expect(code).toBe(1);
    expect(stderr).toMatch(/7001/);
    await cluster.untilRunning('bad/web', 4, 1).catch(() => undefined);
    expect((await cluster.instances('bad/web')).filter(({ status }) => status.phase === 'running')).toHaveLength(3);
  }, 60_000);
});
