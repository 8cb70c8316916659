import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Bed, Cluster, eventually, openBed } from './harness/index.js';
import { type Images, pushImages } from './images.js';

let bed: Bed;
let cluster: Cluster;
let images: Images;

beforeAll(async () => {
  bed = await openBed(2);
  images = await pushImages(bed);
  cluster = await Cluster.start(bed);
}, 90_000);
afterAll(() => bed.close(), 60_000);

const containers = async (service: string): Promise<readonly string[]> =>
  (await Promise.all(bed.engines.map((engine) => engine.docker(['ps', '-q', '--filter', `name=^/${service}-`])))).flatMap((ids) => ids.split('\n').filter((id) => id !== ''));
const remove = (stack: string): Promise<string> => cluster.must(['delete', 'stack', stack, '--yes']);

describe('a service that is stopped', () => {
  const files = { image: '', instances: 2, stateful: true };
  const stack = (image: string) => ({ stack: 'still', services: { db: { ...files, image }, web: { image: images.web1 } } });
  let nodes: readonly string[];

  test('stands still, and its stack runs as declared', async () => {
    await cluster.apply(stack(images.web1));
    nodes = (await cluster.instances('still/db')).map(({ spec }) => spec.node);
    expect(await cluster.must(['service', 'stop', 'still/db'])).toMatch(/state: running → stopped[^]*still runs as declared/);
    expect([await containers('still.db'), (await containers('still.web')).length]).toEqual([[], 1]);
    expect(await cluster.must(['get', 'services'])).toMatch(/still\/db +stopped +0\/0/);
  }, 60_000);

  test('survives the master, the agents, and an apply, which says so', async () => {
    await cluster.killMaster();
    await Promise.all(bed.engines.map((engine) => cluster.killAgent(engine)));
    await cluster.startMaster();
    await Promise.all(bed.engines.map((engine) => cluster.startAgent(engine)));
    await cluster.untilOnline(2);
    const { code, stdout, stderr } = await cluster.tryApply(stack(images.web2), '--timeout', '30s');
    expect([code, stdout, stderr]).toEqual([0, expect.stringContaining('still runs as declared'), expect.stringMatching(/services\.db +warning: stays stopped, as it was stopped by hand +start it with `kontenactl service start still\/db`/)]);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect([await containers('still.db'), (await containers('still.web')).length]).toEqual([[], 1]);
    expect((await cluster.ctl(['service', 'restart', 'still/db'])).stderr).toContain('still/db is stopped: there is nothing to replace by its like\nStart it with `kontenactl service start`');
  }, 90_000);

  test('starts where its data is', async () => {
    await cluster.must(['service', 'start', 'still/db']);
    const after = await cluster.instances('still/db');
    expect(after.map(({ spec, status }) => [spec.node, status.phase])).toEqual(nodes.map((node) => [node, 'running']));
    await remove('still');
  }, 60_000);
});

test('instances are replaced by their like, some at a time; a whole stack stops and starts', async () => {
  await cluster.apply({ stack: 'round', services: { web: { image: images.web1, instances: 2, deploy: { min_health: 0.5, settle: 0 } } } });
  const before = await containers('round.web');
  expect(await cluster.must(['service', 'restart', 'round/web'])).toContain('round: 1 → 2');
  const after = await containers('round.web');
  expect([after.length, after.filter((id) => before.includes(id))]).toEqual([2, []]);
  await cluster.must(['stack', 'redeploy', 'round']);
  expect((await containers('round.web')).filter((id) => after.includes(id))).toEqual([]);
  await cluster.must(['stack', 'stop', 'round']);
  expect(await containers('round.web')).toEqual([]);
  await cluster.must(['stack', 'start', 'round']);
  expect(await containers('round.web')).toHaveLength(2);
  await remove('round');
}, 90_000);

test('a service is made of an image, changed in a hurry, and its file then differs', async () => {
  const file = await cluster.must(['service', 'create', images.web1, '--name', 'quick', '-e', 'A=1', '--print']);
  await cluster.must(['service', 'create', images.web1, '--name', 'quick', '-e', 'A=1']);
  expect((await cluster.ctl(['service', 'create', images.web1, '--name', 'quick'])).stderr).toContain('there is a stack quick already');
  await cluster.must(['service', 'update', 'quick/quick', '--image', images.web2, '-e', 'B=2', '--unset', 'A', '--instances', '2']);
  expect(await cluster.must(['get', 'services'])).toMatch(new RegExp(`quick/quick +running +2/2 +${images.web2}`));
  const diff = await cluster.ctl(['diff', '-f', '-'], { input: file });
  expect([diff.code, diff.stdout]).toEqual([3, expect.stringMatching(/image: .*web:2 → .*web:1\n +instances: 2 → 1\n +environment\.B: 2 → nothing\n +environment\.A: nothing → 1/)]);
  expect(await cluster.must(['describe', 'service', 'quick/quick'])).toMatch(/^service quick\/quick: running, 2 of 2 instances run\nlast: [^]*\ndeclared \(revision .*\):\n {2}image: .*web:2\n {2}instances: 2\n {2}environment:\n {4}- B=2\n\n/);
  await cluster.ctl(['apply', '-f', '-'], { input: file });
  expect((await cluster.ctl(['diff', '-f', '-'], { input: file })).code).toBe(0);
  await remove('quick');
}, 90_000);

describe('a hook that goes wrong', () => {
  const hooked = (hooks: object) => ({ stack: 'hooked', services: { web: { image: images.web1, hooks } } });

  test('and hangs before the start is killed in its time, and told with what it wrote', async () => {
    const { code, stderr } = await cluster.tryApply(hooked({ pre_start: [{ name: 'migrate', cmd: 'echo waiting for the database; busybox sleep 300', instances: '*', timeout: '2s' }] }), '--timeout', '40s');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/hooked\/web\.1@\d+: hook migrate did not end within 2 s: waiting for the database/)]);
    expect(await cluster.must(['describe', 'instance', 'hooked/web.1'])).toMatch(/wrong:\n {2}hook migrate did not end within 2 s: waiting for the database\n[^]*last words:\n {2}waiting for the database\n/);
    await remove('hooked');
    await eventually('nothing of it is left', async () => ((await Promise.all(bed.engines.map((engine) => engine.docker(['ps', '-aq', '--filter', 'name=^/hooked.'])))).join('').trim() === '' ? true : undefined));
  }, 90_000);

  test('after the start is told, in apply and describe, and the instance runs', async () => {
    const { code, stdout } = await cluster.tryApply(hooked({ post_start: [{ name: 'warm', cmd: 'echo cold; busybox sleep 301', instances: '*', timeout: '1s' }] }), '--timeout', '40s');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/hook warm did not end within 1 s: cold/)]);
    expect(await cluster.must(['describe', 'service', 'hooked/web'])).toMatch(/wrong:\n {2}hooked\/web\.1@\d+ on n\d: running for \d+s: hook warm did not end within 1 s: cold\n/);
    const { status, spec } = (await cluster.instances('hooked/web'))[0]!;
    const engine = bed.engines.find(({ name }) => name === spec.node)!;
    expect(await engine.docker(['top', status.container ?? ''])).not.toContain('sleep 301');
    await remove('hooked');
  }, 90_000);
});
