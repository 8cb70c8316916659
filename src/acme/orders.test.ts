import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { certificates } from '../../controllers/certificates/index.js';
import { createApi } from '../api/index.js';
import { EMPTY_HISTOGRAM, KontenaError, type Millis, type Proof } from '../model/index.js';
import type { AuditLog, CertificateRequest, Control, Log, ProofShower, Resource, Store } from '../ports/index.js';
import { run } from '../reconcile/index.js';
import { openStore } from '../store/index.js';
import { testAudit } from '../testing/test-audit.js';
import { eventsOf } from '../testing/events-of.js';
import { noOwnLog } from '../testing/fake-log-rings.js';
import { FakeAuthority } from '../testing/fake-authority.js';
import { noProviders } from '../testing/no-providers.js';
import { FakeCertificateAuthority, LIFE_MS } from '../testing/fake-certificate-authority.js';
import { FakeClock, settled } from '../testing/fake-clock.js';
import { FakeStatistics } from '../testing/fake-statistics.js';
import { FakeRandom } from '../testing/fake-random.js';
import { MortalStore } from '../testing/mortal-store.js';
import { testVault } from '../testing/test-vault.js';
import { keepOrders } from './index.js';

const GRID = 'default';
const DAY_MS: Millis = 86_400_000;

/** What is shown, and by whom. */
class Shower implements ProofShower {
  readonly shown = new Map<string, string>();
  seen: boolean | 'unknown' = true;

  show({ name, answer }: Proof): Promise<void> {
    this.shown.set(name, answer);
    return Promise.resolve();
  }

  hide({ name }: Proof): Promise<void> {
    this.shown.delete(name);
    return Promise.resolve();
  }

  isSeen(): Promise<boolean | 'unknown'> {
    return Promise.resolve(this.seen);
  }
}

