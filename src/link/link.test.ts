import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, credentials, status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { systemClock } from '../clock.js';
import { type Instant, type NodeAnswers, type NodeQuestion, type InstanceReport, KontenaError, type LogBatch, type LogSubject, drop, machineOf, NO_ANSWERS, NO_BALANCERS, NO_REGISTRY, type ProgramCall, type ProgramOutput, put, type ServiceSpec } from '../model/index.js';
import type { Access, ByteStream, Enrolment, Log } from '../ports/index.js';
import { systemRandom } from '../random.js';
import { openStore } from '../store/index.js';
import { connect, type Connected, type Credential } from './client/index.js';
import { HealthService } from './gen/grpc/health/v1/health.js';
import { type ServerReflectionResponse, ServerReflectionService } from './gen/grpc/reflection/v1/reflection.js';
import { ControlService } from './gen/kontena/v1/control.js';
import { createMasterLink, joinCluster, type MasterLink, openAgentLink } from './index.js';
import { readIdentity } from './pki/files.js';
import { DEFAULT_LIFETIMES } from './pki/index.js';
import { SilentAgent } from '../testing/silent-agent.js';
import { echo, INVALID, noSignIn, RESOURCE, StubControl, TOKEN } from '../testing/stub-control.js';
import { testVault } from '../testing/test-vault.js';

/** Real time, real sockets, and perhaps a busy machine. */
jest.setTimeout(60_000);

