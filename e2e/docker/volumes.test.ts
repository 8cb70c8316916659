import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fillVolume } from '../../src/agent/index.js';
import type { EngineVolume, ServiceSpec } from '../../src/model/index.js';
import type { CreateContainer, EngineVolumes, Runtime } from '../../src/ports/index.js';
import { dockerRuntime, dockerVolumes } from '../../src/runtime/index.js';
import { minimalService } from '../../src/testing/runtime-contract.js';
import { Cluster, eventually, must, openBed, type Bed, type StackFile } from './harness/index.js';

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

  test('holds what it did when the disk is full before all of another has come', async () => {
    const folder = join(bed.engines[1]!.settings.directory, 'data', 'volumes');
    const disk = join(bed.directory, 'small.img');
    await must('truncate', ['--size', '24M', disk]);
    await must('mkfs.ext4', ['-q', disk]);
    await must('mount', ['-o', 'loop', disk, folder]);
    try {
      const small = dockerVolumes(owner(1));
      const other = { ...data, name: 'todo.db.other-1' };
      await fillVolume(small, { volume: other, tar: volumes.read(data.name, quiet) }, quiet);
      const weight = await small.weigh(other.name, quiet);
      await inside(3, 'busybox dd if=/dev/zero of=/data/much bs=1024 count=40000 2>/dev/null');
      await expect(fillVolume(small, { volume: other, tar: volumes.read(data.name, quiet) }, quiet)).rejects.toMatchObject({ code: 'KON_ENGINE_REFUSED', message: expect.stringContaining('no space left on device') });
      expect([await small.weigh(other.name, quiet), (await small.list()).filter(({ name }) => name.endsWith('.incoming'))]).toEqual([weight, []]);
      await small.remove(other.name);
    } finally {
      await inside(3, 'busybox rm -f /data/much');
      await must('umount', [folder]);
    }
  }, 60_000);

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

  test('carries what is in a volume into a file and back, and nothing else', async () => {
    const tar = join(bed.directory, 'data.tar');
    const engine = bed.engines[Number((await nodesOf())['todo/db.1']!.slice(1)) - 1]!;
    const inside = async (text: string): Promise<string> => engine.docker(['exec', (await engine.running()).find((name) => name.startsWith('todo.db-1'))!, '/bin/sh', '-c', text]);
    await inside('busybox mkdir -p /data/deep && busybox dd if=/dev/zero of=/data/deep/holes bs=1 count=1 seek=5000000 2>/dev/null && busybox ln /data/starts /data/again && busybox ln -s /no/where /data/link && busybox chown 1000:1001 /data/deep/holes && busybox chmod 4750 /data/deep/holes');
    const look = 'cd /data && busybox find . | busybox sort | while read -r each; do busybox stat -c "%n %F %a %u:%g %h %s" "$each"; done';
    const withoutStarts = (looked: string): string => looked.replace(/^(\.\/(?:starts|again) .*) \d+$/gm, '$1'); // each start is written down
    const before = withoutStarts(await inside(look));

    const used = await cluster.ctl(['volume', 'backup', 'data.1', '-o', tar]);
    expect([used.code, used.stderr]).toEqual([1, expect.stringMatching(/is mounted by todo\/db\.1@\d+[^]*kontenactl service stop/)]);
    expect((await cluster.ctl(['volume', 'restore', 'data.1', '-i', '/etc/hostname', '--yes'])).stderr).toContain('is mounted by todo/db.1@');
    expect(await cluster.must(['volume', 'backup', 'data.1', '-o', join(bed.directory, 'live.tar'), '--live'])).toMatch(/live\.tar: \d+ bytes/);

    await cluster.must(['service', 'stop', 'todo/db']);
    await eventually('nobody mounts it', async () => ((await cluster.ctl(['volume', 'backup', 'data.1', '-o', tar])).code === 0 ? true : undefined), 60_000);
    const broken = await cluster.ctl(['volume', 'restore', 'data.1', '-i', '/etc/hostname', '--yes']);
    expect([broken.code, broken.stderr]).toEqual([1, expect.stringContaining('what is sent is no whole tar')]);
    await cluster.must(['service', 'start', 'todo/db']);
    await cluster.untilRunning('todo/db', 2, 60_000);
    expect(withoutStarts(await inside(look))).toBe(before);
    await inside('busybox rm -r /data/deep /data/link; echo more > /data/extra');

    await cluster.must(['service', 'stop', 'todo/db']);
    await eventually('it can be replaced', async () => ((await cluster.ctl(['volume', 'restore', 'data.1', '-i', tar, '--yes'])).code === 0 ? true : undefined), 60_000);
    expect(await engine.docker(['volume', 'ls', '-q', '--filter', 'name=incoming'])).toBe('');
    await cluster.must(['service', 'start', 'todo/db']);
    await cluster.untilRunning('todo/db', 2, 60_000);
    expect(withoutStarts(await inside(look))).toBe(before);
  }, 180_000);

  test('moves what a slot has to another node, with or without the master and the agents that began it', async () => {
    const from = (await nodesOf())['todo/db.1']!;
    const to = from === 'n1' ? 'n2' : 'n1';
    const [source, target] = [bed.engines[Number(from.slice(1)) - 1]!, bed.engines[Number(to.slice(1)) - 1]!];
    const volumesAt = async (engine: typeof source): Promise<readonly string[]> => (await engine.docker(['volume', 'ls', '-q', '--filter', 'label=io.kontena.slot=todo/db.1'])).split('\n').filter((name) => name !== '');
    const lines = async (engine: typeof source, path: string): Promise<number> => Number((await engine.docker(['exec', (await engine.running()).find((name) => name.startsWith('todo.db-1'))!, 'busybox', 'wc', '-l', path])).split(' ')[0]);
    const before = [await lines(source, '/data/starts'), await lines(source, '/kept/starts')];
    const moved = await cluster.must(['volume', 'move', 'data.1', '--to', to, '--yes'], { timeoutMs: 90_000 });
    expect(moved.replace(/\d+ bytes/, 'N bytes').split('\n').filter((line) => !line.startsWith('  ends'))).toEqual([`the data of todo/db.1 is to move from ${from} to ${to}`, `  copies to ${to}`, '  N bytes are on both nodes', `  lies on ${to}`, '']);
    await cluster.untilRunning('todo/db', 2, 60_000);
    expect((await nodesOf())['todo/db.1']).toBe(to);
    expect([await lines(target, '/data/starts'), await lines(target, '/kept/starts')]).toEqual(before.map((count) => count + 1));
    expect([await volumesAt(source), (await volumesAt(target)).length]).toEqual([[], 2]);

    const refused = await cluster.ctl(['volume', 'move', 'data.1', '--cancel']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('the data of todo/db.1 does not move')]);
    await cluster.must(['volume', 'move', 'todo/db.1', '--to', from, '--yes', '--no-wait']);
    await Promise.all([cluster.killMaster(), cluster.killAgent(target)]);
    await Promise.all([cluster.startMaster(), cluster.startAgent(target)]);
    await eventually('it lies where it was', async () => ((await nodesOf())['todo/db.1'] === from && (await volumesAt(target)).length === 0 ? true : undefined), 120_000);
    await cluster.untilRunning('todo/db', 2, 60_000);
    expect([await lines(source, '/data/starts'), await lines(source, '/kept/starts')]).toEqual(before.map((count) => count + 2));
  }, 300_000);

  test('removes a volume with its data when asked to', async () => {
    await cluster.must(['delete', 'stack', 'todo', '--yes']);
    await eventually('nobody mounts it', async () => ((await cluster.instances('todo/db')).length === 0 ? true : undefined));
    expect(await cluster.must(['volume', 'remove', 'data', '--delete-data', '--yes'])).toMatch(/^volume\/data is removed\n( {2}todo\.db\.data-[12] of n[12] is gone\n){2}$/);
    for (const engine of bed.engines) expect(await engine.docker(['volume', 'ls', '-q', '--filter', 'label=io.kontena.volume=data'])).toBe('');
  });
});
