import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EngineVolume, ServiceSpec } from '../../src/model/index.js';
import type { CreateContainer, EngineVolumes, Runtime } from '../../src/ports/index.js';
import { dockerRuntime, dockerVolumes } from '../../src/runtime/index.js';
import { minimalService } from '../../src/testing/runtime-contract.js';
import { type Bed, openBed } from './harness/index.js';

let bed: Bed;
let image: string;
const quiet = new AbortController().signal;
const owner = (node: number, grid = 'g') => ({ socket: bed.engines[node]!.socket, cluster: 'volumes', grid, node: `n${String(node + 1)}` });

beforeAll(async () => {
  bed = await openBed(2);
  image = await bed.registry.push(bed.engines[0]!, 'stay:1', "trap 'exit 0' TERM\nwhile true; do busybox sleep 3600 & wait; done");
}, 60_000);
afterAll(() => bed.close(), 60_000);

const bytesOf = async (stream: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
};

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

  test('is read as a tar, and written on another node', async () => {
    await inside(3, 'busybox mkdir -p /data/deep/er; busybox ln -s greeting /data/link; busybox dd if=/dev/urandom of=/data/deep/er/noise bs=1024 count=3000 2>/dev/null; busybox chown -R 1000:1001 /data/deep; busybox chmod 640 /data/greeting');
    const tar = await bytesOf(volumes.read(data.name, quiet));
    const other = dockerVolumes(owner(1));
    await other.ensure(data);
    await other.write(data.name, (async function* () { yield tar; })(), quiet);
    const again = await bytesOf(other.read(data.name, quiet));
    expect(again.length).toBe(tar.length);
    (await import('node:fs')).writeFileSync('/tmp/vol-a.tar', tar); (await import('node:fs')).writeFileSync('/tmp/vol-b.tar', again);
  });
});
