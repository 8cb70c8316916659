import { KontenaError, type LogLine } from '../model/index.js';
import type { Applied, ApplyRequest, ByteStream, CertificateBundle, Control, HistoryItem, Kept, ListQuery, NetworkItem, Progress, Resource, ResourceKind, SecretWrite } from '../ports/index.js';
import type { Credential } from './context/index.js';
import type { Answer, Question } from '../stackfile/index.js';
import { Interrupted } from './exit.js';
import type { Connection, Host } from './host.js';

/** What comes over a wire does not come at once. */
const turn = (): Promise<void> => Promise.resolve();

/** A master that answers from what a test gives it, and remembers what it was asked. */
class FakeMaster implements Connection {
  readonly asked: string[] = [];
  readonly applied: ApplyRequest[] = [];
  resources: Resource[] = [];
  progress: readonly Progress[] = [{ type: 'done' }];
  answer: Omit<Applied, 'name'> = { revision: 41, differences: [], warnings: [] };
  changesOf: readonly HistoryItem[] = [];
  lines: readonly LogLine[] = [];
  changes: readonly { readonly resource: Resource; readonly isGone: boolean }[] = [];
  readonly secrets = new Map<string, string>();
  /** Services that open whatever is written. */
  usedBy: readonly string[] = [];
  readonly certificates = new Map<string, CertificateBundle>();
  refuses: (request: ApplyRequest) => KontenaError | undefined = () => undefined;
  isClosed = false;
  /** Answers that never come end with the signal. */
  hangs = false;

  close(): void {
    this.isClosed = true;
  }

  info(): ReturnType<Control['info']> {
    return Promise.resolve({ version: '0.1.0', cluster: 'c1', epoch: 1, revision: 41, startedAt: '2026-01-01T00:00:00.000Z' });
  }

  async *list({ grid, kind, name, of }: ListQuery): AsyncIterable<Resource> {
    await turn();
    this.asked.push(['list', grid, kind, name, of].filter((word) => word !== undefined).join(' '));
    const all = this.resources.filter((resource) => resource.kind.toLowerCase() === kind);
    const found = all.filter((resource) => (name === undefined || resource.name === name) && (of === undefined || resource.name.startsWith(of)));
    if (name !== undefined && found.length === 0) throw new KontenaError('KON_NOT_FOUND', `there is no ${kind} ${name} in grid ${grid}`);
    yield* found;
  }

  async *watch(_query: ListQuery, _signal: AbortSignal): ReturnType<Control['watch']> {
    await turn();
    yield* this.changes;
  }

  apply(request: ApplyRequest): Promise<Applied> {
    const refusal = this.refuses(request);
    if (refusal !== undefined) return Promise.reject(refusal);
    this.applied.push(request);
    return Promise.resolve({ ...this.answer, name: request.stack.name });
  }

  async *follow(_grid: string, stack: string, revision: number, signal: AbortSignal): AsyncIterable<Progress> {
    this.asked.push(`follow ${stack} ${String(revision)}`);
    yield* this.progress;
    if (this.hangs) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  }

  writeSecret(_grid: string, { name, value, only }: SecretWrite): Promise<Kept> {
    const before = this.secrets.get(name);
    if (only === 'new' && before !== undefined) return Promise.reject(new KontenaError('KON_CONFLICT', `secret ${name} is there already`));
    if (only === 'known' && before === undefined) return Promise.reject(new KontenaError('KON_NOT_FOUND', `there is no secret ${name}`));
    this.secrets.set(name, value);
    return Promise.resolve({ name, version: before === undefined ? 1 : 2, revision: 42, isChanged: before !== value, usedBy: this.usedBy });
  }

  readSecret(_grid: string, name: string): Promise<string> {
    const value = this.secrets.get(name);
    return value === undefined ? Promise.reject(new KontenaError('KON_NOT_FOUND', `there is no secret ${name}`)) : Promise.resolve(value);
  }

