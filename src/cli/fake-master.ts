import { type AuditEntry, type CheckAnswer, type GridEvent, KontenaError, type LogLine, type PathInfo, type ProgramCall, type ProgramInput, type ProgramOutput } from '../model/index.js';
import type {
  Applied, ApplyRequest, AuditCalls, CertificateBundle, CredentialCalls, EventQuery, HistoryItem, InstanceCalls, InstanceStatistics, LookUpAnswer, MasterCalls, MoveState, NetworkCalls, NetworkItem, Progress, RemovedVolume, Resource, ResourceCalls, RunningProgram, StackCalls, StatisticsOfNode, StatisticsQuery, VaultCalls, Verb, VerbCalls,
} from '../ports/index.js';
import { fakePeople } from './fake-people.js';
import { intoTar, tarOf } from './fake-tars.js';
import type { Connection } from './host.js';

/** What comes over a wire does not come at once. */
const turn = (): Promise<void> => Promise.resolve();

/** A master that answers from what a test gives it, and remembers what it was asked. */
export class FakeMaster implements Connection {
  readonly asked: string[] = [];
  readonly applied: ApplyRequest[] = [];
  /** What it has, by kind and name. */
  known: Resource[] = [];
  progress: readonly Progress[] = [{ type: 'done' }];
  answer: Omit<Applied, 'name'> = { revision: 41, differences: [], warnings: [] };
  changesOf: readonly HistoryItem[] = [];
  lines: readonly LogLine[] = [];
  happened: readonly GridEvent[] = [];
  changes: readonly { readonly resource: Resource; readonly isGone: boolean }[] = [];
  readonly secrets = new Map<string, string>();
  /** What instances answered to their checks; undefined: their node is away. */
  checks: readonly CheckAnswer[] | undefined = [];
  /** What instances and nodes use. */
  statistics: readonly InstanceStatistics[] = [];
  nodeStatistics: readonly StatisticsOfNode[] = [];
  /** Services that open whatever is written. */
  usedBy: readonly string[] = [];
  readonly certificates = new Map<string, CertificateBundle>();
  /** What becomes of the data of a removed volume. */
  removedData: Partial<RemovedVolume> = {};
  /** How far the move of a volume is, again and again. */
  moving: readonly MoveState[] = [];
  /** What the nodes say of their networks. */
  networks: readonly NetworkItem[] = [];
  lookup: LookUpAnswer = { askedNode: 'n1', name: 'nobody', kind: 'unknown', because: 'nobody knows it', addresses: [], instances: [] };
  /** Its audit log, as entries and as an export. */
  noted: readonly AuditEntry[] = [];
  exported: readonly string[] = [];
  refuses: (request: ApplyRequest) => KontenaError | undefined = () => undefined;
  /** What a program says; one that does not end waits for the end of its input. */
  says: (call: ProgramCall | undefined, name: string) => readonly ProgramOutput[] = () => [{ kind: 'exit', code: 0 }];
  readonly said: ProgramInput[] = [];
  /** What lies at the paths of instances, and the tars that were unpacked there. */
  paths: Readonly<Record<string, PathInfo>> = {};
  readonly tars = new Map<string, Buffer>();
  isClosed = false;
  /** Answers that never come end with the signal. */
  hangs = false;

  readonly master = masterCalls(this);
  readonly resources = resourceCalls(this);
  readonly stacks = stackCalls(this);
  readonly instances = instanceCalls(this);
  readonly network = networkCalls(this);
  readonly vault = vaultCalls(this);
  readonly credentials = credentialCalls(this);

  readonly services: Connection['services'] = {
    scale: (grid, service, instances) => {
      this.asked.push(`scale ${grid} ${service} ${String(instances)}`);
      return Promise.resolve({ ...this.answer, name: service.split('/')[0] ?? '' });
    },
    update: (grid, service, change) => {
      this.asked.push(`update ${grid} ${service} ${JSON.stringify(change)}`);
      return Promise.resolve({ ...this.answer, name: service.split('/')[0] ?? '' });
    },
    ...verbCalls(this, 'service'),
  };

  readonly events: Connection['events'] = {
    read: async function* (this: FakeMaster, grid: string, query: EventQuery) {
      await turn();
      this.asked.push(`events ${grid} ${JSON.stringify(query)}`);
      yield* this.happened;
    }.bind(this),
  };

