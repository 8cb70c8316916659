import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bed, Cluster, eventually, must, openBed } from './harness/index.js';
import { type Images, pushImages } from './images.js';
import { certificateIn, logIn, startDockerRegistry, USER } from './registries/index.js';

let bed: Bed;
let cluster: Cluster;
let images: Images;

beforeAll(async () => {
  bed = await openBed(2);
  images = await pushImages(bed);
  cluster = await Cluster.start(bed);
}, 90_000);

afterAll(() => bed.close(), 60_000);

type Inspected = { readonly Name: string; readonly Config: Readonly<Record<string, unknown>>; readonly HostConfig: Readonly<Record<string, unknown>> };

/** What the engines have of a service, running or not. */
async function inspect(service: string): Promise<readonly Inspected[]> {
  const found = await Promise.all(bed.engines.map(async (engine) => {
    const ids = (await engine.docker(['ps', '-aq', '--filter', `name=^/${service}-`])).split('\n').filter((id) => id !== '');
    return ids.length === 0 ? [] : (JSON.parse(await engine.docker(['inspect', ...ids])) as Inspected[]);
  }));
  return found.flat();
}

const imagesOf = async (service: string): Promise<readonly unknown[]> => (await inspect(service)).map(({ Config }) => Config['Image']);
const namesOf = async (service: string): Promise<readonly string[]> => (await inspect(service)).map(({ Name }) => Name).sort();
/** Waits until nothing has been decided for two seconds; at which revision that is. */
async function untilAtRest(): Promise<number> {
  let before = -1;
  return eventually('nothing more is decided', async () => {
    const now = await cluster.revision();
    const isAtRest = now === before;
    before = now;
    return isAtRest ? now : undefined;
  }, 30_000, 2_000);
}

const remove = (stack: string): Promise<string> => cluster.must(['delete', 'stack', stack, '--yes']);

describe('what a stack file says of its containers', () => {
  test('reaches the engine, key by key', async () => {
    const web = {
      image: images.web1, command: "/bin/sh -c 'trap \"exit 0\" TERM; while true; do busybox sleep 3600 & wait; done'", environment: ['GREETING=hei maailma'],
      user: '1000:1000', working_dir: '/tmp', hostname: 'named', init: true, labels: { 'com.example.team': 'blue' }, ports: ['127.0.0.1:18090:80/udp'],
      extra_hosts: ['db.local:10.1.2.3'], dns: ['10.9.9.9'], tmpfs: ['/scratch:size=1m'], volumes: ['/etc:/host-etc:ro'], read_only: true, pid: 'host',
      cap_add: ['NET_ADMIN'], cap_drop: ['MKNOD'], security_opt: ['no-new-privileges:true'], group_add: ['2000'], devices: ['/dev/null:/dev/nothing:r'],
      sysctls: { 'net.core.somaxconn': '512' }, ulimits: { nofile: { soft: 100, hard: 200 }, nproc: 300 }, mem_limit: '64m', memswap_limit: '128m', shm_size: '1m',
      cpus: 0.5, cpu_shares: 512, runtime: 'runc', logging: { driver: 'json-file', options: { 'max-size': '1m' } }, stop_signal: 'SIGINT', stop_grace_period: '1m30s',
      healthcheck: { test: 'test -d /host-etc', interval: '2s', timeout: '1s', start_period: '0' },
      deploy: { resources: { reservations: { cpus: 0.25, memory: '32m' } } },
    };
    await cluster.apply({ stack: 'keys', services: { web, own: { image: images.web1, network_mode: 'host', stop_timeout: 7 } } });

    const [found] = await inspect('keys.web');
    expect(found?.Config).toMatchObject({
      Image: images.web1, User: '1000:1000', WorkingDir: '/tmp', Hostname: 'named', StopSignal: 'SIGINT', StopTimeout: 90,
      Env: expect.arrayContaining(['GREETING=hei maailma', 'KONTENA_SERVICE_NAME=web']), Labels: expect.objectContaining({ 'com.example.team': 'blue' }),
      Cmd: ['/bin/sh', '-c', 'trap "exit 0" TERM; while true; do busybox sleep 3600 & wait; done'],
    });
    expect(found?.HostConfig).toMatchObject({
      Init: true, PidMode: 'host', ReadonlyRootfs: true, Runtime: 'runc', ExtraHosts: ['db.local:10.1.2.3'], Dns: ['10.9.9.9'], Tmpfs: { '/scratch': 'size=1m' }, Binds: ['/etc:/host-etc:ro'],
      PortBindings: { '80/udp': [{ HostIp: '127.0.0.1', HostPort: '18090' }] }, CapDrop: [expect.stringMatching(/MKNOD$/)], CapAdd: [expect.stringMatching(/NET_ADMIN$/)],
      SecurityOpt: expect.arrayContaining(['no-new-privileges:true']), GroupAdd: ['2000'], Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/nothing', CgroupPermissions: 'r' }],
      Sysctls: { 'net.core.somaxconn': '512' }, Ulimits: expect.arrayContaining([{ Name: 'nofile', Soft: 100, Hard: 200 }, { Name: 'nproc', Soft: 300, Hard: 300 }]),
      Memory: 64 * 1024 ** 2, MemorySwap: 128 * 1024 ** 2, MemoryReservation: 32 * 1024 ** 2, ShmSize: 1024 ** 2, NanoCpus: 500_000_000, CpuShares: 512,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } }, RestartPolicy: { Name: 'no' },
    });
    const [own] = await inspect('keys.own');
    expect([own?.Config['StopTimeout'], own?.HostConfig['NetworkMode']]).toEqual([7, 'host']);
    const [instance] = await cluster.instances('keys/web');
    expect(instance?.status.health).toBe('healthy');
    expect(await cluster.must(['describe', 'node', instance?.spec.node ?? ''])).toMatch(/reserved:\n\s+cpus: 0\.25\n\s+memoryBytes: 33554432/);
    expect(await cluster.must(['get', 'nodes', '-o', 'wide'])).toContain('0.25 cpus, 0.0GiB');
    await remove('keys');
  }, 90_000);

  test('so does what the machine cannot give: GPUs, and all rights', async () => {
    const { code } = await cluster.tryApply({ stack: 'gpu', services: { web: { image: images.web1, gpus: 2, privileged: true } } }, '--timeout', '20s');
    expect(code).toBe(1);
    expect((await inspect('gpu.web'))[0]?.HostConfig).toMatchObject({ Privileged: true, DeviceRequests: [{ Count: 2, Capabilities: [['gpu']] }] });
    await remove('gpu');
  }, 60_000);

  test('room that no node has is refused, with what there is', async () => {
    const { code, stderr } = await cluster.tryApply({ stack: 'big', services: { web: { image: images.web1, deploy: { resources: { reservations: { cpus: 500 } } } } } }, '--timeout', '20s');
    expect(code).toBe(1);
    expect(stderr).toMatch(/n1 has \d+ of \d+ cores free, 500 asked for/);
    await remove('big');
  }, 60_000);
});

