import { describe, expect, test } from '@jest/globals';
import type { EngineVolume, ServiceSpec } from '../model/index.js';
import { minimalService } from '../testing/runtime-contract.js';
import { createOptions, hookOptions, references, resolveReferences } from './create-options.js';
import { secretFiles } from './secrets.js';

const OWNER = { cluster: 'c1', grid: 'prod', node: 'n1' };
const request = (over: Partial<ServiceSpec>): Parameters<typeof createOptions>[0] => ({ instance: 'todo/web.2@57', service: 'todo/web@41', grid: 'prod', node: 'n1', secrets: {}, spec: minimalService('web:1', over) });
const made = (over: Partial<ServiceSpec> = {}, containers: Readonly<Record<string, string>> = {}): ReturnType<typeof createOptions> => createOptions(request(over), OWNER, { containers });

test('a service that names nothing leaves everything to the engine, but restarts', () => {
  expect(made()).toEqual({
    name: 'todo.web-2.57',
    Image: 'web:1',
    Hostname: 'web-2',
    Env: ['KONTENA_SERVICE_NAME=web', 'KONTENA_STACK_NAME=todo', 'KONTENA_GRID_NAME=prod', 'KONTENA_PLATFORM_NAME=prod', 'KONTENA_NODE_NAME=n1', 'KONTENA_SERVICE_INSTANCE_NUMBER=2'],
    Labels: { 'io.kontena.cluster': 'c1', 'io.kontena.grid': 'prod', 'io.kontena.node': 'n1', 'io.kontena.instance': 'todo/web.2@57', 'io.kontena.service': 'todo/web@41' },
    StopTimeout: 10,
    HostConfig: { NetworkMode: 'bridge', RestartPolicy: { Name: 'no' }, Privileged: false, ReadonlyRootfs: false },
  });
});

describe('a key of a service becomes an option of the container', () => {
  const cases: readonly (readonly [string, Partial<ServiceSpec>, object])[] = [
    ['command', { command: ['serve', '-v'] }, { Cmd: ['serve', '-v'] }],
    ['entrypoint', { entrypoint: ['/entry'] }, { Entrypoint: ['/entry'] }],
    ['user', { user: '1000:1000' }, { User: '1000:1000' }],
    ['workingDir', { workingDir: '/srv' }, { WorkingDir: '/srv' }],
    ['hostname', { hostname: 'front' }, { Hostname: 'front' }],
    ['stopSignal', { stopSignal: 'SIGQUIT' }, { StopSignal: 'SIGQUIT' }],
    ['stopGraceSeconds', { stopGraceSeconds: 90 }, { StopTimeout: 90 }],
    ['a health check of its own, instead of the image\'s', { healthCheck: { protocol: 'tcp', port: 80, timeoutSeconds: 1, intervalSeconds: 1, initialDelaySeconds: 1, retries: 1 } }, { Healthcheck: { Test: ['NONE'] } }],
    ['no health check', { healthCheck: { protocol: 'none' } }, { Healthcheck: { Test: ['NONE'] } }],
    ['labels, of which ours win', { labels: { team: 'blue', 'io.kontena.node': 'forged' } }, { Labels: expect.objectContaining({ team: 'blue', 'io.kontena.node': 'n1' }) }],
    ['ports', { ports: [{ ip: '0.0.0.0', nodePort: 80, containerPort: 8080, protocol: 'tcp' }] }, { ExposedPorts: { '8080/tcp': {} } }],
    ['anonymous volumes', { volumes: [{ type: 'anonymous', path: '/data', flags: [] }] }, { Volumes: { '/data': {} } }],
  ];
  test.each(cases)('%s', (_key, spec, option) => {
    expect(made(spec)).toMatchObject(option);
  });
});

test('volumes that are ours to make are mounted by the names that the engine has for them', () => {
  const volume = (name: string): EngineVolume => ({ name, driver: 'local', driverOpts: {} });
  const spec: Partial<ServiceSpec> = { stateful: true, volumes: [
    { type: 'volume', source: 'data', path: '/data', flags: ['ro'] }, { type: 'volume', source: 'other', path: '/other', flags: [] }, { type: 'anonymous', path: '/kept', flags: [] }, { type: 'anonymous', path: '/lost', flags: [] },
  ] };
  const volumes = { '/data': volume('todo.web.data-2'), '/kept': volume('todo.web._kept-2'), '/of/image': volume('todo.web._of_image-2') };
  expect(createOptions({ ...request(spec), volumes }, OWNER, { containers: {} })).toMatchObject({
    Volumes: { '/lost': {} },
    HostConfig: { Binds: ['todo.web.data-2:/data:ro', 'other:/other', 'todo.web._kept-2:/kept', 'todo.web._of_image-2:/of/image'] },
  });
});