/** One life of a master: its api, the controller and the orders upon a store that can die. */
class Life {
  readonly store: MortalStore;
  readonly control: Control;
  isDead = false;
  #die: () => void = () => undefined;
  readonly #death = new Promise<void>((resolve) => {
    this.#die = () => {
      this.isDead = true;
      resolve();
    };
  });
  readonly #inner: Store;
  readonly #audit: AuditLog;
  readonly #loops: readonly { idle(): Promise<void>; stop(): Promise<void> }[];

  constructor(file: string, given: { readonly clock: FakeClock; readonly authority: FakeCertificateAuthority; readonly shower: Shower; readonly logged: string[] }) {
    const { clock, authority, shower, logged } = given;
    const random = new FakeRandom(7);
    this.#audit = testAudit(clock);
    this.#inner = openStore(file, { clock, random, onFatal: (error) => void logged.push(String(error)) });
    this.store = new MortalStore(this.#inner, () => this.#die());
    const unreachable = (): never => {
      throw new KontenaError('KON_NODE_UNREACHABLE', 'no node is connected');
    };
    const api = createApi({
      store: this.store, vault: testVault(this.store), clock, random, audit: this.#audit, ownLog: noOwnLog, events: eventsOf([]), statistics: new FakeStatistics(clock), authority: new FakeAuthority(clock), providers: noProviders, version: '0', pack: () => ({ [Symbol.asyncIterator]: unreachable }),
      nodes: { logs: unreachable, dial: unreachable, ask: unreachable, program: unreachable, files: unreachable, readVolume: unreachable, writeVolume: unreachable, served: () => EMPTY_HISTOGRAM },
    });
    this.control = api.control({ name: 'ada' });
    const note = (message: string, facts: object = {}): void => void logged.push(`${message} ${JSON.stringify(facts)}`);
    const log: Log = { info: () => undefined, warn: note, error: note };
    const loop = run(certificates, { store: this.store, clock, random, onError: (subject, error) => note(subject, { error: String(error) }) });
    const orders = keepOrders({ store: this.store, vault: api.certificateVault, open: authority.open, shower, clock, random, log });
    this.#loops = [loop, orders];
    this.ready = api.prepare();
  }

  readonly ready: Promise<void>;

  /** Until nothing is under way, whatever takes real time. */
  async idle(): Promise<void> {
    for (let rounds = 0; rounds < 3; rounds += 1) {
      for (let turns = 0; turns < 4; turns += 1) await settled();
      if (!this.isDead) await Promise.race([Promise.all(this.#loops.map((loop) => loop.idle())), this.#death]);
    }
  }

  async end(): Promise<void> {
    this.store.die();
    for (const loop of this.#loops) void loop.stop();
    await this.#inner.close();
    this.#audit.close();
  }
}

let directory: string;
let file: string;
let clock: FakeClock;
let authority: FakeCertificateAuthority;
let shower: Shower;
let logged: string[];
let life: Life;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kontena-acme-'));
  file = join(directory, 'store.db');
  clock = new FakeClock(Date.UTC(2026, 0, 1));
  authority = new FakeCertificateAuthority(clock);
  shower = new Shower();
  logged = [];
  await begin();
});
afterEach(async () => {
  await life.end();
  rmSync(directory, { recursive: true });
});

async function begin(): Promise<void> {
  life = new Life(file, { clock, authority, shower, logged });
  await life.ready;
  await life.store.update({ writer: 'api', grid: GRID }, (view) => ({
    steps: view.get('Node', 'n1') !== undefined ? [] : [{ kind: 'Node', name: 'n1', body: { number: 1, labels: [], availability: 'active', keyFingerprint: '' }, why: 'joined' }],
  }));
}

/** Lets time pass, turn by turn. */
async function pass(ms: Millis): Promise<void> {
  const until = clock.now() + ms;
  for (let rounds = 0; rounds < 2_000; rounds += 1) {
    await life.idle();
    const next = clock.nextAlarm ?? Infinity;
    if (life.isDead || next > until) break;
    clock.advance(Math.max(0, next - clock.now()));
  }
  clock.advance(Math.max(0, until - clock.now()));
  await life.idle();
}

const request = (over: Partial<CertificateRequest> = {}) => life.control.vault.requestCertificate(GRID, { names: ['example.com'], answerOn: ['n1'], ...over });
async function shown(name = 'example.com'): Promise<Resource> {
  for await (const resource of life.control.resources.list({ grid: GRID, kind: 'certificate', name })) return resource;
  throw new Error('none');
}

test('what is requested is ordered, proved, issued and kept; nothing of it is left over', async () => {
  await request();
  await pass(30_000);
  expect(await shown()).toMatchObject({ spec: { names: ['example.com'], challenge: 'http-01' }, status: { phase: 'issued', version: 1, order: { number: 1, phase: 'issued' } } });
  const bundle = await life.control.vault.readCertificate(GRID, 'example.com');
  expect(bundle.privateKey).toContain('PRIVATE KEY');
  expect([authority.orders.length, authority.issued, authority.accounts.size, shower.shown.size]).toEqual([1, 1, 1, 0]);
  expect(life.store.sealedNames(GRID).map((name) => name.split('/')[0])).toEqual(['Certificate', 'PrivateKey']);
  expect(JSON.stringify(life.store.history({}))).not.toContain('PRIVATE KEY');
  expect(logged).toEqual([]);
});

describe('a master that ends between any two steps loses nothing, and has nothing issued twice', () => {
  const CALLS = ['open', 'place', 'look', 'show', 'finish', 'fetch'] as const;

  async function goOn(): Promise<void> {
    await life.end();
    authority.around = () => undefined;
    await begin();
    await pass(60_000);
    expect(await shown()).toMatchObject({ status: { phase: 'issued', version: 1 } });
    expect(authority.issued).toBe(1);
    expect([...authority.accounts.keys()]).toHaveLength(1);
    expect(shower.shown.size).toBe(0);
    await expect(life.control.vault.readCertificate(GRID, 'example.com')).resolves.toMatchObject({ privateKey: expect.stringContaining('KEY') });
  }

  test.each(Array.from({ length: 14 }, (_, commits) => commits + 1))('after commit %d', async (commits) => {
    await request();
    life.store.dieAfter(commits);
    await pass(30_000);
    await goOn();
    expect(authority.orders).toHaveLength(1);
  });

  test.each(CALLS.flatMap((call) => (['before', 'after'] as const).map((when) => ({ call, when }))))('$when the authority is asked to $call', async ({ call, when }) => {
    authority.around = (now, what) => {
      if (now !== when || what !== call) return undefined;
      life.store.die();
      return new Promise(() => undefined);
    };
    await request();
    await pass(30_000);
    await goOn();
    // An order whose address nobody heard of cannot be found again; nothing is issued for it.
    expect(authority.orders).toHaveLength(call === 'place' && when === 'after' ? 2 : 1);
  });
});

describe('an authority that cannot be asked', () => {
  test('is asked again, less and less often, and the order goes on where it was', async () => {
    let asked = 0;
    authority.around = (when, what) => {
      if (when === 'after' && what === 'finish' && (asked += 1) <= 4) throw new KontenaError('KON_AUTHORITY_UNREACHABLE', 'the answer was lost');
    };
    await request();
    await pass(1_000);
    for (let i = 0; i < 30 && asked === 0; i += 1) await pass(1_000);
    expect(await shown()).toMatchObject({ status: { phase: 'ordering', reason: 'the answer was lost', order: { phase: 'finishing', setbacks: 1 } } });
    await pass(60_000);
    expect(await shown()).toMatchObject({ status: { phase: 'issued' } });
    expect([authority.orders.length, authority.issued, asked]).toEqual([1, 1, 1]);
  });

  test('is left alone for as long as it says', async () => {
    const times: number[] = [];
    authority.around = (when, what) => {
      if (when !== 'before' || what !== 'place') return;
      times.push(clock.now());
      if (times.length === 1) throw new KontenaError('KON_AUTHORITY_BUSY', 'too many orders', { cause: { type: 'rateLimited', detail: 'too many orders', retryAfter: '3600' } });
    };
    await request();
    await pass(3_500_000);
    expect(await shown()).toMatchObject({ status: { phase: 'ordering', reason: 'too many orders', nextAt: new Date(times[0]! + 3_600_000).toISOString() } });
    await pass(200_000);
    expect([times.length, times[1]! - times[0]!]).toEqual([2, 3_600_000]);
    expect(await shown()).toMatchObject({ status: { phase: 'issued' } });
  });
});

describe('what is not proved', () => {
  test('is said in the words of the authority, tried again later, and at once when it is asked for again', async () => {
    authority.isProved = () => false;
    await request();
    await pass(30_000);
    const { status } = await shown();
    expect(status).toMatchObject({ phase: 'failed', failures: 1, reason: 'example.com: nobody answers' });
    expect(shower.shown.size).toBe(0);
    await pass(4 * 60_000);
    expect(authority.orders).toHaveLength(1);
    await pass(2 * 60_000);
    expect(authority.orders).toHaveLength(2);
    expect((await shown()).status).toMatchObject({ phase: 'failed', failures: 2 });
    await pass(3_000_000);
    expect(authority.orders).toHaveLength(4); // Let's Encrypt takes five failures an hour

    authority.isProved = () => true;
    expect(await request()).toMatchObject({ isChanged: true });
    await pass(30_000);
    expect((await shown()).status).toMatchObject({ phase: 'issued', version: 1 });
    expect(await request()).toMatchObject({ isChanged: false });
  });

  test('by a record waits for the record, for as long as the order lives', async () => {
    shower.seen = false;
    await request({ names: ['*.example.com', 'example.com'] });
    await pass(3_600_000);
    const { status } = await shown('*.example.com');
    expect(status).toMatchObject({ phase: 'ordering', reason: 'waits for the record _acme-challenge.example.com TXT answer for 0-*.example.com, and for _acme-challenge.example.com TXT answer for 0-example.com' });
    shower.seen = true;
    await pass(60_000);
    expect((await shown('*.example.com')).status).toMatchObject({ phase: 'issued' });
  });

  test.each([[false, 10_000], ['unknown', 2_000]] as const)('by an answer that is seen: %s is left to the authority after a while', async (seen, afterMs) => {
    shower.seen = seen;
    const began = clock.now();
    let shownAt = 0;
    authority.around = (when, what) => {
      if (when === 'before' && what === 'show') shownAt = clock.now();
    };
    await request();
    await pass(30_000);
    expect((await shown()).status).toMatchObject({ phase: 'issued' });
    expect(shownAt - began).toBeGreaterThanOrEqual(afterMs);
    expect(shownAt - began).toBeLessThan(afterMs + 2_000);
  });
});

describe('a certificate that is there', () => {
  test('is renewed after two thirds of its life, with another key, and the one before is kept until then', async () => {
    await request();
    await pass(30_000);
    const first = await life.control.vault.readCertificate(GRID, 'example.com');
    await pass(LIFE_MS * (2 / 3) - 60_000);
    expect(authority.orders).toHaveLength(1);
    authority.isProved = () => false;
    await pass(3.1 * DAY_MS);
    expect((await shown()).status).toMatchObject({ phase: 'failed', version: 1 });
    expect(await life.control.vault.readCertificate(GRID, 'example.com')).toEqual(first);
    authority.isProved = () => true;
    await pass(DAY_MS * 1.3);
    expect((await shown()).status).toMatchObject({ phase: 'issued', version: 2 });
    expect((await life.control.vault.readCertificate(GRID, 'example.com')).privateKey).not.toBe(first.privateKey);
    expect(authority.accounts.size).toBe(1);
  }, 60_000);

  test('and cannot be renewed is warned of, once, before it ends', async () => {
    await request();
    await pass(30_000);
    authority.isProved = () => false;
    await pass(LIFE_MS - 14.5 * DAY_MS);
    expect((await shown()).status.endsSoon).toBeUndefined();
    await pass(2 * DAY_MS);
    expect((await shown()).status).toMatchObject({ phase: 'failed', endsSoon: true, reason: 'example.com: nobody answers' });
    expect(logged.filter((line) => line.startsWith('a certificate ends soon'))).toHaveLength(1);
  }, 60_000);

  test('and is removed while it is renewed comes back no more', async () => {
    await request();
    await pass(30_000);
    shower.seen = false;
    await request({ challenge: 'dns-01' });
    await pass(30_000);
    expect((await shown()).status).toMatchObject({ phase: 'renewing', version: 1 });
    await life.control.resources.remove(GRID, 'certificate', 'example.com');
    shower.seen = true;
    await pass(60_000);
    await expect(shown()).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
    expect([authority.issued, shower.shown.size]).toEqual([1, 0]);
    expect(life.store.view(GRID).list('Order').length + life.store.view(GRID).list('Renewal').length).toBe(0);
    expect(life.store.sealedNames(GRID).map((name) => name.split('/')[1])).toEqual(['account']);
    await request();
    await pass(30_000);
    expect((await shown()).status).toMatchObject({ phase: 'issued' });
  });
});
