import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EngineVolume, ServiceSpec } from '../../src/model/index.js';
import type { CreateContainer, EngineVolumes, Runtime } from '../../src/ports/index.js';
import { dockerRuntime, dockerVolumes } from '../../src/runtime/index.js';
import { minimalService } from '../../src/testing/runtime-contract.js';
import { Cluster, eventually, openBed, type Bed, type StackFile } from './harness/index.js';

let bed: Bed;
let image: string;
const quiet = new AbortController().signal;
const owner = (node: number, grid = 'g') => ({ socket: bed.engines[node]!.socket, cluster: 'volumes', grid, node: `n${String(node + 1)}` });

beforeAll(async () => {
  bed = await openBed(2);
  image = await bed.registry.push(bed.engines[0]!, 'stay:1', "trap 'exit 0' TERM\nwhile true; do busybox sleep 3600 & wait; done");
}, 60_000);
afterAll(() => bed.close(), 60_000);

describe('what a container keeps', () => {
  let runtime: Runtime;
  let volumes: EngineVolumes;
  const data: EngineVolume = { name: 'todo.db.data-1', driver: 'local', driverOpts: {}, volume: 'data', slot: 'todo/db.1' };
  const request = (round: number, over: Partial<ServiceSpec>): CreateContainer => ({
    instance: `todo/db.1@${String(round)}`, service: 'todo/db@1', grid: 'g', node: 'n1', secrets: {}, volumes: { '/data': data },
    spec: minimalService(image, { stateful: true, volumes: [{ type: 'volume', source: 'data', path: '/data', flags: [] }], ...over }),
  });
  const inside = async (round: number, text: string): Promise<readonly string[]> => (await runtime.exec(`todo/db.1@${String(round)}`, ['/bin/sh', '-c', text], quiet)).output;

  beforeAll(async () => {
    runtime = dockerRuntime(owner(0));
    volumes = dockerVolumes(owner(0));
    await runtime.pull(image, () => undefined, quiet);
  });

  test('is there in the next one, in volumes that bear its labels', async () => {
    await runtime.create(request(2, {}));
    await runtime.start('todo/db.1@2');
    await inside(2, 'echo hello > /data/greeting');
    await runtime.remove('todo/db.1@2');
    await runtime.create(request(3, {}));
    await runtime.start('todo/db.1@3');
    expect(await inside(3, 'busybox cat /data/greeting')).toEqual(['hello']);
    expect(await volumes.list()).toEqual([data]);
  });

  test('is not given to another grid', async () => {
    await expect(dockerVolumes(owner(0, 'other')).ensure(data)).rejects.toMatchObject({ code: 'KON_VOLUME_TAKEN', message: 'the engine has a volume todo.db.data-1 of the grid g' });
  });

  test('is read as a tar, and weighs the same once it is written on another node', async () => {
    await inside(3, 'busybox mkdir -p /data/deep/er; busybox ln -s greeting /data/link; busybox dd if=/dev/urandom of=/data/deep/er/noise bs=1024 count=3000 2>/dev/null; busybox chown -R 1000:1001 /data/deep; busybox chmod 640 /data/greeting');
    const other = dockerVolumes(owner(1));
    await other.ensure(data);
    await other.write(data.name, volumes.read(data.name, quiet), quiet);
    const weight = await volumes.weigh(data.name, quiet);
    expect(weight).toMatchObject({ files: 6, bytes: 3_072_006 });
    expect(await other.weigh(data.name, quiet)).toEqual(weight);
    await inside(3, 'busybox chmod 600 /data/greeting');
    expect((await volumes.weigh(data.name, quiet)).digest).not.toBe(weight.digest);
    const broken = other.write(data.name, volumes.read('nothing', quiet), quiet);
    await expect(broken).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
    await expect(volumes.weigh('nothing', quiet)).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  });

  test('is removed when nobody mounts it', async () => {
    await expect(volumes.remove(data.name)).rejects.toMatchObject({ code: 'KON_ENGINE_REFUSED', message: expect.stringContaining('in use') });
    await runtime.remove('todo/db.1@3');
    for (const each of [volumes, volumes, dockerVolumes(owner(1))]) await each.remove(data.name);
    expect(await volumes.list()).toEqual([]);
    expect(await bed.engines[0]!.docker(['ps', '-aq'])).toBe('');
  });
});