describe('a key of a service becomes an option of the host', () => {
  const cases: readonly (readonly [string, Partial<ServiceSpec>, object])[] = [
    ['ports, several for one of the container', { ports: [
      { ip: '0.0.0.0', nodePort: 80, containerPort: 8080, protocol: 'tcp' },
      { ip: '127.0.0.1', nodePort: 81, containerPort: 8080, protocol: 'tcp' },
      { ip: '0.0.0.0', nodePort: 53, containerPort: 53, protocol: 'udp' },
    ] }, { PortBindings: { '8080/tcp': [{ HostIp: '0.0.0.0', HostPort: '80' }, { HostIp: '127.0.0.1', HostPort: '81' }], '53/udp': [{ HostIp: '0.0.0.0', HostPort: '53' }] } }],
    ['bind mounts and named volumes', { volumes: [
      { type: 'bind', source: '/etc/app', path: '/etc/app', flags: ['ro', 'z'] },
      { type: 'volume', source: 'data', path: '/data', flags: [] },
    ] }, { Binds: ['/etc/app:/etc/app:ro,z', 'data:/data'] }],
    ['tmpfs', { tmpfs: ['/run', '/tmp:size=64m,mode=1777'] }, { Tmpfs: { '/run': '', '/tmp': 'size=64m,mode=1777' } }],
    ['extraHosts and dns', { extraHosts: ['db:10.0.0.1'], dns: ['10.0.0.2'] }, { ExtraHosts: ['db:10.0.0.1'], Dns: ['10.0.0.2'] }],
    ['pid, init and runtime', { pid: 'host', init: true, runtime: 'runsc' }, { PidMode: 'host', Init: true, Runtime: 'runsc' }],
    ['privileged and readOnly', { privileged: true, readOnly: true }, { Privileged: true, ReadonlyRootfs: true }],
    ['capabilities', { capAdd: ['NET_ADMIN'], capDrop: ['ALL'] }, { CapAdd: ['NET_ADMIN'], CapDrop: ['ALL'] }],
    ['securityOpt and groupAdd', { securityOpt: ['no-new-privileges'], groupAdd: ['audio'] }, { SecurityOpt: ['no-new-privileges'], GroupAdd: ['audio'] }],
    ['devices', { devices: ['/dev/fuse', '/dev/a:/dev/b', '/dev/c:/dev/d:r'] }, { Devices: [
      { PathOnHost: '/dev/fuse', PathInContainer: '/dev/fuse', CgroupPermissions: 'rwm' },
      { PathOnHost: '/dev/a', PathInContainer: '/dev/b', CgroupPermissions: 'rwm' },
      { PathOnHost: '/dev/c', PathInContainer: '/dev/d', CgroupPermissions: 'r' },
    ] }],
    ['sysctls and ulimits', { sysctls: { 'net.core.somaxconn': '1024' }, ulimits: [{ name: 'nofile', soft: 1, hard: 2 }] }, { Sysctls: { 'net.core.somaxconn': '1024' }, Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }] }],
    ['memory', { memoryBytes: 1, memorySwapBytes: -1, memoryReservationBytes: 3, shmSizeBytes: 4 }, { Memory: 1, MemorySwap: -1, MemoryReservation: 3, ShmSize: 4 }],
    ['cpus, without the errors of fractions', { cpus: 0.07, cpuShares: 512 }, { NanoCpus: 70_000_000, CpuShares: 512 }],
    ['all gpus', { gpus: 'all' }, { DeviceRequests: [{ Driver: '', Count: -1, Capabilities: [['gpu']] }] }],
    ['some gpus', { gpus: 2 }, { DeviceRequests: [{ Driver: '', Count: 2, Capabilities: [['gpu']] }] }],
    ['logging', { logging: { driver: 'syslog', options: { tag: 'web' } } }, { LogConfig: { Type: 'syslog', Config: { tag: 'web' } } }],
    ['network', { network: 'host' }, { NetworkMode: 'host' }],
  ];
  test.each(cases)('%s', (_key, spec, option) => {
    expect(made(spec).HostConfig).toMatchObject(option);
  });
});

test('who shares the network of another has no name and no ports of his own', () => {
  for (const network of ['host', 'container:x'] as const) {
    const { Hostname, ExposedPorts, HostConfig } = made({ network, ports: [{ ip: '0.0.0.0', nodePort: 80, containerPort: 80, protocol: 'tcp' }] });
    expect([Hostname, ExposedPorts, HostConfig?.PortBindings]).toEqual([undefined, undefined, undefined]);
  }
});

test('what the container is told of itself cannot be overridden', () => {
  expect(made({ env: ['A=b=c', 'KONTENA_NODE_NAME=forged', 'EMPTY='] }).Env?.filter((entry) => !/SERVICE|STACK|GRID|PLATFORM/.test(entry))).toEqual(['A=b=c', 'EMPTY=', 'KONTENA_NODE_NAME=n1']);
});

