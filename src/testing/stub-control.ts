import { PassThrough } from 'node:stream';
import { type Instant, KontenaError, type ProgramCall, type Usage, type UsagePoint } from '../model/index.js';
import type { Applied, ApplyRequest, ByteStream, CertificateBundle, Control, Resource, ResourceCalls, SignIn, StackCalls, Verb, VerbCalls } from '../ports/index.js';
import { Cat, FakeInside } from './fake-inside.js';

export const TOKEN = 'id.secret';

export const RESOURCE: Resource = {
  kind: 'Stack', grid: 'default', name: 'todo', revision: 41, createdAt: 'c', updatedAt: 'u', updatedBy: 'admin',
  spec: { services: { web: { image: 'redis', ports: [1, 2], nothing: null } } }, status: { phase: 'running', ratio: 0.5 },
};

export const INVALID = new KontenaError('KON_STACK_INVALID', 'stack.yml has mistakes', {
  mistakes: [{ severity: 'error', file: 'stack.yml', line: 3, column: 5, length: 4, path: 'services.web', message: 'no image', hint: 'image: redis:7' }, { severity: 'warning', path: 'x', message: 'y' }],
});

/** What something uses, whole, and what an instance on its node's own network does. */
const USAGE: Usage = {
  cpuSeconds: 12.5, memoryBytes: 100, memoryLimitBytes: 400, network: { in: 1, out: 2 }, disk: { in: 3, out: 4 }, rates: { cpus: 0.25, network: { in: 5, out: 6 }, disk: { in: 7, out: 8 } },
};
const POINT: UsagePoint = { at: 1_700_000_000_000 as Instant, cpus: 0.5, memoryBytes: 9, network: { in: 1, out: 2 }, disk: { in: 3, out: 4 } };

/** Sends back what it gets, and ends when it is ended. */
export function echo(): ByteStream {
  const pipe = new PassThrough();
  return {
    received: () => pipe as AsyncIterable<Uint8Array>,
    send: (bytes) => new Promise((resolve) => pipe.write(bytes, () => resolve(true))),
    end: () => void pipe.end(),
    close: () => void pipe.destroy(),
  };
}

/** A Control that answers from constants, so that what arrives can be compared. */
export class StubControl implements Control {
  applied: ApplyRequest | undefined;
  imported: CertificateBundle | undefined;
  watches = 0;
  /** What was last begun, and how many programs were left. */
  called: ProgramCall | undefined;
  left = 0;
  readonly #inside = new FakeInside();

  readonly resources = resourceCalls(this);
  readonly stacks = stackCalls(this);

  readonly master: Control['master'] = {
    info: async () => ({ version: 'v', cluster: 'c', epoch: 1, revision: 7, startedAt: 's' }),
    async *backup() {
      yield new Uint8Array(6 * 1024 * 1024).fill(7);
    },
    async *logs() {
      yield [{ instance: 'master', stream: 'stdout', at: 't', line: 'ready' }];
    },
    rotateAuthority: async () => ({ fingerprint: 'f', behind: ['node n1'] }),
  };

  readonly services: Control['services'] = {
    scale: async () => {
      throw new Error('a bug');
    },
    update: async (_grid, service, change) => ({ name: service, revision: 5, differences: [{ kind: 'Service', name: service, action: 'update', fields: [{ path: 'asked', from: undefined, to: JSON.stringify(change) }], replaces: true }], warnings: [] }),
    ...verbCalls,
  };

  readonly instances: Control['instances'] = {
    async *statistics(_grid, { name = 'todo/web.1@2', since }) {
      yield { name, node: 'n1', usage: USAGE, at: 't', ageMs: 5, ...(since === undefined ? {} : { history: { everyMs: 10_000, points: [POINT] } }) };
      yield { name: 'todo/web.2@3', node: 'n2', silence: 'node n2 is silent' };
    },
    async *logs() {
      yield [{ instance: 'todo/web.1@2', stream: 'stderr', at: 't', line: 'ü', run: 3 }];
    },
    forward: (_grid, { name, port }) => {
      if (port !== 7) throw new KontenaError('KON_CONFLICT', `none of the instances of ${name} does run at the moment`);
      return echo();
    },
    exec: (_grid, { name, call }, signal) => {
      if (name === 'todo/none') throw new KontenaError('KON_CONFLICT', `no instance of ${name} runs at the moment`);
      this.called = call;
      return new Cat(call, signal, () => (this.left += 1));
    },
    attach: (_grid, _name, signal) => new Cat(undefined, signal, () => (this.left += 1)),
    look: (_grid, { name, path }) => this.#inside.look(name, path),
    pack: (_grid, { name, path }) => this.#inside.pack(name, path),
    unpack: (_grid, { name, path }) => {
      const tar = echo();
      const unpacked = this.#inside.unpack(name, path, tar.received());
      return {
        ...tar,
        async *received() {
          await unpacked;
          yield* [];
        },
      };
    },
    checks: async () => ({ answers: [{ of: 'health', isGood: false, said: 'GET :80/ answered 500', agoMs: 61_000, tookMs: 3 }, { of: 'port', isGood: true, said: 'port 80 takes connections', agoMs: 0, tookMs: 0 }] }),
  };