describe('a rollout that fails, with on_failure: revert', () => {
  const shop = (image: string) => ({ stack: 'shop', services: { web: { image, instances: 4, deploy: { min_health: 0.5, on_failure: 'revert', settle: '2s' } } } });

  test('goes back, says so, and ends with 1', async () => {
    await cluster.apply(shop(images.web1));
    const { code, stdout, stderr } = await cluster.tryApply(shop(images.broken), '--timeout', '60s');
    expect(code).toBe(1);
    expect(stderr).toMatch(/shop\/web\.\d@\d+: ended with exit code 3; declared \d+, running \d+ \(reverted\)/);
    expect(stderr).toContain('the configuration is missing');
    expect(stdout).toMatch(/shop\/web 0 of 4 new, \d running: declared \d+, running \d+ \(reverted\)/);
    expect(await imagesOf('shop.web')).toEqual([images.web1, images.web1, images.web1, images.web1]);
    for (const command of [['get', 'services'], ['describe', 'service', 'shop/web'], ['describe', 'stack', 'shop']]) {
      expect((await cluster.must(command)).replaceAll(/\s+/g, ' ')).toMatch(/declared \d+, running \d+ \(reverted\)/);
    }
  }, 120_000);

  test('stays there, through a restart of the master, too', async () => {
    await untilAtRest();
    const before = await namesOf('shop.web');
    await cluster.killMaster();
    await cluster.startMaster();
    await cluster.untilOnline(2);
    const revision = await untilAtRest();
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect(await cluster.revision()).toBe(revision);
    expect(await namesOf('shop.web')).toEqual(before);
  }, 60_000);

  test('is tried anew by the same file; and what runs is not touched by going back to it', async () => {
    const again = await cluster.tryApply(shop(images.broken), '--timeout', '60s');
    expect([again.code, again.stdout]).toEqual([1, expect.stringContaining('attempt: 1 → 2')]);
    const before = await namesOf('shop.web');
    await cluster.apply(shop(images.web1));
    expect(await namesOf('shop.web')).toEqual(before);
    await cluster.apply(shop(images.web2));
    expect(await imagesOf('shop.web')).toEqual([images.web2, images.web2, images.web2, images.web2]);
    await remove('shop');
  }, 120_000);
});

test('an interval replaces the instances by their like, again and again', async () => {
  await cluster.apply({ stack: 'fresh', services: { web: { image: images.web1, instances: 2, deploy: { interval: 6, settle: 0 } } } });
  const first = await namesOf('fresh.web');
  const second = await eventually('both are replaced', async () => {
    const names = await namesOf('fresh.web');
    return names.length === 2 && names.every((name) => !first.includes(name)) ? names : undefined;
  });
  await eventually('both are replaced again', async () => ((await namesOf('fresh.web')).every((name) => !second.includes(name)) ? true : undefined), 30_000);
  await remove('fresh');
}, 90_000);