  writeCertificate(_grid: string, bundle: CertificateBundle, subject = 'example.com'): Promise<Kept> {
    this.certificates.set(subject, bundle);
    return Promise.resolve({ name: subject, version: 1, revision: 42, isChanged: true, usedBy: [] });
  }

  readCertificate(_grid: string, subject: string): Promise<CertificateBundle> {
    const bundle = this.certificates.get(subject);
    return bundle === undefined ? Promise.reject(new KontenaError('KON_NOT_FOUND', `there is no certificate ${subject}`)) : Promise.resolve(bundle);
  }

  scale(grid: string, service: string, instances: number): Promise<Applied> {
    this.asked.push(`scale ${grid} ${service} ${String(instances)}`);
    return Promise.resolve({ ...this.answer, name: service.split('/')[0] ?? '' });
  }

  createGrid({ name, subnet = '10.82.0.0/16', nodePrefix = 24 }: Parameters<Control['createGrid']>[0]): ReturnType<Control['createGrid']> {
    this.asked.push(`createGrid ${name} ${subnet} ${String(nodePrefix)}`);
    return Promise.resolve({ name, subnet, nodePrefix, revision: 42 });
  }

  remove(grid: string, kind: ResourceKind, name: string): ReturnType<Control['remove']> {
    this.asked.push(`remove ${grid} ${kind} ${name}`);
    return Promise.resolve({ revision: 42 });
  }

  setNode(grid: string, node: string, change: Parameters<Control['setNode']>[2]): ReturnType<Control['setNode']> {
    this.asked.push(`setNode ${grid} ${node} ${JSON.stringify(change)}`);
    return Promise.resolve({ revision: 42 });
  }

  createToken(grid: string, { ttlSeconds, labels, uses, node }: Parameters<Control['createToken']>[1]): ReturnType<Control['createToken']> {
    this.asked.push(['createToken', grid, ttlSeconds, labels.join(','), node ?? uses].join(' '));
    return Promise.resolve({ id: 't1', token: 't1.secret.fingerprint', expiresAt: 1_800_000_000_000 as never });
  }

  createCredential(name: string, lifetimeSeconds: number): ReturnType<Control['createCredential']> {
    this.asked.push(`createCredential ${name} ${String(lifetimeSeconds)}`);
    return Promise.resolve({ name, ca: 'CA', certificate: 'CERT', key: 'KEY', endsAt: 1_800_000_000_000 as never });
  }

  renewCredential(): ReturnType<Control['renewCredential']> {
    this.asked.push('renewCredential');
    return Promise.resolve({ name: 'ada', ca: 'CA2', certificate: 'CERT2', key: 'KEY2', endsAt: 1_800_000_000_000 as never });
  }

  rotateAuthority({ isEnd, isForced }: Parameters<Control['rotateAuthority']>[0]): ReturnType<Control['rotateAuthority']> {
    this.asked.push(`rotateAuthority ${String(isEnd)} ${String(isForced)}`);
    return Promise.resolve({ fingerprint: 'f'.repeat(64), behind: ['node n1'] });
  }

  async *history(grid: string, kind: ResourceKind, name: string): AsyncIterable<HistoryItem> {
    await turn();
    this.asked.push(`history ${grid} ${kind} ${name}`);
    yield* this.changesOf;
  }

  async *logs(grid: string, name: string, query: object, _signal: AbortSignal): ReturnType<Control['logs']> {
    await turn();
    this.asked.push(`logs ${grid} ${name} ${JSON.stringify(query)}`);
    yield* this.lines;
  }

  /** What the nodes say of their networks. */
  networks: readonly NetworkItem[] = [];
  lookup: Awaited<ReturnType<Control['lookUp']>> = { askedNode: 'n1', name: 'nobody', kind: 'unknown', because: 'nobody knows it', addresses: [], instances: [] };

  async *network(grid: string, query: object): AsyncIterable<NetworkItem> {
    await turn();
    this.asked.push(`network ${grid} ${JSON.stringify(query)}`);
    yield* this.networks;
  }