describe('other containers', () => {
  test('are named by service and slot of the same stack', () => {
    expect(references(minimalService('web:1', { volumesFrom: ['data-%s:ro', 'cache-1'], network: 'container:proxy-%s' }), 2)).toEqual(['data-2', 'cache-1', 'proxy-2']);
  });

  test('are found in their newest round, never in another stack', () => {
    const here = ['todo/data.2@9', 'todo/data.2@10', 'other/cache.1@3', 'todo/data.1@50'];
    expect(resolveReferences(['data-2', 'cache-1'], 'todo', here)).toEqual({ 'data-2': 'todo.data-2.10' });
  });

  test('lend their volumes and their network; a name that is none of ours is the engine\'s', () => {
    const found = { 'data-2': 'todo.data-2.10', 'proxy-2': 'todo.proxy-2.7' };
    expect(made({ volumesFrom: ['data-%s:ro', 'legacy'], network: 'container:proxy-%s' }, found).HostConfig).toMatchObject({ VolumesFrom: ['todo.data-2.10:ro', 'legacy'], NetworkMode: 'container:todo.proxy-2.7' });
  });
});

test('the container of a hook runs the command alone, without the ports, and is no instance', () => {
  const options = hookOptions(request({ entrypoint: ['/entry'], command: ['serve'], ports: [{ ip: '0.0.0.0', nodePort: 80, containerPort: 80, protocol: 'tcp' }] }), ['/bin/sh', '-c', 'migrate'], OWNER, { containers: {} });
  expect(options).toMatchObject({ name: 'todo.web-2.57.hook', Entrypoint: ['/bin/sh'], Cmd: ['-c', 'migrate'], Labels: { 'io.kontena.hook': 'todo/web.2@57', 'io.kontena.node': 'n1' } });
  expect(options.Labels).not.toHaveProperty('io.kontena.instance');
  expect(options.HostConfig).not.toHaveProperty('PortBindings');
});

describe('what comes from the vault', () => {
  const secrets = { 'Secret/pw@2': 'open sesame', 'Secret/more@1': 'two\nlines', 'Certificate/example.com@1': 'PEM' };
  const spec = minimalService('web:1', {
    env: ['A=1', 'PW=by hand', 'KONTENA_NODE_NAME=x'],
    secrets: [
      { secret: 'pw', name: 'PW', type: 'env', version: 2 }, { secret: 'more', name: 'PW', type: 'env', version: 1 }, { secret: 'gone', name: 'GONE', type: 'env', version: 1 },
      { secret: 'pw', name: 'pw.txt', type: 'file', version: 2 }, { secret: 'pw', name: 'KONTENA_STACK_NAME', type: 'env', version: 2 },
    ],
    certificates: [{ subject: 'example.com', name: 'CERT', type: 'env', version: 1 }],
  });
  const withSecrets = { ...request({}), spec, secrets };

  test('is in the environment under the names declared, those of one name joined, before what is written there by hand', () => {
    const { Env = [], Volumes } = createOptions(withSecrets, OWNER, { containers: {} });
    expect(Env.filter((entry) => !entry.startsWith('KONTENA_'))).toEqual(['A=1', 'PW=open sesame\ntwo\nlines', 'CERT=PEM']);
    expect(Env.filter((entry) => entry.startsWith('KONTENA_STACK_NAME='))).toEqual(['KONTENA_STACK_NAME=todo']);
    expect(Volumes).toEqual({ '/run/secrets': {} });
    expect(createOptions(request({ secrets: [{ secret: 'pw', name: 'PW', type: 'env', version: 2 }] }), OWNER, { containers: {} }).Volumes).toBeUndefined();
  });

  test('is in files that anyone in the container may read, and that are packed only where there are any', async () => {
    const tar = await secretFiles(withSecrets);
    expect(tar?.subarray(0, 107).toString()).toMatch(/^pw\.txt\0+000444/);
    expect(tar?.includes('open sesame')).toBe(true);
    expect(await secretFiles({ ...withSecrets, spec: minimalService('web:1') })).toBeUndefined();
  });
});

describe('a place on the grid\'s network', () => {
  const resolver = { dns: ['10.81.1.1'], search: ['todo.prod.kontena.local', 'kontena.local'] };
  const attachment = { network: 'kontena-prod', address: '10.81.1.7', resolver };

  test('is the container\'s network, address and way to names, and its label', () => {
    const options = createOptions({ ...request({}), attachment }, OWNER, { containers: {} });
    expect(options.HostConfig).toMatchObject({ NetworkMode: 'kontena-prod', Dns: ['10.81.1.1'], DnsSearch: resolver.search, DnsOptions: ['ndots:2'] });
    expect(options.NetworkingConfig).toEqual({ EndpointsConfig: { 'kontena-prod': { IPAMConfig: { IPv4Address: '10.81.1.7' } } } });
    expect(options.Labels).toMatchObject({ 'io.kontena.address': '10.81.1.7' });
  });

  test('leaves a service the servers that it names itself', () => {
    expect(createOptions({ ...request({ dns: ['10.9.9.9'] }), attachment }, OWNER, { containers: {} }).HostConfig).toMatchObject({ Dns: ['10.9.9.9'], DnsSearch: resolver.search });
  });

  test('gives one on its node\'s own network names all the same', () => {
    const { HostConfig, NetworkingConfig } = createOptions({ ...request({ network: 'host' }), resolver }, OWNER, { containers: {} });
    expect([HostConfig, NetworkingConfig]).toEqual([expect.objectContaining({ NetworkMode: 'host', Dns: ['10.81.1.1'], DnsSearch: resolver.search }), undefined]);
  });
});