  readonly events: Control['events'] = {
    async *read(grid, { after = 0, of }) {
      yield { number: after + 1, at: 't', grid, type: 'stack.declared', name: of?.name ?? 'todo', by: 'ada', why: 'applied', revision: 41 };
      yield { number: after + 2, at: 't', grid, type: 'instance.failed', name: 'todo/web.1@2', by: 'agent of n1', why: 'ended with exit code 3' };
    },
  };

  readonly grids: Control['grids'] = {
    create: async ({ name, subnet, nodePrefix }) => ({ name, subnet: subnet ?? 'free', nodePrefix: nodePrefix ?? 24, revision: 5 }),
    update: async (_grid, { statsd, defaultAffinity = ['?'] }) => ({ revision: (statsd === '' ? 6 : 7) + 10 * defaultAffinity.length }),
  };

  readonly nodes: Control['nodes'] = {
    update: async () => ({ revision: 3 }),
    async *logs(_grid, node) {
      yield [{ instance: `node/${node}`, stream: 'stdout', at: 't', line: 'connected' }];
    },
    async *statistics() {
      yield { name: 'n1', usage: { ...USAGE, cpus: 2, load: [0.5, 0.25, 0], diskBytes: 7, diskUsedBytes: 6 }, at: 't', ageMs: 5 };
    },
    rotateKeys: async (_grid, node) => ({ publicKey: `key of ${node}` }),
  };

  readonly network: Control['network'] = {
    async *status(_grid, { node = 'all', isProbed }) {
      yield { type: 'node', node, network: { mtuBytes: isProbed ? 1 : 2, tunnels: [{ node: 'n2', receivedBytes: 3, sentBytes: 4 }], drops: { spoofed: 5 }, problems: [] } };
      yield { type: 'unreachable', node: 'n3', reason: 'away' };
      yield { type: 'served', count: 7, medianMs: 10 };
    },
    lookUp: async (_grid, { name, node }) =>
      ({ askedNode: node ?? 'any', name, kind: 'records', because: '2 of them', addresses: ['10.81.0.2'], instances: [{ instance: 'todo/web.1@2', address: '10.81.0.2', node: 'n1', serves: true }, { instance: 'todo/web.2@2', address: '10.81.0.3', node: 'n1', serves: false, whyNot: 'it is starting' }] }),
  };

  readonly vault: Control['vault'] = {
    writeSecret: async (_grid, { name, value, only }) => {
      if (only === 'new') throw new KontenaError('KON_CONFLICT', `secret ${name} is there`);
      return { name, version: value.length, revision: 8, isChanged: true, usedBy: ['todo/web'] };
    },
    readSecret: async (_grid, name) => `the value of ${name}`,
    writeCertificate: async (_grid, bundle, subject) => {
      this.imported = bundle;
      return { name: subject ?? 'example.com', version: 1, revision: 9, isChanged: true, usedBy: [] };
    },
    readCertificate: async () => this.imported ?? { certificate: '', chain: '', privateKey: '' },
    requestCertificate: async (_grid, request) => ({ name: JSON.stringify(request), revision: 7, isChanged: true }),
    rotateKey: async () => ({ sealed: 3 }),
  };

  readonly volumes: Control['volumes'] = {
    declare: async (_grid, { name, isNew }) => ({ name, revision: 11, isNew }),
    remove: async (_grid, name, { withData }) => ({ revision: 12, removed: withData ? [{ node: 'n1', name }] : [], left: [{ node: 'n2', name, reason: 'in use' }, { node: 'n3', reason: 'away' }] }),
    async *read(_grid, { name, node = '', isLive }) {
      yield Buffer.from(`${name} ${node} ${String(isLive)}`);
    },
    write: () => echo(),
    move: async (_grid, { name, to }) => ({ slot: name, from: 'n1', to, revision: 13 }),
    callOff: async (_grid, { name, node = '' }) => ({ slot: name, from: 'n1', to: node, revision: 14 }),
    async *follow(_grid, slot) {
      yield { slot, from: 'n1', to: 'n2', phase: 'copied', bytes: 7 };
      yield { slot, from: 'n1', to: 'n2', phase: 'done', reason: 'r' };
    },
  };