  lookUp(grid: string, query: object): ReturnType<Control['lookUp']> {
    this.asked.push(`look up ${grid} ${JSON.stringify(query)}`);
    return Promise.resolve(this.lookup);
  }

  rotateKeys(grid: string, node: string): ReturnType<Control['rotateKeys']> {
    this.asked.push(`rotate keys ${grid} ${node}`);
    return Promise.resolve({ publicKey: 'a key' });
  }

  /** Answers `PORT: ` and what it was sent, once that has ended. */
  forward(_grid: string, { name, port }: { readonly name: string; readonly port: number }): ByteStream {
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
  }

  async *backup(_signal: AbortSignal): AsyncIterable<Uint8Array> {
    await turn();
    yield Buffer.from('back');
    yield Buffer.from('up');
  }

  reportSource(): Promise<void> {
    return Promise.resolve();
  }
}

/** As an answer: the question is left. */
export const CTRL_C = '\u0003';

interface Wish {
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  /** What a person answers; without it there is nobody to ask. */
  readonly answer?: string;
  readonly input?: string;
}

/** A machine made of a folder, whose master is a fake and whose terminal is text. */
export class FakeHost implements Host {
  readonly master = new FakeMaster();
  readonly programs: string;
  readonly home: string;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly connected: Credential[] = [];
  readonly questions: string[] = [];
  readonly became: string[] = [];
  readonly ran: string[] = [];
  /** Of programs that fail, by name. */
  exitCodes: Readonly<Record<string, number>> = {};
  stdout = '';
  stderr = '';
  interrupt: () => void = () => undefined;
  /** What connecting fails with. */
  refusal: KontenaError | undefined;
  readonly #wish: Wish;

  constructor(wish: Wish) {
    this.#wish = wish;
    this.home = wish.home;
    this.directory = wish.home;
    this.programs = wish.home;
    this.env = wish.env ?? {};
  }

  get out(): Host['out'] {
    const { columns } = this.#wish;
    return { isTerminal: columns !== undefined, columns, write: (text) => void (this.stdout += text.toString()) };
  }

  get err(): Host['err'] {
    return { isTerminal: this.isInteractive, columns: this.#wish.columns, write: (text) => void (this.stderr += text.toString()) };
  }

  get isInteractive(): boolean {
    return this.#wish.answer !== undefined;
  }

  ask(question: Question): Promise<Answer | undefined> {
    const { answer = '' } = this.#wish;
    const isYesOrNo = question.kind === 'yes-or-no';
    const isHidden = question.kind === 'text' && question.isSecret;
    this.questions.push(isYesOrNo ? `${question.text} [${question.default ? 'Y/n' : 'y/N'}] ` : `${question.text}${isHidden ? ' (hidden)' : ''}`);
    if (answer === CTRL_C) return Promise.reject(new Interrupted());
    return Promise.resolve(isYesOrNo ? answer === 'y' : answer);
  }

  run(program: string, args: readonly string[]): Promise<number> {
    this.ran.push([program, ...args].join(' '));
    return Promise.resolve(this.exitCodes[program] ?? 0);
  }

  readInput(): Promise<string> {
    return Promise.resolve(this.#wish.input ?? '');
  }

  onInterrupt(listener: () => void): () => void {
    this.interrupt = listener;
    return () => undefined;
  }

  become(program: string, args: readonly string[]): Promise<void> {
    this.became.push([program, ...args].join(' '));
    return Promise.resolve();
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  connect(credential: Credential): Promise<Connection> {
    this.connected.push(credential);
    return this.refusal === undefined ? Promise.resolve(this.master) : Promise.reject(this.refusal);
  }
}

/** A record as the master shows it, with the least that must be there. */
export const resource = (kind: string, name: string, parts: Partial<Resource> = {}): Resource => ({
  kind, grid: 'default', name, revision: 41, createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z', updatedBy: 'admin', spec: {}, status: {}, ...parts,
});