test('a hook that runs once runs once per slot, on whatever node and through restarts', async () => {
  const shared = join(bed.directory, 'shared');
  mkdirSync(shared);
  const ran = (): readonly string[] => (existsSync(join(shared, 'ran')) ? readFileSync(join(shared, 'ran'), 'utf8').trim().split('\n').sort() : []);
  const job = (image: string, affinity: readonly string[] = []) => ({ stack: 'job', services: { web: {
    image, instances: 2, affinity, volumes: [`${shared}:/shared`], deploy: { settle: 0 },
    hooks: { pre_start: [{ name: 'migrate', cmd: 'echo $$KONTENA_SERVICE_INSTANCE_NUMBER >> /shared/ran', instances: '*', oneshot: true }] },
  } } });
  await cluster.apply(job(images.web1, ['node==n1']));
  expect(ran()).toEqual(['1', '2']);

  await cluster.apply(job(images.web2, ['node==n2'])); // another round, on another node
  await cluster.killMaster();
  await cluster.startMaster();
  for (const engine of bed.engines) {
    await cluster.killAgent(engine);
    await cluster.startAgent(engine);
  }
  await cluster.untilOnline(2);
  await cluster.apply(job(images.web1));
  expect(ran()).toEqual(['1', '2']);

  await remove('job');
  await eventually('nothing of it is left', async () => ((await cluster.ctl(['get', 'service', 'job/web'])).code === 0 ? undefined : true));
  await cluster.apply(job(images.web1)); // another life of the service
  expect(ran()).toEqual(['1', '1', '2', '2']);
  await remove('job');
}, 120_000);

describe('a registry that asks who one is', () => {
  let registry: Awaited<ReturnType<typeof startDockerRegistry>>;
  let trusted: string;
  let stack: { readonly stack: string; readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>> };

  beforeAll(async () => {
    const folder = join(bed.directory, 'private');
    mkdirSync(folder);
    writeFileSync(join(folder, 'htpasswd'), USER.htpasswd);
    const { key, certificate, ca } = await certificateIn(folder, bed.hostAddress);
    registry = await startDockerRegistry(join(folder, 'registry'), { address: bed.hostAddress, tls: { key, certificate }, auth: { htpasswd: { realm: 'private', path: join(folder, 'htpasswd') } } });
    trusted = join('/etc/docker/certs.d', registry.host);
    mkdirSync(trusted, { recursive: true });
    copyFileSync(ca, join(trusted, 'ca.crt'));
    logIn(join(folder, 'docker'), registry.host);
    const [engine] = bed.engines;
    await engine!.docker(['pull', '-q', images.web1]);
    await engine!.docker(['tag', images.web1, `${registry.host}/web:1`]);
    await must('docker', ['--config', join(folder, 'docker'), '-H', engine!.socket, 'push', '-q', `${registry.host}/web:1`]);
    await engine!.docker(['rmi', `${registry.host}/web:1`]);
    stack = { stack: 'private', services: { web: { image: `${registry.host}/web:1`, instances: 2 } } };
  }, 90_000);
  afterAll(() => {
    registry.stop();
    rmSync(trusted, { recursive: true });
  });

  const reason = (words: string): Promise<boolean> => eventually(`the registry says "${words}"`, async () => {
    const reasons = (await cluster.instances('private/web')).map(({ status }) => status.reason ?? '');
    if (reasons.length === 2 && reasons.every((each) => each.includes(words))) return true;
    throw new Error(reasons.join('; '));
  }, 90_000);

  test('gives nothing to those who do not say, or say it wrong, in its own words; and all to those who do', async () => {
    const { code, stdout, stderr } = await cluster.tryApply(stack);
    expect([code, `${stdout}${stderr}`]).toEqual([1, expect.stringContaining('no basic auth credentials')]);
    await cluster.must(['external-registry', 'add', `https://${registry.host}`, '-u', USER.name], { input: 'wrong' });
    await reason('unauthorized');
    await cluster.must(['external-registry', 'add', registry.host, '-u', USER.name, '-p', USER.password]);
    await cluster.untilRunning('private/web', 2, 90_000);
    expect(await cluster.must(['external-registry', 'list'])).toMatch(new RegExp(`^${registry.host.replaceAll('.', '\\.')} +${USER.name} +private/web `, 'm'));
    expect(await cluster.must(['describe', 'registry', registry.host])).not.toContain(USER.password);
    await cluster.must(['external-registry', 'remove', registry.host, '--yes']);
    expect(await cluster.must(['external-registry', 'list', '-o', 'name'])).toBe('');
  }, 240_000);
});
