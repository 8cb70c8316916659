import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../src/model/index.js';
import type { Runtime } from '../../src/ports/index.js';
import { dockerRuntime } from '../../src/runtime/index.js';
import { type ContractSubject, minimalService, runtimeContract } from '../../src/testing/runtime-contract.js';
import { type Bed, openBed } from './harness/index.js';

let bed: Bed;
let subject: ContractSubject;
let runtime: Runtime;
const quiet = new AbortController().signal;

beforeAll(async () => {
  bed = await openBed(1);
  const engine = bed.engines[0]!;
  const image = await bed.registry.push(engine, 'stay:1', "trap 'exit 0' TERM\nwhile true; do busybox sleep 3600 & wait; done");
  const on = (node: string): Runtime => dockerRuntime({ socket: engine.socket, cluster: 'contract', grid: 'g', node });
  runtime = on('n1');
  subject = { runtime, stranger: on('n2'), image, missingImage: `${bed.registry.address}/nowhere:1`, freePort: 18080 };
}, 60_000);
afterAll(() => bed.close(), 60_000);

describe('a real registry', () => {
  test('gives an image, with news of how far it is', async () => {
    const news: string[] = [];
    expect(await runtime.hasImage(subject.image)).toBe(false);
    await runtime.pull(subject.image, (text) => news.push(text), quiet);
    expect(await runtime.hasImage(subject.image)).toBe(true);
    expect(news[0]).toBe(`pulling ${subject.image}`);
  });

  test('that is not there is named, and what it said', async () => {
    await expect(runtime.pull('127.0.0.1:1/any:1', () => undefined, quiet)).rejects.toMatchObject({ code: 'KON_IMAGE_UNAVAILABLE' });
    await expect(runtime.pull('127.0.0.1:1/any:1', () => undefined, quiet)).rejects.toThrow(/127\.0\.0\.1:1\/any:1: .*connection refused/);
  });
});

runtimeContract('Docker', () => subject);

describe('Docker', () => {
  const service = 'all/web@4';
  const make = (instance: string, over: Partial<ServiceSpec>): Promise<void> =>
    runtime.create({ instance, service, grid: 'g', node: 'n1', secrets: {}, spec: minimalService(subject.image, over) });
  const inside = async (instance: string, text: string): Promise<readonly string[]> => (await runtime.exec(instance, ['/bin/sh', '-c', text], quiet)).output;

  test('puts what comes from the vault into the environment and into files, also where the container is read-only and not root', async () => {
    const spec = minimalService(subject.image, {
      readOnly: true, user: '1000:1000',
      secrets: [{ secret: 'pw', name: 'PW', type: 'env', version: 2 }, { secret: 'pw', name: 'pw.txt', type: 'file', version: 2 }],
    });
    const request = { instance: 'all/vault.1@5', service: 'all/vault@4', grid: 'g', node: 'n1', secrets: { 'Secret/pw@2': 'open sesame\n' }, spec };
    await runtime.create(request);
    await runtime.create(request);
    await runtime.start('all/vault.1@5');
    expect(await inside('all/vault.1@5', 'echo $PW; busybox cat /run/secrets/pw.txt; busybox ls -l /run/secrets | busybox cut -c1-10')).toEqual(['open sesame', 'open sesame', 'total 4', '-r--r--r--']);
    const hook = await runtime.runOnce({ ...request, instance: 'all/vault.2@6' }, ['/bin/sh', '-c', 'busybox cat /run/secrets/pw.txt; echo $PW'], quiet);
    expect(hook).toEqual({ exitCode: 0, output: ['open sesame', 'open sesame'] });
    await runtime.remove('all/vault.1@5');
  });

  test('takes every option a service can name, and the container has them', async () => {
    await make('all/data.1@3', { volumes: [{ type: 'anonymous', path: '/shared', flags: [] }] });
    await make('all/web.1@5', {
      env: ['GREETING=hello world'], workingDir: '/var/work', hostname: 'named', init: true, labels: { 'com.example.team': 'blue' },
      ports: [{ ip: '127.0.0.1', nodePort: 18081, containerPort: 80, protocol: 'tcp' }, { ip: '0.0.0.0', nodePort: 18082, containerPort: 53, protocol: 'udp' }],
      extraHosts: ['db:10.1.2.3'], dns: ['10.9.9.9'],
      volumes: [{ type: 'bind', source: '/etc', path: '/host-etc', flags: ['ro'] }, { type: 'volume', source: 'kept', path: '/kept', flags: [] }],
      volumesFrom: ['data-%s'], tmpfs: ['/scratch:size=1m'], readOnly: true, user: '1000:1000',
      capAdd: ['NET_ADMIN'], capDrop: ['MKNOD'], securityOpt: ['no-new-privileges'], groupAdd: ['2000'], devices: ['/dev/null:/dev/nothing:r'],
      sysctls: { 'net.ipv4.ip_unprivileged_port_start': '80' }, ulimits: [{ name: 'nofile', soft: 100, hard: 200 }],
      memoryBytes: 64 * 1024 ** 2, memorySwapBytes: 128 * 1024 ** 2, memoryReservationBytes: 32 * 1024 ** 2, shmSizeBytes: 1024 ** 2, cpus: 0.5, cpuShares: 512,
      logging: { driver: 'json-file', options: { 'max-size': '1m' } }, stopSignal: 'SIGTERM', stopGraceSeconds: 3,
    });
    await runtime.start('all/web.1@5');
    expect(await inside('all/web.1@5', 'echo $GREETING $KONTENA_SERVICE_NAME-$KONTENA_SERVICE_INSTANCE_NUMBER; busybox hostname; pwd; busybox id -u; ulimit -n')).toEqual(['hello world web-1', 'named', '/var/work', '1000', '100']);
    expect(await inside('all/web.1@5', 'busybox grep -c db /etc/hosts; busybox ls -d /shared /kept /scratch /host-etc; busybox touch /new 2>&1')).toEqual(['1', '/host-etc', '/kept', '/scratch', '/shared', 'touch: /new: Read-only file system']);
    await runtime.remove('all/web.1@5');
    await runtime.remove('all/data.1@3');
  });

  test('shares the network of another instance, and of the node', async () => {
    await make('all/web.1@5', { hostname: 'front' });
    await runtime.start('all/web.1@5');
    await make('all/side.1@6', { network: 'container:web-1' });
    await runtime.start('all/side.1@6');
    expect(await inside('all/side.1@6', 'busybox hostname')).toEqual(['front']);
    await make('all/host.1@7', { network: 'host' });
    await runtime.start('all/host.1@7');
    expect((await runtime.inspect('all/host.1@7'))?.address).toBeUndefined();
    for (const { instance } of await runtime.list()) await runtime.remove(instance);
  });

  test('says in one sentence that a command does not exist', async () => {
    await make('all/web.1@5', { command: ['/nope'] });
    const refusal = await runtime.start('all/web.1@5').then(() => undefined, (error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'KON_ENGINE_REFUSED', message: 'cannot start all/web.1@5: exec: "/nope": stat /nope: no such file or directory' });
    await runtime.remove('all/web.1@5');
  });

  test('that is not there is named by its socket', async () => {
    const nobody = dockerRuntime({ socket: 'unix:///nowhere/docker.sock', cluster: 'contract', grid: 'g', node: 'n1' });
    await expect(nobody.list()).rejects.toMatchObject({ code: 'KON_ENGINE_UNREACHABLE', message: 'the container engine at unix:///nowhere/docker.sock does not answer: there is no such socket' });
  });
});