/** Waits until `look` gives something, for up to 10 s. */
async function until<T>(look: () => T | undefined | false, what: string): Promise<T> {
  for (let left = 500; left > 0; left -= 1) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited in vain for ${what}`);
}

class Lines implements Log {
  readonly lines: string[] = [];
  info = (message: string, facts?: object): void => void this.lines.push(`info ${message} ${JSON.stringify(facts ?? {})}`);
  warn = (message: string, facts?: object): void => void this.lines.push(`warn ${message} ${JSON.stringify(facts ?? {})}`);
  error = (message: string, facts?: object): void => void this.lines.push(`error ${message} ${JSON.stringify(facts ?? {})}`);
}

class FakeAgent extends SilentAgent {
  override async *logs({ name }: LogSubject): AsyncIterable<LogBatch> {
    yield { lines: Array.from({ length: 3000 }, (_, index) => ({ instance: name, stream: 'stdout' as const, at: '2026-01-01T00:00:00Z', line: `line ${index + 1}`, run: 2 })), isCaughtUp: true };
  }

  /** An echo, as a program behind port 7 gives; anything else refuses. */
  override async dial(instance: string, port: number, signal: AbortSignal): Promise<ByteStream> {
    return port === 7 ? echo() : super.dial(instance, port, signal);
  }
}

interface Running {
  readonly link: MasterLink;
  readonly address: string;
  readonly control: StubControl;
  readonly log: Lines;
  readonly store: ReturnType<typeof openStore>;
  readonly admin: Credential;
  readonly closing: (() => unknown)[];
}

async function startMaster(directory: string, options: { readonly lifetimes?: typeof DEFAULT_LIFETIMES; readonly port?: number; readonly file?: string } = {}): Promise<Running> {
  const store = openStore(options.file ?? ':memory:', { clock: systemClock, random: systemRandom, onFatal: () => undefined });
  const log = new Lines();
  const link = await createMasterLink({
    store, vault: testVault(store), clock: systemClock, random: systemRandom, log, pkiDirectory: join(directory, 'pki'), advertise: ['master.example'], version: 'v', balancerImage: 'haproxy:lts',
    ...(options.lifetimes === undefined ? {} : { lifetimes: options.lifetimes }),
  });
  const control = new StubControl();
  const enrolment: Enrolment = {
    join: async ({ token, name, keyFingerprint, labels }) => {
      if (token !== TOKEN) throw new KontenaError('KON_TOKEN_INVALID', 'the token is unknown or has expired');
      if (name === 'taken') throw new KontenaError('KON_NODE_NAME_TAKEN', 'a node named taken is connected');
      await store.update({ writer: 'api', grid: 'default' }, () => ({ steps: [put('Node', name, { number: 1, labels, availability: 'active', keyFingerprint, authority: link.authority.signer }, 'joined')] }));
      return { grid: 'default', node: name, machine: keyFingerprint, generation: 0 };
    },
    renew: async (grid, node, { to }) => {
      const known = store.view(grid).get('Node', node)?.body;
      if (known !== undefined) await store.update({ writer: 'api', grid }, () => ({ steps: [put('Node', node, { ...known, machine: machineOf(known), keyFingerprint: to }, 'renewed')] }));
      return { grid, node, machine: known === undefined ? to : machineOf(known), generation: 1 };
    },
    admit: (grid, node, { keyFingerprint }) => {
      if (node === 'barred') throw new KontenaError('KON_CERTIFICATE_UNTRUSTED', 'barred is barred');
      const known = store.view(grid).get('Node', node);
      if (known === undefined) throw new KontenaError('KON_NODE_REMOVED', `node ${node} was removed`);
      if (known.body.keyFingerprint !== keyFingerprint) throw new KontenaError('KON_CERTIFICATE_UNTRUSTED', 'another key');
    },
  };
  const access: Access = { admitToken: (token) => ({ name: `token ${token.split('.', 1)[0] ?? ''}`, keyFingerprint: 'hash' }), admit: (name, keyFingerprint) => ({ name, keyFingerprint }), turnedAway: () => undefined };
  const ends = [() => link.close(), () => store.close()];
  const { port } = await link.listen({ host: '127.0.0.1', port: options.port ?? 0, control: () => control, enrolment, access, signIn: noSignIn }).catch(async (error: unknown) => {
    for (const end of ends) await end();
    throw error;
  });
  const address = `127.0.0.1:${port}`;
  return { link, address, control, log, store, admin: { server: address, ...link.authority.admin() }, closing: ends };
}

const never = new AbortController().signal;

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

let directory: string;
let master: Running;
let client: Connected;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kontena-link-'));
  master = await startMaster(directory);
  client = connect(master.admin, { timeoutMs: 5000 });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(async () => {
  client.close();
  for (const close of master.closing) await close();
  await rm(directory, { recursive: true, force: true });
});

const join1 = (name: string, change: { readonly token?: string; readonly at?: Running } = {}): ReturnType<typeof joinCluster> => {
  const at = change.at ?? master;
  return joinCluster({ master: at.address, token: change.token ?? `${TOKEN}.${at.link.caFingerprint}`, name, labels: ['ssd'], pkiDirectory: join(directory, name) });
};

describe('Control over the wire', () => {
  test('answers come as they were given', async () => {
    expect(await client.master.info()).toEqual({ version: 'v', cluster: 'c', epoch: 1, revision: 7, startedAt: 's' });
    expect(await collect(client.resources.list({ grid: 'default', kind: 'stack' }))).toEqual([RESOURCE]);
    expect(await collect(client.resources.list({ grid: 'default', kind: 'instance' }))).toHaveLength(2000);
    expect(await collect(client.stacks.follow('default', 'todo', 41, AbortSignal.timeout(5000)))).toEqual(await collect(master.control.stacks.follow('', '', 0, never)));
    const { signal } = new AbortController();
    for (const query of [{ follow: false }, { follow: true, after: 5, tail: 1, since: '2026-01-01', of: { kind: 'stack', name: 'shop' } }]) {
      expect(await collect(client.events.read('default', query, signal))).toEqual(await collect(master.control.events.read('default', query, signal)));
    }
    expect(await collect(client.resources.history('default', 'stack', 'todo'))).toEqual(await collect(master.control.resources.history('', 'stack', '')));
    expect(await collect(client.instances.logs('default', 'todo', { follow: false }, AbortSignal.timeout(5000)))).toEqual(await collect(master.control.instances.logs('', '', { follow: false }, never)));
    expect(await client.nodes.update('default', 'n1', { labels: [] })).toEqual({ revision: 3 });
    expect(await client.credentials.create({ name: 'ada', lifetimeSeconds: 60, role: 'developer', grid: 'default' })).toEqual(await master.control.credentials.create({ name: 'ada', lifetimeSeconds: 60, role: 'developer', grid: 'default' }));
    expect(await client.credentials.renew()).toMatchObject({ name: 'ada' });
    expect(await client.master.rotateAuthority({ isEnd: false, isForced: false })).toEqual({ fingerprint: 'f', behind: ['node n1'] });
  });

  test('the audit log: entries with what is absent, and an export in its pieces', async () => {
    expect(await collect(client.audit.read({ follow: false, who: 'ada' }, never))).toEqual(await collect(master.control.audit.read({ follow: false, who: 'ada' }, never)));
    expect(Buffer.concat(await collect(client.audit.export(never)))).toEqual(Buffer.from([1, 2, 3]));
  });

  test('the vault: values and certificates come back as they went', async () => {
    expect(await client.vault.writeSecret('default', { name: 'pw', value: 'four' })).toEqual({ name: 'pw', version: 4, revision: 8, isChanged: true, usedBy: ['todo/web'] });
    await expect(client.vault.writeSecret('default', { name: 'pw', value: 'x', only: 'new' })).rejects.toMatchObject({ code: 'KON_CONFLICT', message: 'secret pw is there' });
    expect([await client.vault.readSecret('default', 'pw'), await client.vault.rotateKey()]).toEqual(['the value of pw', { sealed: 3 }]);
    const bundle = { certificate: 'c', chain: '', privateKey: 'k' };
    expect(await client.vault.writeCertificate('default', bundle)).toMatchObject({ name: 'example.com' });
    expect(await client.vault.writeCertificate('default', bundle, 'www.example.com')).toMatchObject({ name: 'www.example.com' });
    expect(await client.vault.readCertificate('default', 'example.com')).toEqual(bundle);
  });

  test('a request for a certificate arrives as it was made, with what is absent', async () => {
    const asked = async (request: Parameters<typeof client.vault.requestCertificate>[1]): Promise<unknown> => JSON.parse((await client.vault.requestCertificate('default', request)).name);
    const whole = { names: ['*.example.com', 'example.com'], challenge: 'dns-01', directory: 'zerossl', email: 'a@b', binding: { keyId: 'k', secret: 's' }, answerOn: ['n1'], isRenewal: true };
    expect(await asked(whole)).toEqual(whole);
    expect(await asked({ names: ['example.com'] })).toEqual({ names: ['example.com'], answerOn: [], isRenewal: false });
  });

  test('a stack goes there whole, differences come back with what is absent and what is null', async () => {
    const stack = { name: 'todo', services: {}, volumes: {}, labels: ['a'], metadata: { deep: { list: [1, 'x', null, { y: true }] } }, variables: {}, expose: 'web' };
    const applied = await client.stacks.apply({ grid: 'default', stack, dryRun: false, origin: '/w/todo.yml', secrets: { pw: 'x' } });
    expect(master.control.applied).toEqual({ grid: 'default', stack, dryRun: false, origin: '/w/todo.yml', secrets: { pw: 'x' } });
    expect(applied.differences[0]?.fields).toEqual([{ path: 'image', from: undefined, to: 'redis' }, { path: 'env', from: ['A=1'], to: null }]);
    expect(applied.warnings).toEqual(INVALID.mistakes);
  });

  test('a join token gets the fingerprint of the CA', async () => {
    expect(await client.grids.create({ name: 'prod' })).toEqual({ name: 'prod', subnet: 'free', nodePrefix: 24, revision: 5 });
    expect(await client.grids.create({ name: 'prod', subnet: '10.90.0.0/16', nodePrefix: 20 })).toEqual({ name: 'prod', subnet: '10.90.0.0/16', nodePrefix: 20, revision: 5 });
    expect([await client.grids.update('prod', { statsd: '', defaultAffinity: [] }), await client.grids.update('prod', {}), await client.grids.update('prod', { defaultAffinity: ['a', 'b'] })]).toEqual([{ revision: 6 }, { revision: 17 }, { revision: 27 }]);
    expect(await client.tokens.create('default', { ttlSeconds: 60, labels: [] })).toEqual({ id: 'id', token: `${TOKEN}.${master.link.caFingerprint}`, expiresAt: 1_900_000_000_000 });
  });

  test('a backup larger than any message arrives whole', async () => {
    const bytes = Buffer.concat(await collect(client.master.backup(AbortSignal.timeout(10_000))));
    expect(bytes.length).toBe(6 * 1024 * 1024);
  });

  test('refusals keep their code, sentence and mistakes', async () => {
    const stack = { name: 'x', services: {}, volumes: {}, labels: [], metadata: {}, variables: {} };
    await expect(client.stacks.apply({ grid: 'default', stack, dryRun: true })).rejects.toMatchObject({ code: 'KON_STACK_INVALID', message: INVALID.message, mistakes: INVALID.mistakes });
    await expect(client.resources.remove('default', 'stack', 'x')).rejects.toMatchObject({ code: 'KON_NOT_FOUND', message: 'there is no stack "x"' });
    await expect(client.services.scale('default', 'x', 1)).rejects.toMatchObject({ code: 'KON_INTERNAL', message: 'a bug' });
    expect(master.log.lines.some((line) => line.includes('a bug'))).toBe(true);
  });

  test('a request too large for any master is refused as that', async () => {
    const stack = { name: 'x', services: {}, volumes: {}, labels: [], metadata: {}, variables: {}, source: 'x'.repeat(5 * 1024 * 1024) };
    await expect(client.stacks.apply({ grid: 'default', stack, dryRun: false })).rejects.toMatchObject({ code: 'KON_INVALID', message: expect.stringContaining('so large') });
  });

  test('as many mistakes as fit come back, and how many more there are', async () => {
    const mistakes = Array.from({ length: 1000 }, (_, index) => ({ severity: 'error', path: `services.s${index}`, message: 'no image' }) as const);
    const apply = jest.spyOn(master.control.stacks, 'apply').mockRejectedValue(new KontenaError('KON_STACK_INVALID', 'm'.repeat(5000), { mistakes }));
    const refusal = await client.stacks.apply({ grid: 'default', stack: { name: 'x', services: {}, volumes: {}, labels: [], metadata: {}, variables: {} }, dryRun: false }).catch((error: unknown) => error);
    apply.mockRestore();
    expect(refusal).toMatchObject({ code: 'KON_STACK_INVALID' });
    const came = (refusal as KontenaError).mistakes;
    expect(came.length).toBeGreaterThan(100);
    expect(came.at(-1)?.message).toBe(`and ${1000 - (came.length - 1)} more`);
  });

  test('a watch ends when the reader stops, and the master hears of it', async () => {
    const stop = new AbortController();
    for await (const { resource } of client.resources.watch({ grid: 'default', kind: 'stack' }, stop.signal)) {
      expect(resource).toEqual(RESOURCE);
      stop.abort();
    }
    await until(() => master.control.watches === 0, 'the watch to end');
  });
});

describe('who may do what', () => {
  test('nothing answers without a certificate', async () => {
    const bare = new Client(master.address, credentials.createSsl(Buffer.from(master.admin.ca)), { 'grpc.ssl_target_name_override': 'kontena-master' });
    closing.push(() => bare.close());
    for (const method of [ControlService.info, HealthService.check]) {
      const refused = await new Promise<{ code: number } | null>((resolve) => {
        bare.makeUnaryRequest(method.path, () => Buffer.alloc(0), (bytes) => bytes, {}, (error) => resolve(error));
      });
      expect(refused?.code).toBe(status.UNAUTHENTICATED);
    }
    const reflection = bare.makeBidiStreamRequest(ServerReflectionService.serverReflectionInfo.path, () => Buffer.alloc(0), (bytes) => bytes);
    expect(await new Promise((resolve) => reflection.on('error', (error) => resolve('code' in error ? error.code : undefined)))).toBe(status.UNAUTHENTICATED);
  });

  test('an agent opens its link, and nothing else', async () => {
    await join1('nosy');
    const identity = await readIdentity(join(directory, 'nosy', 'agent.pem'));
    const nosy = connect({ ...master.admin, ...identity! }, { timeoutMs: 5000 });
    closing.push(() => nosy.close());
    await expect(nosy.master.info()).rejects.toMatchObject({ code: 'KON_FORBIDDEN' });
    await expect(collect(nosy.resources.list({ grid: 'default', kind: 'stack' }))).rejects.toMatchObject({ code: 'KON_FORBIDDEN' });
  });

  test('a certificate of another CA is refused, by either side', async () => {
    const other = await startMaster(join(directory, 'other'));
    closing.push(...other.closing);
    const distrusting = connect({ ...other.admin, server: master.address }, { timeoutMs: 5000 });
    closing.push(() => distrusting.close());
    await expect(distrusting.master.info()).rejects.toMatchObject({ code: 'KON_CERTIFICATE_UNTRUSTED', message: expect.stringContaining(master.address) });
    const distrusted = connect({ ...other.admin, server: master.address, ca: master.admin.ca }, { timeoutMs: 5000 });
    closing.push(() => distrusted.close());
    await expect(distrusted.master.info()).rejects.toMatchObject({ code: 'KON_UNAUTHENTICATED' });
  });

  test('a master that is not there is named within 5 s', async () => {
    const nobody = connect({ ...master.admin, server: '127.0.0.1:1' }, { timeoutMs: 5000 });
    const silent = connect({ ...master.admin, server: '192.0.2.1:9292' }, { timeoutMs: 500 });
    closing.push(() => nobody.close(), () => silent.close());
    await expect(nobody.master.info()).rejects.toMatchObject({ code: 'KON_MASTER_UNREACHABLE', message: expect.stringContaining('127.0.0.1:1: nothing listens') });
    await expect(collect(silent.resources.list({ grid: 'default', kind: 'stack' }))).rejects.toMatchObject({ code: 'KON_MASTER_UNREACHABLE' });
  });
});

describe('a master that goes away', () => {
  test('is noticed by who watches it; its port cannot be had by two', async () => {
    const leaving = await startMaster(join(directory, 'leaving'));
    const watcher = connect(leaving.admin, { timeoutMs: 5000 });
    closing.push(() => watcher.close());
    const watching = collect(watcher.resources.watch({ grid: 'default', kind: 'stack' }, new AbortController().signal));
    await until(() => leaving.control.watches === 1, 'the watch');
    await expect(startMaster(join(directory, 'second'), { port: Number(leaving.address.split(':')[1]) })).rejects.toMatchObject({ code: 'KON_ADDRESS_UNUSABLE', message: expect.stringMatching(/cannot listen on \S+: another process listens there already$/) });
    for (const close of leaving.closing) await close();
    await expect(watching).rejects.toMatchObject({ code: 'KON_MASTER_UNREACHABLE' });
  });
});

describe('joining', () => {
  test('gives a node its papers', async () => {
    expect(await join1('n1')).toEqual({ cluster: master.store.identity.cluster, grid: 'default', node: 'n1', token: 'id' });
    expect(master.store.view('default').get('Node', 'n1')?.body.labels).toEqual(['ssd']);
  });

  test('wrong tokens, names and fingerprints are refused; the token goes to no stranger', async () => {
    await expect(join1('n2', { token: `id.wrong.${master.link.caFingerprint}` })).rejects.toMatchObject({ code: 'KON_TOKEN_INVALID' });
    await expect(join1('n2', { token: 'id.secret' })).rejects.toMatchObject({ code: 'KON_TOKEN_INVALID' });
    await expect(join1('n2', { token: `${TOKEN}.${'0'.repeat(64)}` })).rejects.toMatchObject({ code: 'KON_CERTIFICATE_UNTRUSTED' });
    await expect(join1('taken')).rejects.toMatchObject({ code: 'KON_NODE_NAME_TAKEN' });
    await expect(join1('a/b')).rejects.toMatchObject({ code: 'KON_INVALID' });
    expect(master.store.view('default').get('Node', 'n2')).toBeUndefined();
  });
});

const openAgent = (name: string, at: Running, log = new Lines()): { readonly agent: FakeAgent; readonly log: Lines; readonly sink: ReturnType<typeof openAgentLink> } => {
  const agent = new FakeAgent();
  const sink = openAgentLink({ master: at.address, pkiDirectory: join(directory, name), clock: systemClock, random: systemRandom, log, agent });
  closing.push(() => sink.close());
  return { agent, log, sink };
};

const SPEC = {
  image: 'redis:7', instances: 1, stateful: false, env: ['A=ü'], labels: {}, ports: [], links: [], network: 'bridge', extraHosts: [], dns: [], volumes: [], volumesFrom: [],
  tmpfs: [], affinity: [], deploy: { strategy: 'ha', minHealth: 0.8, order: 'stop-first', onFailure: 'pause', settleSeconds: 0 },
  hooks: { preStart: [], postStart: [], preStop: [] }, secrets: [], certificates: [], privileged: false, readOnly: false, capAdd: [], capDrop: [], securityOpt: [],
  groupAdd: [], devices: [], sysctls: {}, ulimits: [], stopGraceSeconds: 10,
} as const satisfies ServiceSpec;

/** Declares one instance of todo/web on a node, as controllers would. */
async function placeOn({ store }: Running, node: string, instance = 'todo/web.1@2'): Promise<void> {
  await store.update({ writer: 'stack', grid: 'default' }, () => ({ steps: [put('Service', 'todo/web@1', { spec: SPEC, isCurrent: true }, 'test')] }));
  await store.update({ writer: 'hooks', grid: 'default' }, () => ({ steps: [put('HooksDone', 'todo/web.1', { hooks: ['preStart migrate'] }, 'test')] }));
  const body = { service: 'todo/web', slot: 1, revision: 1, node, wanted: 'running', reserves: { cpus: 0, memoryBytes: 0, ports: [] } } as const;
  await store.update({ writer: 'scheduler', grid: 'default' }, () => ({ steps: [put('Instance', instance, body, 'test')] }));
}

const running = (name: string): InstanceReport => ({
  name, isGone: false, report: { phase: 'running', since: 5 as Instant, restarts: 1, container: 'c1', health: 'healthy', exitCode: 0, output: ['x'], reason: 'r', hooksDone: ['postStart warm'] },
});

const textOf = (said: readonly ProgramOutput[], stream: 'stdout' | 'stderr'): Buffer => Buffer.concat(said.flatMap((output) => (output.kind === 'output' && output.stream === stream ? [output.bytes] : [])));

describe('the link of a node', () => {
  test('down goes what must run, up comes what is there, and lines of a log', async () => {
    await join1('worker');
    const { agent, sink } = openAgent('worker', master);
    const view = (): ReturnType<typeof master.store.view> => master.store.view('default');
    await until(() => view().get('Pulse', 'worker')?.body.state === 'heard', 'the pulse');
    expect(view().get('Facts', 'worker')?.body).toEqual(agent.facts());
    await until(() => agent.assigned.length === 1, 'the first assignments');

    await placeOn(master, 'worker');
    const told = await until(() => agent.assigned[1], 'the assignment');
    expect(told).toEqual({
      ...master.store.identity, revision: told.revision, grid: 'default',
      containers: { services: { 'todo/web@1': SPEC }, instances: [{ name: 'todo/web.1@2', service: 'todo/web@1', wanted: 'running', hooksDone: ['preStart migrate'] }], secrets: {}, volumes: {} },
      network: { subnet: '10.81.0.0/16', restricted: [] }, names: { links: {} }, balancers: NO_BALANCERS, answers: NO_ANSWERS, registry: NO_REGISTRY, statistics: {},
    });

    sink.changed(running('todo/web.1@2'));
    sink.engine(false, 'docker is down');
    await until(() => view().get('Pulse', 'worker')?.body.state === 'engine', 'the engine to be missed');
    expect(view().get('Report', 'todo/web.1@2')?.body).toEqual({ ...running('').report, node: 'worker' });
    expect(view().get('Pulse', 'worker')?.body.reason).toBe('docker is down');

    const lines = await collect(master.link.nodes.logs({ grid: 'default', name: 'worker' }, { subject: { kind: 'instance', name: 'todo/web.1@2' }, search: { follow: false } }, AbortSignal.timeout(5000)));
    expect(lines.flatMap((batch) => batch.lines.map(({ line }) => line))).toEqual(Array.from({ length: 3000 }, (_, index) => `line ${index + 1}`));

    await sink.close();
    await until(() => view().get('Pulse', 'worker')?.body.state === 'silent', 'silence');
    await expect(collect(master.link.nodes.logs({ grid: 'default', name: 'worker' }, { subject: { kind: 'stack', name: 'x' }, search: { follow: false } }, AbortSignal.timeout(5000)))).rejects.toMatchObject({ code: 'KON_NODE_UNREACHABLE' });
  });

  test('what all nodes share goes whole, then by its changes; the state of a network comes up, with where it dials from', async () => {
    await join1('sharer');
    const { agent, sink } = openAgent('sharer', master);
    await until(() => agent.told.length === 2, 'both tables');
    expect(agent.told.map(({ table, part }) => [table, part.isWhole, part.isLast])).toEqual([['peers', true, true], ['endpoints', true, true]]);

    agent.state = { publicKey: 'key', port: 51820, addresses: ['10.0.0.1'], implementation: 'wireguard-go', routes: ['10.0.0.0/24'], problems: [{ what: 'a', reason: 'b', remedy: 'c' }] };
    sink.networkChanged();
    const said = await until(() => master.store.view('default').get('NodeNetwork', 'sharer')?.body, 'the state of the network');
    expect(said).toEqual({ ...agent.state, seenFrom: '127.0.0.1' });

    const known = master.store.view('default').get('Node', 'sharer')!.body;
    const lease = { subnet: '10.81.9.0/24', publicKey: 'key', privateAddress: '10.0.0.1:51820', publicAddress: '192.0.2.1:51820' };
    await master.store.update({ writer: 'api', grid: 'default' }, () => ({ steps: [put('Node', 'sharer', { ...known, labels: ['region=eu'] }, 'test')] }));
    await master.store.update({ writer: 'network', grid: 'default' }, () => ({ steps: [put('Lease', 'sharer', lease, 'test')] }));
    await placeOn(master, 'sharer', 'todo/web.9@3');
    sink.changed({ ...running('todo/web.9@3'), report: { ...running('').report, address: '10.81.9.7' } });
    await until(() => agent.told.length >= 4, 'the changes');
    expect(agent.told.slice(2).map(({ part }) => part.rows)).toEqual([
      [{ node: 'sharer', region: 'eu', ...lease }],
      [{ instance: 'todo/web.9@3', address: '10.81.9.7', node: 'sharer', isExposed: false, serves: true }],
    ]);
    expect(agent.assigned.at(-1)?.network).toEqual({ subnet: '10.81.0.0/16', lease: '10.81.9.0/24', region: 'eu', restricted: [] });
    await sink.close();
  });

  test('a port of an instance is reached through it, both ways, each end by itself, more than a message holds', async () => {
    await join1('forwarder');
    const { sink } = openAgent('forwarder', master);
    const at = { grid: 'default', name: 'forwarder' };
    await until(() => master.store.view('default').get('Pulse', 'forwarder')?.body.state === 'heard', 'the pulse');
    const signal = AbortSignal.timeout(10_000);
    const stream = master.link.nodes.dial(at, { instance: 'todo/web.1@2', port: 7 }, signal);
    const sent = Buffer.alloc(3_000_000, 'kontena');
    const received: Buffer[] = [];
    const reading = (async () => {
      for await (const bytes of stream.received()) received.push(Buffer.from(bytes));
    })();
    expect(await stream.send(sent)).toBe(true);
    stream.end();
    await reading;
    expect(Buffer.concat(received).equals(sent)).toBe(true);

    const refused = master.link.nodes.dial(at, { instance: 'todo/web.1@2', port: 8 }, signal);
    await expect(collect(refused.received())).rejects.toMatchObject({ code: 'KON_PORT_UNREACHABLE' });
    await sink.close();
    expect(() => master.link.nodes.dial({ grid: 'default', name: 'nobody' }, { instance: 'x', port: 1 }, signal)).toThrow(expect.objectContaining({ code: 'KON_NODE_UNREACHABLE' }));
  });

  test('what is in a volume goes down and comes up, more than a message holds, or comes the reason why not', async () => {
    await join1('keeper');
    const { sink } = openAgent('keeper', master);
    const at = { grid: 'default', name: 'keeper' };
    await until(() => master.store.view('default').get('Pulse', 'keeper')?.body.state === 'heard', 'the pulse');
    const signal = AbortSignal.timeout(10_000);
    const data = { name: 'todo.db.data-1', driver: 'local', driverOpts: {}, volume: 'data', slot: 'todo/db.1' };
    const sent = Buffer.alloc(3_000_000, 'kontena');
    await master.link.nodes.writeVolume(at, data, (async function* () { yield await Promise.resolve(sent); })(), signal);
    expect(Buffer.concat(await collect(master.link.nodes.readVolume(at, data.name, signal))).equals(sent)).toBe(true);
    await expect(collect(master.link.nodes.readVolume(at, 'other', signal))).rejects.toMatchObject({ code: 'KON_NOT_FOUND', message: 'the engine has no volume other' });
    await sink.close();
  });

  test('questions to nodes and their answers come as they were given', async () => {
    const signal = AbortSignal.timeout(5_000);
    for (const query of [{ isProbed: false }, { node: 'n1', isProbed: true }]) expect(await collect(client.network.status('default', query, signal))).toEqual(await collect(master.control.network.status('default', query, signal)));
    for (const query of [{ name: 'web' }, { name: 'web', node: 'n1' }]) expect(await client.network.lookUp('default', query, signal)).toEqual(await master.control.network.lookUp('default', query, signal));
    expect(await client.instances.checks('default', 'todo/web.1', signal)).toEqual(await master.control.instances.checks('default', 'todo/web.1', signal));
    expect(await client.nodes.rotateKeys('default', 'n1', signal)).toEqual({ publicKey: 'key of n1' });
  });

  test('a node is asked, and answers or says why not', async () => {
    await join1('asked');
    const { agent, sink } = openAgent('asked', master);
    const at = { grid: 'default', name: 'asked' };
    await until(() => master.store.view('default').get('Pulse', 'asked')?.body.state === 'heard', 'the pulse');
    const asked: NodeQuestion[] = [];
    const answers: NodeAnswers = {
      network: {
        mtuBytes: 1420, drops: { spoofed: 7 }, problems: [{ what: 'a', reason: 'b', remedy: 'c' }],
        tunnels: [
          { node: 'n2', endpoint: '192.0.2.2:51820', handshakeAgeMs: 0, receivedBytes: 2 ** 40, sentBytes: 1, probe: { sent: 3, answered: 2, latencyMs: 0.25 } },
          { node: 'n3', isLocal: true, receivedBytes: 0, sentBytes: 0, probe: { sent: 3, answered: 0 } },
          { node: 'n4', receivedBytes: 0, sentBytes: 0 },
        ],
      },
      lookup: {
        name: 'web', kind: 'records', because: 'the stack exposes it', addresses: ['10.81.0.2'],
        instances: [{ instance: 'todo/web.1@5', address: '10.81.0.2', node: 'n1', serves: true }, { instance: 'todo/web.2@5', address: '10.81.0.3', node: 'n1', serves: false, whyNot: 'it is unhealthy' }],
      },
      'rotate-keys': { publicKey: 'key' },
      look: { kind: 'link', target: '/data' },
      volumes: [{ name: 'todo.db.data-1', driver: 'local', driverOpts: { type: 'tmpfs' }, volume: 'data', slot: 'todo/db.1' }, { name: 'todo.cache', driver: 'local', driverOpts: {} }],
      'weigh-volume': { digest: 'abc', files: 3, bytes: 2 ** 40 },
      'remove-volumes': { removed: ['a'], left: [{ name: 'b', reason: 'in use' }] },
      checks: { answers: [{ of: 'port', isGood: false, said: 'port 80 does not answer', agoMs: 61_000, tookMs: 3 }, { of: 'health', isGood: true, said: 'GET :80/ answered 200', agoMs: 0, tookMs: 12 }] },
    };
    agent.answers = (question) => {
      asked.push(question);
      return answers[question.kind];
    };
    const signal = AbortSignal.timeout(5_000);
    expect(await master.link.nodes.ask<'lookup'>(at, { kind: 'lookup', name: 'web' }, signal)).toEqual(answers.lookup);
    expect(await master.link.nodes.ask<'network'>(at, { kind: 'network', isProbed: true }, signal)).toEqual(answers.network);
    expect(await master.link.nodes.ask<'rotate-keys'>(at, { kind: 'rotate-keys' }, signal)).toEqual(answers['rotate-keys']);
    expect(await master.link.nodes.ask<'look'>(at, { kind: 'look', instance: 'todo/web.1@2', path: '/a' }, signal)).toEqual(answers.look);
    expect(await master.link.nodes.ask<'volumes'>(at, { kind: 'volumes' }, signal)).toEqual(answers.volumes);
    expect(await master.link.nodes.ask<'weigh-volume'>(at, { kind: 'weigh-volume', name: 'todo.cache' }, signal)).toEqual(answers['weigh-volume']);
    expect(await master.link.nodes.ask<'remove-volumes'>(at, { kind: 'remove-volumes', names: ['a', 'b'] }, signal)).toEqual(answers['remove-volumes']);
    expect(await master.link.nodes.ask<'checks'>(at, { kind: 'checks', instance: 'todo/web.1@5' }, signal)).toEqual(answers.checks);
    expect(asked).toEqual([{ kind: 'lookup', name: 'web' }, { kind: 'network', isProbed: true }, { kind: 'rotate-keys' }, { kind: 'look', instance: 'todo/web.1@2', path: '/a' }, { kind: 'volumes' }, { kind: 'weigh-volume', name: 'todo.cache' }, { kind: 'remove-volumes', names: ['a', 'b'] }, { kind: 'checks', instance: 'todo/web.1@5' }]);
    agent.answers = () => ({ tunnels: [], drops: {}, problems: [] });
    expect(await master.link.nodes.ask<'network'>(at, { kind: 'network', isProbed: false }, signal)).toEqual({ tunnels: [], drops: {}, problems: [] });
    await expect(master.link.nodes.ask(at, { kind: 'weather' } as never, signal)).rejects.toMatchObject({ code: 'KON_AGENT_TOO_OLD' });
    agent.answers = undefined; // the link has outlived the question
    await expect(master.link.nodes.ask<'lookup'>(at, { kind: 'lookup', name: 'web' }, signal)).rejects.toMatchObject({ code: 'KON_INTERNAL', message: 'nobody answers lookup' });
    await sink.close();
  });

  test('a port is forwarded for a client, and refused with the reason', async () => {
    const sent = Buffer.alloc(2_000_000, 'kontena');
    const stream = client.instances.forward('default', { name: 'todo/web', port: 7 }, AbortSignal.timeout(10_000));
    const reading = collect(stream.received());
    expect(await stream.send(sent)).toBe(true);
    stream.end();
    expect(Buffer.concat(await reading).equals(sent)).toBe(true);

    const refused = client.instances.forward('default', { name: 'todo/web', port: 8 }, AbortSignal.timeout(10_000));
    await expect(collect(refused.received())).rejects.toMatchObject({ code: 'KON_CONFLICT', message: 'none of the instances of todo/web does run at the moment' });
  });

  test('a program is spoken with by a client; what keeps it from being begun is said', async () => {
    const call: ProgramCall = { command: ['cat'], hasInput: true, terminal: { columns: 80, rows: 24 }, user: 'root' };
    const program = client.instances.exec('default', { name: 'todo/web', call }, AbortSignal.timeout(10_000));
    const heard = collect(program.received());
    const sent = randomBytes(2_000_000);
    for (const input of [{ kind: 'resize', columns: 7, rows: 8 }, { kind: 'signal', signal: 'USR1' }, { kind: 'input', bytes: sent }, { kind: 'inputEnd' }] as const) await program.send(input);
    const said = await heard;
    expect(master.control.called).toEqual(call);
    expect(textOf(said, 'stderr').toString()).toBe('7x8\nUSR1\n');
    expect(textOf(said, 'stdout').equals(sent)).toBe(true);
    expect(said.at(-1)).toEqual({ kind: 'exit', code: 0 });

    const refused = (over: { readonly name?: string; readonly command?: readonly string[] }) => collect(client.instances.exec('default', { name: over.name ?? 'todo/web', call: { command: over.command ?? ['cat'], hasInput: false } }, AbortSignal.timeout(5_000)).received());
    expect(await refused({ command: ['nope'] })).toEqual([{ kind: 'output', stream: 'stderr', bytes: expect.anything() }, { kind: 'exit', code: 127 }]);
    await expect(refused({ name: 'todo/none' })).rejects.toMatchObject({ code: 'KON_CONFLICT' });
    await expect(refused({ command: [] })).rejects.toMatchObject({ code: 'KON_INVALID' });

    const leaving = new AbortController();
    const left = client.instances.attach('default', 'todo/web', leaving.signal);
    const listening = collect(left.received()).catch(() => undefined);
    await left.send({ kind: 'signal', signal: 'HUP' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    leaving.abort();
    await until(() => master.control.left === 1, 'the program to be left');
    await listening;
  });

  test('files go in and out for a client, and paths are looked at', async () => {
    const at = { name: 'todo/web.1', path: '/data' };
    const tar = randomBytes(3_000_000);
    expect(await client.instances.look('default', at, AbortSignal.timeout(5_000))).toEqual({ kind: 'missing' });
    const target = client.instances.unpack('default', at, AbortSignal.timeout(10_000));
    await target.send(tar);
    target.end();
    expect(await collect(target.received())).toEqual([]);
    expect(await client.instances.look('default', at, AbortSignal.timeout(5_000))).toEqual({ kind: 'directory' });
    expect(await client.instances.look('default', { ...at, path: '/link' }, AbortSignal.timeout(5_000))).toEqual({ kind: 'link', target: '/target' });
    expect(Buffer.concat(await collect(client.instances.pack('default', at, AbortSignal.timeout(10_000)))).equals(tar)).toBe(true);
    const refused = client.instances.unpack('default', { ...at, path: '/read-only' }, AbortSignal.timeout(5_000));
    await refused.send(new Uint8Array(512));
    await expect(collect(refused.received())).rejects.toMatchObject({ code: 'KON_ENGINE_REFUSED' });
  });

  test('a program is spoken with through it: bytes as they are, its size, signals, its end', async () => {
    await join1('speaker');
    const { agent, sink } = openAgent('speaker', master);
    const at = { grid: 'default', name: 'speaker' };
    await until(() => master.store.view('default').get('Pulse', 'speaker')?.body.state === 'heard', 'the pulse');
    const call: ProgramCall = { command: ['cat', 'ü'], hasInput: true, terminal: { columns: 80, rows: 24 }, user: 'root' };
    const program = master.link.nodes.program(at, { instance: 'todo/web.1@2', call }, AbortSignal.timeout(10_000));
    const heard = collect(program.received());
    const sent = randomBytes(3_000_000);
    await program.send({ kind: 'resize', columns: 100, rows: 50 });
    await program.send({ kind: 'signal', signal: 'HUP' });
    await program.send({ kind: 'input', bytes: sent });
    await program.send({ kind: 'inputEnd' });
    const said = await heard;
    expect(agent.inside.begun).toEqual([{ instance: 'todo/web.1@2', call }]);
    expect(textOf(said, 'stderr').toString()).toBe('100x50\nHUP\n');
    expect(textOf(said, 'stdout').equals(sent)).toBe(true);
    expect(said.at(-1)).toEqual({ kind: 'exit', code: 0 });

    await expect(collect(master.link.nodes.program(at, { instance: 'todo/gone.1@2', call }, AbortSignal.timeout(5_000)).received())).rejects.toMatchObject({ code: 'KON_CONTAINER_MISSING' });
    const leaving = new AbortController();
    const left = master.link.nodes.program(at, { instance: 'todo/web.1@2' }, leaving.signal);
    await left.send({ kind: 'resize', columns: 1, rows: 1 });
    await until(() => agent.inside.begun.length === 3, 'the program to begin');
    leaving.abort();
    await until(() => agent.inside.left === 1, 'the program to be ended');
    const orphan = collect(master.link.nodes.program(at, { instance: 'todo/web.1@2', call }, AbortSignal.timeout(10_000)).received());
    await until(() => agent.inside.begun.length === 4, 'the program to begin');
    await sink.close();
    await expect(orphan).rejects.toMatchObject({ code: 'KON_NODE_UNREACHABLE', message: 'the connection to the agent of node speaker ended' });
  });

  test('a tar is unpacked into an instance and packed from it, or it is said why not', async () => {
    await join1('packer');
    const { sink } = openAgent('packer', master);
    const at = { grid: 'default', name: 'packer' };
    await until(() => master.store.view('default').get('Pulse', 'packer')?.body.state === 'heard', 'the pulse');
    const files = (path: string, way: 'pack' | 'unpack') => master.link.nodes.files(at, { instance: 'todo/web.1@2', path, way }, AbortSignal.timeout(10_000));
    const tar = randomBytes(1_000_000);
    const target = files('/data', 'unpack');
    await target.send(tar);
    target.end();
    expect(await collect(target.received())).toEqual([]);
    expect(Buffer.concat(await collect(files('/data', 'pack').received())).equals(tar)).toBe(true);
    await expect(collect(files('/none', 'pack').received())).rejects.toMatchObject({ code: 'KON_ENGINE_REFUSED' });
    await expect(collect(files('/read-only', 'unpack').received())).rejects.toMatchObject({ message: 'cannot write into /read-only of todo/web.1@2: it is read-only' });
    await sink.close();
  });

  test('whom the api does not admit stays outside', async () => {
    await join1('barred');
    const { log } = openAgent('barred', master);
    expect(await until(() => log.lines.find((line) => line.startsWith('error')), 'the refusal')).toMatch(/refuses this node.*barred is barred/);
    expect(master.store.view('default').get('Pulse', 'barred')).toBeUndefined();
  });

  test('a removed node is told so, and not let in again', async () => {
    await join1('leaver');
    const { log } = openAgent('leaver', master);
    await until(() => master.store.view('default').get('Pulse', 'leaver')?.body.state === 'heard', 'the pulse');
    await master.store.update({ writer: 'api', grid: 'default' }, () => ({ steps: [drop('Node', 'leaver', 'removed')] }));
    const line = await until(() => log.lines.find((one) => one.startsWith('error')), 'the refusal');
    expect(line).toMatch(/refuses this node.*leaver is not, or no longer, part of grid default.*"againInMs":30000/);
  });

  test('it comes back when the master does, on the same port', async () => {
    const file = join(directory, 'restart.sqlite');
    const first = await startMaster(join(directory, 'restart'), { file });
    await join1('stayer', { at: first });
    const { agent } = openAgent('stayer', first);
    await until(() => agent.assigned.length > 0, 'the first connection');
    for (const close of first.closing) await close();
    const second = await startMaster(join(directory, 'restart'), { file, port: Number(first.address.split(':')[1]) });
    closing.push(...second.closing);
    expect(second.link.caFingerprint).toBe(first.link.caFingerprint);
    agent.there = [running('todo/web.1@2')];
    await until(() => second.store.view('default').get('Pulse', 'stayer')?.body.state === 'heard', 'the second connection');
  });
});

describe('certificates', () => {
  test('the server\'s and the agent\'s are renewed while agents and clients stay connected', async () => {
    const at = await startMaster(join(directory, 'short'), { lifetimes: { ...DEFAULT_LIFETIMES, serverMs: 2_000, agentMs: 2_000 } });
    closing.push(...at.closing);
    await join1('renewer', { at });
    const { agent, log } = openAgent('renewer', at);
    const steady = connect(at.admin, { timeoutMs: 2000 });
    closing.push(() => steady.close());
    await steady.master.info();
    await until(() => agent.assigned.length > 0, 'the connection');

    await until(() => log.lines.filter((line) => line.includes('this agent was renewed')).length >= 3, 'three renewals');
    expect(at.log.lines.filter((line) => line.includes('certificates were renewed')).length).toBeGreaterThan(1);
    expect(await steady.master.info()).toMatchObject({ revision: 7 });
    const fresh = connect(at.admin, { timeoutMs: 2000 });
    closing.push(() => fresh.close());
    expect(await fresh.master.info()).toMatchObject({ revision: 7 });
    const again = openAgent('renewer', at);
    await until(() => again.agent.assigned.length > 0, 'an agent with the renewed certificate');
    expect(at.log.lines.filter((line) => line.includes('no longer connected'))).toEqual([]);
    expect(log.lines.filter((line) => line.startsWith('warn') && !line.includes('took over'))).toEqual([]);
  });

  test('an agent whose certificate has ended is told to join again', async () => {
    const at = await startMaster(join(directory, 'ended'), { lifetimes: { ...DEFAULT_LIFETIMES, agentMs: 1_000 } });
    closing.push(...at.closing);
    await join1('sleeper', { at });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const { log } = openAgent('sleeper', at);
    expect(await until(() => log.lines.find((line) => line.startsWith('error')), 'the refusal')).toMatch(/refuses this node.*"againInMs":30000/);
  });
});

describe('any gRPC client', () => {
  test('the example client, which knows only the .proto files, lists, applies and is refused', async () => {
    const credential = join(directory, 'admin.json');
    const stack = join(directory, 'stack.json');
    await writeFile(credential, JSON.stringify(master.admin));
    await writeFile(stack, JSON.stringify({ name: 'todo', list: [1, { deep: true }, null] }));
    const run = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
      promisify(execFile)(process.execPath, ['examples/client-node/client.mjs', credential, ...args]).catch((error: unknown) => error as { stdout: string; stderr: string });

    expect(JSON.parse((await run('list', 'stack')).stdout)).toEqual(RESOURCE);
    const lines = (await run('apply', stack)).stdout.trim().split('\n').map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([{ name: 'todo', revision: 41 }, { instance: { phase: 'pulling' } }, { failed: { reason: 'it ends' } }, { overtaken: { by: 'ada' } }]);
    expect(master.control.applied?.stack).toEqual({ name: 'todo', list: [1, { deep: true }, null] });
    expect((await run('list', 'nonsense')).stderr).toMatch(/error: there is no kind "nonsense"; the kinds are grid, node, /);
  });

  test('buf curl, which knows nothing, asks by reflection', async () => {
    for (const part of ['ca', 'certificate', 'key'] as const) await writeFile(join(directory, `${part}.pem`), master.admin[part]);
    const pem = (part: string): string => join(directory, `${part}.pem`);
    const { stdout } = await promisify(execFile)('node_modules/.bin/buf', [
      'curl', '--protocol', 'grpc', '--cacert', pem('ca'), '--cert', pem('certificate'), '--key', pem('key'), '-d', '{"kind": "stack"}', `https://${master.address}/kontena.v1.Control/List`,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'Stack', name: 'todo', spec: RESOURCE.spec, status: RESOURCE.status });
  });

  test('finds all services by reflection, under both of its names', async () => {
    const any = new Client(master.address, credentials.createSsl(Buffer.from(master.admin.ca), Buffer.from(master.admin.key), Buffer.from(master.admin.certificate)), { 'grpc.ssl_target_name_override': 'localhost' });
    closing.push(() => any.close());
    const { requestSerialize, responseDeserialize } = ServerReflectionService.serverReflectionInfo;
    for (const version of ['v1', 'v1alpha']) {
      const call = any.makeBidiStreamRequest(`/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`, requestSerialize, responseDeserialize);
      call.write({ host: '', messageRequest: { $case: 'listServices', value: '' } });
      call.write({ host: '', messageRequest: { $case: 'fileContainingSymbol', value: 'kontena.v1.Control.Apply' } });
      call.write({ host: '', messageRequest: { $case: 'fileContainingSymbol', value: 'nobody.Knows' } });
      call.end();
      const answers = (await collect(call as AsyncIterable<ServerReflectionResponse>)).map(({ messageResponse }) => messageResponse);
      expect(answers[0]).toEqual({
        $case: 'listServicesResponse',
        value: { service: ['grpc.health.v1.Health', 'grpc.reflection.v1.ServerReflection', 'kontena.v1.Control', 'kontena.v1.NodeLink', 'kontena.v1.SignIn'].map((name) => ({ name })) },
      });
      expect(answers[1]).toMatchObject({ $case: 'fileDescriptorResponse', value: { fileDescriptorProto: [expect.any(Buffer), expect.any(Buffer), expect.any(Buffer), expect.any(Buffer)] } });
      expect(answers[2]).toMatchObject({ $case: 'errorResponse', value: { errorCode: status.NOT_FOUND } });
    }
  });

  test('hears that the master is well', async () => {
    const any = new Client(master.address, credentials.createSsl(Buffer.from(master.admin.ca), Buffer.from(master.admin.key), Buffer.from(master.admin.certificate)), { 'grpc.ssl_target_name_override': 'localhost' });
    closing.push(() => any.close());
    const { path, requestSerialize, responseDeserialize } = HealthService.check;
    const ask = (service: string): Promise<unknown> => new Promise((resolve) => any.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service }, (error, answer) => resolve(error?.code ?? answer)));
    expect(await ask('kontena.v1.Control')).toEqual({ status: 1 });
    expect(await ask('nobody')).toBe(status.NOT_FOUND);
  });
});