  readonly grids: Connection['grids'] = {
    update: (grid, change) => {
      this.asked.push(`updateGrid ${grid} ${JSON.stringify(change)}`);
      return Promise.resolve({ revision: 42 });
    },
    create: ({ name, subnet = '10.82.0.0/16', nodePrefix = 24, ...change }) => {
      this.asked.push(['createGrid', name, subnet, nodePrefix, ...Object.entries(change).map(([what, to]) => `${what}=${String(to)}`)].join(' '));
      return Promise.resolve({ name, subnet, nodePrefix, revision: 42 });
    },
  };

  readonly nodes: Connection['nodes'] = {
    update: (grid, node, change) => {
      this.asked.push(`setNode ${grid} ${node} ${JSON.stringify(change)}`);
      return Promise.resolve({ revision: 42 });
    },
    logs: (grid, node, search) => this.linesFor(`logs ${grid} node ${node} ${JSON.stringify(search)}`),
    statistics: async function* (this: FakeMaster, grid: string, query: StatisticsQuery) {
      await turn();
      this.asked.push(`node statistics ${grid} ${JSON.stringify(query)}`);
      yield* this.nodeStatistics;
    }.bind(this),
    rotateKeys: (grid, node) => {
      this.asked.push(`rotate keys ${grid} ${node}`);
      return Promise.resolve({ publicKey: 'a key' });
    },
  };

  readonly providers = fakePeople(this.asked).providers;
  readonly users = fakePeople(this.asked).users;
  readonly sessions = fakePeople(this.asked).sessions;

  readonly tokens: Connection['tokens'] = {
    createRobot: (grid, { name = '', role, lifetimeSeconds }) => {
      this.asked.push(['createRobot', grid, name, role, lifetimeSeconds].join(' '));
      return Promise.resolve({ id: 'ci', token: 'ci.secret.fingerprint', expiresAt: 1_800_000_000_000 as never });
    },
    create: (grid, { ttlSeconds, labels, uses, node }) => {
      this.asked.push(['createToken', grid, ttlSeconds, labels.join(','), node ?? uses].join(' '));
      return Promise.resolve({ id: 't1', token: 't1.secret.fingerprint', expiresAt: 1_800_000_000_000 as never });
    },
  };

  readonly volumes: Connection['volumes'] = {
    declare: (grid, { name, scope, driver, driverOpts, isNew }) => {
      this.asked.push(`declareVolume ${grid} ${name} ${scope} ${driver} ${JSON.stringify(driverOpts)}${isNew ? ' new' : ''}`);
      return Promise.resolve({ name, revision: 42, isNew: true });
    },
    remove: (grid, name, { withData }) => {
      this.asked.push(`removeVolume ${grid} ${name}${withData ? ' with data' : ''}`);
      return Promise.resolve({ revision: 42, removed: [], left: [], ...(withData ? this.removedData : {}) });
    },
    read: (grid, { name, node = '', isLive }, signal) => {
      this.asked.push(`readVolume ${grid} ${name} ${node}${isLive ? ' live' : ''}`.trim());
      return tarOf(this, name, signal);
    },
    move: (grid, { name, to }) => {
      this.asked.push(`moveVolume ${grid} ${name} ${to}`);
      return Promise.resolve({ slot: 'todo/db.1', from: 'n1', to, revision: 42 });
    },
    callOff: (grid, { name }) => {
      this.asked.push(`callOffMove ${grid} ${name}`);
      return Promise.resolve({ slot: 'todo/db.1', from: 'n1', to: 'n2', revision: 42 });
    },
    follow: async function* (this: FakeMaster) {
      await turn();
      yield* this.moving;
    }.bind(this),
    write: (_grid, { name, node }) => intoTar(this, node === undefined ? name : `${name} of ${node}`),
  };