describe('a cluster', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start(bed);
  }, 60_000);

  const COUNT = "trap 'exit 0' TERM\nbusybox date +%s%N >> /kept/starts; busybox date +%s%N >> /data/starts\nwhile true; do busybox sleep 3600 & wait; done";
  const db = (over: object = {}) => ({ image: counting, stateful: true, instances: 2, volumes: ['data:/data'], ...over });
  const stack = (over: object = {}): StackFile => ({ stack: 'todo', services: { db: db(over) }, volumes: { data: { external: true } } });
  const nodesOf = async (): Promise<Readonly<Record<string, string>>> => Object.fromEntries((await cluster.instances('todo/db')).map(({ name, spec }) => [name.split('@')[0]!, spec.node]));
  /** How often the slots have started, by what their volumes hold. */
  const starts = async (path: string): Promise<readonly string[]> => {
    const counts: string[] = [];
    for (const engine of bed.engines) {
      for (const name of await engine.running()) counts.push(`${name.split('.').slice(0, 2).join('.')} ${(await engine.docker(['exec', name, 'busybox', 'wc', '-l', path])).split(' ')[0]!}`);
    }
    return counts.sort();
  };
  let counting: string;
  beforeAll(async () => {
    counting = await bed.registry.push(bed.engines[0]!, 'counting:1', COUNT, 'VOLUME /kept');
  });

  test('refuses a volume that nobody declared, and says what to do', async () => {
    const { code, stderr } = await cluster.tryApply(stack());
    expect([code, stderr]).toEqual([1, expect.stringContaining('kontenactl volume create data --driver local --scope instance')]);
  });

  test('keeps what each instance has in its volumes, named or of the image, through a new revision, a removal and a return', async () => {
    await cluster.must(['volume', 'create', 'data', '--scope', 'instance']);
    await cluster.apply(stack());
    const nodes = await nodesOf();
    expect(new Set(Object.values(nodes))).toEqual(new Set(['n1', 'n2']));
    await cluster.apply(stack({ environment: ['A=1'] }));
    expect(await starts('/data/starts')).toEqual(['todo.db-1 2', 'todo.db-2 2']);
    expect(await starts('/kept/starts')).toEqual(['todo.db-1 2', 'todo.db-2 2']);

    const used = await cluster.ctl(['volume', 'remove', 'data', '--yes']);
    expect([used.code, used.stderr]).toEqual([1, expect.stringContaining('todo/db mounts it')]);

    await cluster.must(['delete', 'stack', 'todo', '--yes']);
    await eventually('all of it has stopped', async () => ((await cluster.instances('todo/db')).length === 0 ? true : undefined));
    await cluster.apply(stack());
    expect(await nodesOf()).toEqual(nodes);
    expect(await starts('/data/starts')).toEqual(['todo.db-1 3', 'todo.db-2 3']);
    expect(await cluster.must(['describe', 'volume', 'data'])).toContain(`it lies on ${nodes['todo/db.1']!} alone: while ${nodes['todo/db.1']!} is away todo/db.1 waits`);
    expect(await cluster.must(['get', 'volumes'])).toMatch(/^data +instance +local +todo\/db +n[12],n[12]/m);
  }, 60_000);

  test('removes a volume with its data when asked to', async () => {
    await cluster.must(['delete', 'stack', 'todo', '--yes']);
    await eventually('nobody mounts it', async () => ((await cluster.instances('todo/db')).length === 0 ? true : undefined));
    expect(await cluster.must(['volume', 'remove', 'data', '--delete-data', '--yes'])).toMatch(/^volume\/data is removed\n( {2}todo\.db\.data-[12] of n[12] is gone\n){2}$/);
    for (const engine of bed.engines) expect(await engine.docker(['volume', 'ls', '-q', '--filter', 'label=io.kontena.volume=data'])).toBe('');
  });
});