  readonly registries: Control['registries'] = { write: async (_grid, { host, user, password }) => ({ name: host, version: password.length, revision: 15, isChanged: true, usedBy: [user] }) };

  readonly tokens: Control['tokens'] = {
    create: async () => ({ id: 'id', token: TOKEN, expiresAt: 1_900_000_000_000 as Instant }),
    createRobot: async () => ({ id: 'ci', token: TOKEN, expiresAt: 1_900_000_000_000 as Instant }),
  };

  readonly providers: Control['providers'] = { set: async () => ({ revision: 48 }), test: async () => undefined };

  readonly users: Control['users'] = {
    add: async () => ({ revision: 44 }), setPassword: async () => ({ revision: 45 }), changeOwnPassword: async () => ({ revision: 46 }), disable: async () => ({ revision: 47 }),
  };

  readonly sessions: Control['sessions'] = {
    who: async () => ({ name: 'ada', as: 'user', provider: 'password', endsAt: 1_900_000_000_000 as Instant, groups: ['devs'], roles: [{ role: 'viewer', grid: 'shop' }, { role: 'user-admin' }], isUnbounded: false }),
    end: async () => undefined,
  };

  readonly members: Control['members'] = { add: async () => ({ revision: 42 }), remove: async () => ({ revision: 43 }) };

  readonly roles: Control['roles'] = { create: async () => ({ revision: 42 }) };

  readonly credentials: Control['credentials'] = {
    create: async ({ name }) => ({ name, ca: 'ca', certificate: 'c', key: 'k', endsAt: 1_900_000_000_000 as Instant }),
    renew: () => this.credentials.create({ name: 'ada', lifetimeSeconds: 60, role: 'viewer', grid: 'default' }),
  };

  readonly audit: Control['audit'] = {
    async *read({ who = 'anyone' }) {
      yield { number: 1, at: 1_767_225_600_000, who, credential: 'aa', from: '192.0.2.7', action: 'secret.read', grid: 'default', name: 'pw', outcome: 'done' };
      yield { number: 2, at: 1_767_225_600_000, who: 'strangers', action: 'master.call', outcome: 'refused', reason: 'r', count: 3 };
    },
    async *export() {
      yield new Uint8Array([1, 2]);
      yield new Uint8Array([3]);
    },
  };

  readonly sources: Control['sources'] = { report: async () => undefined };
}

const operated = (verb: Verb) => async (_grid: string, name: string): Promise<Applied> =>
  ({ name, revision: 6, differences: [{ kind: 'Service', name, action: 'update', fields: [{ path: 'asked', from: undefined, to: verb }], replaces: false }], warnings: [] });
const verbCalls: VerbCalls = { start: operated('start'), stop: operated('stop'), restart: operated('restart'), redeploy: operated('redeploy') };

const resourceCalls = (stub: StubControl): ResourceCalls => ({
  async *list({ kind }) {
    for (let count = 0; count < (kind === 'instance' ? 2000 : 1); count += 1) yield RESOURCE;
  },
  async *watch(_query, signal) {
    stub.watches += 1;
    yield { resource: RESOURCE, isGone: false };
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    stub.watches -= 1;
  },
  async *history() {
    yield { revision: 2, at: 't', actor: 'admin', action: 'update', reason: 'r', spec: { a: 1 } };
    yield { revision: 1, at: 't', actor: 'admin', action: 'delete', reason: 'r', spec: undefined };
  },
  remove: async () => {
    throw new KontenaError('KON_NOT_FOUND', 'there is no stack "x"');
  },
});

const stackCalls = (stub: StubControl): StackCalls => ({
  apply: async (request) => {
    if (request.dryRun) throw INVALID;
    stub.applied = request;
    const fields = [{ path: 'image', from: undefined, to: 'redis' }, { path: 'env', from: ['A=1'], to: null }];
    return { name: 'todo', revision: 41, differences: [{ kind: 'Service', name: 'todo/web', action: 'update', fields, replaces: true }], warnings: INVALID.mistakes };
  },
  ...verbCalls,
  async *follow() {
    yield { type: 'instance', service: 'todo/web', instance: 'todo/web.1@2', node: 'n1', phase: 'pulling' };
    yield { type: 'failed', service: 'todo/web', reason: 'it ends', output: ['a', 'b'], isReverted: true };
    yield { type: 'overtaken', stack: 'todo', revision: 58, by: 'ada' };
  },
});

const nobody = (): Promise<never> => Promise.reject(new KontenaError('KON_SIGN_IN_REFUSED', 'nobody signs in here'));

/** A door that stays shut. */
export const noSignIn: SignIn = { ways: () => [], withPassword: nobody, begin: nobody, complete: nobody };