  readonly registries: Connection['registries'] = {
    write: (grid, { host, user, password }) => {
      this.asked.push(`writeRegistry ${grid} ${host} ${user} ${password}`);
      return Promise.resolve({ name: host.replace(/^https:\/\//, ''), version: 1, revision: 42, isChanged: true, usedBy: [] });
    },
  };

  readonly members: Connection['members'] = {
    add: (grid, { name, role }) => {
      this.asked.push(`addMember ${grid} ${name} ${role}`);
      return Promise.resolve({ revision: 42 });
    },
    remove: (grid, { name, role = 'all' }) => {
      this.asked.push(`removeMember ${grid} ${name} ${role}`);
      return Promise.resolve({ revision: 42 });
    },
  };

  readonly roles: Connection['roles'] = {
    create: ({ name, allow, stacks = [] }) => {
      this.asked.push(`createRole ${name} ${allow.join(',')} ${stacks.join(',')}`);
      return Promise.resolve({ revision: 42 });
    },
  };

  readonly audit: Connection['audit'] = auditCalls(this);

  readonly sources: Connection['sources'] = { report: () => Promise.resolve() };

  async *linesFor(asked: string): AsyncGenerator<readonly LogLine[]> {
    await turn();
    this.asked.push(asked);
    yield this.lines;
  }

  close(): void {
    this.isClosed = true;
  }
}

const masterCalls = (fake: FakeMaster): MasterCalls => ({
  logs: (grid, search) => fake.linesFor(`logs ${grid} platform ${JSON.stringify(search)}`),
  info: () => Promise.resolve({ version: '0.1.0', cluster: 'c1', epoch: 1, revision: 41, startedAt: '2026-01-01T00:00:00.000Z' }),
  async *backup() {
    await turn();
    yield Buffer.from('back');
    yield Buffer.from('up');
  },
  rotateAuthority: ({ isEnd, isForced }) => {
    fake.asked.push(`rotateAuthority ${String(isEnd)} ${String(isForced)}`);
    return Promise.resolve({ fingerprint: 'f'.repeat(64), behind: ['node n1'] });
  },
});

const resourceCalls = (fake: FakeMaster): ResourceCalls => ({
  async *list({ grid, kind, name, of }) {
    await turn();
    fake.asked.push(['list', grid, kind, name, of].filter((word) => word !== undefined).join(' '));
    const all = fake.known.filter((resource) => resource.kind.toLowerCase() === kind);
    const found = all.filter((resource) => (name === undefined || resource.name === name) && (of === undefined || resource.name.startsWith(of)));
    if (name !== undefined && found.length === 0) throw new KontenaError('KON_NOT_FOUND', `there is no ${kind} ${name} in grid ${grid}`);
    yield* found;
  },
  async *watch() {
    await turn();
    yield* fake.changes;
  },
  async *history(grid, kind, name) {
    await turn();
    fake.asked.push(`history ${grid} ${kind} ${name}`);
    yield* fake.changesOf;
  },
  remove: (grid, kind, name) => {
    fake.asked.push(`remove ${grid} ${kind} ${name}`);
    return Promise.resolve({ revision: 42 });
  },
});

function verbCalls(fake: FakeMaster, kind: string): VerbCalls {
  const call = (verb: Verb) => (grid: string, name: string): Promise<Applied> => {
    fake.asked.push(`${verb} ${grid} ${kind} ${name}`);
    return Promise.resolve({ ...fake.answer, name: name.split('/')[0] ?? '' });
  };
  return { start: call('start'), stop: call('stop'), restart: call('restart'), redeploy: call('redeploy') };
}

const stackCalls = (fake: FakeMaster): StackCalls => ({
  apply: (request) => {
    const refusal = fake.refuses(request);
    if (refusal !== undefined) return Promise.reject(refusal);
    fake.applied.push(request);
    return Promise.resolve({ ...fake.answer, name: request.stack.name });
  },
  ...verbCalls(fake, 'stack'),
  async *follow(_grid, stack, revision, signal) {
    fake.asked.push(`follow ${stack} ${String(revision)}`);
    yield* fake.progress;
    if (fake.hangs) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  },
});

const instanceCalls = (fake: FakeMaster): InstanceCalls => ({
  async *logs(grid, name, search) {
    await turn();
    fake.asked.push(`logs ${grid} ${name} ${JSON.stringify(search)}`);
    yield fake.lines;
  },
  /** Answers `PORT: ` and what it was sent, once that has ended. */
  forward: (_grid, { name, port }) => {
    if (name === 'nobody') throw new KontenaError('KON_NOT_FOUND', 'there is no instance, service or stack "nobody"');
    const sent: Uint8Array[] = [Buffer.from(`${String(port)}: `)];
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    return {
      async *received() {
        await ended;
        yield* sent;
      },
      send: (bytes) => Promise.resolve(sent.push(bytes) > 0),
      end,
      close: end,
    };
  },
  exec: (_grid, { name, call }) => fakeProgram(fake, name, call),
  attach: (_grid, name) => fakeProgram(fake, name, undefined),
  look: (_grid, { name, path }) => Promise.resolve(fake.paths[`${name}:${path}`] ?? { kind: 'missing' }),
  pack: (_grid, { name, path }) => tarOf(fake, `${name}:${path}`),
  unpack: (_grid, { name, path }) => intoTar(fake, `${name}:${path}`),
  async *statistics(grid, query) {
    await turn();
    fake.asked.push(`statistics ${grid} ${JSON.stringify(query)}`);
    yield* fake.statistics;
  },
  checks: (grid, instance) => {
    fake.asked.push(`checks ${grid} ${instance}`);
    return fake.checks === undefined ? Promise.reject(new KontenaError('KON_NODE_UNREACHABLE', 'node n1 is not connected')) : Promise.resolve({ answers: fake.checks });
  },
});

/** Says what a test lets it say, and remembers what was said to it. */
function fakeProgram(fake: FakeMaster, name: string, call: ProgramCall | undefined): RunningProgram {
  if (name === 'todo/nobody') throw new KontenaError('KON_CONFLICT', `no instance of ${name} runs at the moment`);
  fake.asked.push(`${call === undefined ? 'attach' : 'exec'} ${name} ${JSON.stringify(call ?? {})}`);
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    async *received() {
      const outputs = fake.says(call, name);
      yield* outputs;
      if (outputs.at(-1)?.kind === 'exit') return;
      await ended;
      yield { kind: 'exit', code: 0 };
    },
    send: (input) => {
      fake.said.push(input);
      if (input.kind === 'inputEnd') end();
      return Promise.resolve(true);
    },
    end,
    close: end,
  };
}

const networkCalls = (fake: FakeMaster): NetworkCalls => ({
  async *status(grid, query) {
    await turn();
    fake.asked.push(`network ${grid} ${JSON.stringify(query)}`);
    yield* fake.networks;
  },
  lookUp: (grid, query) => {
    fake.asked.push(`look up ${grid} ${JSON.stringify(query)}`);
    return Promise.resolve(fake.lookup);
  },
});

const vaultCalls = (fake: FakeMaster): VaultCalls => ({
  rotateKey: () => {
    fake.asked.push('rotateKey');
    return Promise.resolve({ sealed: fake.secrets.size });
  },
  writeSecret: (_grid, { name, value, only }) => {
    const before = fake.secrets.get(name);
    if (only === 'new' && before !== undefined) return Promise.reject(new KontenaError('KON_CONFLICT', `secret ${name} is there already`));
    if (only === 'known' && before === undefined) return Promise.reject(new KontenaError('KON_NOT_FOUND', `there is no secret ${name}`));
    fake.secrets.set(name, value);
    return Promise.resolve({ name, version: before === undefined ? 1 : 2, revision: 42, isChanged: before !== value, usedBy: fake.usedBy });
  },
  readSecret: (_grid, name) => {
    const value = fake.secrets.get(name);
    return value === undefined ? Promise.reject(new KontenaError('KON_NOT_FOUND', `there is no secret ${name}`)) : Promise.resolve(value);
  },
  writeCertificate: (_grid, bundle, subject = 'example.com') => {
    fake.certificates.set(subject, bundle);
    return Promise.resolve({ name: subject, version: 1, revision: 42, isChanged: true, usedBy: [] });
  },
  readCertificate: (_grid, subject) => {
    const bundle = fake.certificates.get(subject);
    return bundle === undefined ? Promise.reject(new KontenaError('KON_NOT_FOUND', `there is no certificate ${subject}`)) : Promise.resolve(bundle);
  },
  requestCertificate: (grid, request) => {
    fake.asked.push(`request certificate ${grid} ${JSON.stringify(request)}`);
    return Promise.resolve({ name: request.names[0] ?? '', revision: 42, isChanged: true });
  },
});

const auditCalls = (fake: FakeMaster): AuditCalls => ({
  async *read(query) {
    await turn();
    fake.asked.push(`audit ${JSON.stringify(query)}`);
    yield* fake.noted;
  },
  async *export() {
    await turn();
    yield* fake.exported.map((piece) => Buffer.from(piece));
  },
});

const credentialCalls = (fake: FakeMaster): CredentialCalls => ({
  create: ({ name, lifetimeSeconds, role, grid }) => {
    fake.asked.push(`createCredential ${name} ${String(lifetimeSeconds)} ${role} ${grid}`);
    return Promise.resolve({ name, ca: 'CA', certificate: 'CERT', key: 'KEY', endsAt: 1_800_000_000_000 as never });
  },
  renew: () => {
    fake.asked.push('renewCredential');
    return Promise.resolve({ name: 'ada', ca: 'CA2', certificate: 'CERT2', key: 'KEY2', endsAt: 1_800_000_000_000 as never });
  },
});
