import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApi } from '../../src/api/index.js';
import { verifyAudit } from '../../src/audit/index.js';
import { systemClock } from '../../src/clock.js';
import { connect } from '../../src/link/client/index.js';
import { createMasterLink } from '../../src/link/index.js';
import { DEFAULT_BALANCER_IMAGE, put } from '../../src/model/index.js';
import type { AuditLog, Control, Log } from '../../src/ports/index.js';
import { systemRandom } from '../../src/random.js';
import { openStore } from '../../src/store/index.js';
import { eventsOf } from '../../src/testing/events-of.js';
import { noOwnLog } from '../../src/testing/fake-log-rings.js';
import { FakeStatistics } from '../../src/testing/fake-statistics.js';
import { testAudit } from '../../src/testing/test-audit.js';
import { noProviders } from '../../src/testing/no-providers.js';
import { testVault } from '../../src/testing/test-vault.js';
import { median, type Measurement, seconds } from './measure.js';

const WRITERS = [1, 10, 100] as const;
const ROUNDS = 5;
const SLICES = 20;
/** Of one slice, all writers together. */
const COMMITS = 200;
const NODES = 1000;
const VERIFIED = 200_000;
const SHARE = 0.9;
const VERIFIED_PER_SECOND = 100_000;

/** Changes that clients make, each waited for, with and without their entries in the audit log; and how fast that is checked. */
export async function benchAudit(): Promise<readonly Measurement[]> {
  const directory = mkdtempSync(join(tmpdir(), 'kontena-bench-'));
  try {
    const measured: Measurement[] = [];
    for (const writers of WRITERS) measured.push(...(await commits(directory, writers)));
    return [...measured, await verification(directory)];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function commits(directory: string, writers: number): Promise<readonly Measurement[]> {
  const shares: (readonly [audited: number, bare: number])[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const place = join(directory, `${writers}-${round}`);
    const audited = await openMaster(`${place}-audited`, testAudit(systemClock, `${place}-audit`));
    const bare = await openMaster(`${place}-bare`, NO_LOG);
    const spent: [number, number] = [0, 0];
    for (let slice = 0; slice < SLICES; slice += 1) { // turn and turn about: what else the machine does meets both alike
      spent[0] += await seconds(() => write(audited.control, writers));
      spent[1] += await seconds(() => write(bare.control, writers));
    }
    for (const master of [audited, bare]) await master.close();
    shares.push([(COMMITS * SLICES) / spent[0], (COMMITS * SLICES) / spent[1]]);
  }
  const group = 'audit';
  const who = writers === 1 ? '1 writer' : `${writers} writers`;
  return [
    { group, what: `durable changes, ${who}`, value: median(shares.map(([audited]) => audited)), unit: 'changes/s' },
    { group, what: 'the same without a log', value: median(shares.map(([, bare]) => bare)), unit: 'changes/s' },
    { group, what: 'the first / the second', value: median(shares.map(([audited, bare]) => audited / bare)), unit: 'times', ...(writers > 1 ? { bound: { sort: 'at least', value: SHARE } } : {}) },
  ];
}

let turn = 0;

async function write(control: Control, writers: number): Promise<void> {
  const writer = async (): Promise<void> => {
    for (let count = 0; count < COMMITS / writers; count += 1) {
      turn += 1;
      await control.nodes.update('default', `n${turn % NODES}`, { labels: [`turn=${turn}`] });
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
}

/** A master that listens, and a client of it. */
async function openMaster(place: string, audit: AuditLog): Promise<{ readonly control: Control; readonly close: () => Promise<void> }> {
  const onFatal = (error: Error): never => {
    throw error;
  };
  const [clock, random] = [systemClock, systemRandom];
  const store = openStore(`${place}.sqlite`, { clock, random, onFatal });
  const vault = testVault(store);
  const link = await createMasterLink({ store, vault, clock, random, log: SILENT, pkiDirectory: `${place}-pki`, advertise: [], version: 'bench', balancerImage: DEFAULT_BALANCER_IMAGE });
  const api = createApi({ store, vault, audit, clock, random, nodes: link.nodes, ownLog: noOwnLog, events: eventsOf([]), statistics: new FakeStatistics(clock), authority: link.authority, providers: noProviders, pack: async function* () {}, version: 'bench' });
  await api.prepare();
  const body = { number: 1, labels: [], availability: 'active', keyFingerprint: 'f'.repeat(64) } as const;
  await store.update({ writer: 'api', grid: 'default' }, () => ({ steps: Array.from({ length: NODES }, (_none, index) => put('Node', `n${index}`, { ...body, number: index + 1 }, 'measured')) }));
  const { port } = await link.listen({ host: '127.0.0.1', port: 0, control: (caller) => api.control(caller), enrolment: api.enrolment, access: api.access, signIn: api.signIn });
  const control = connect({ server: `127.0.0.1:${port}`, ...link.authority.admin() }, { timeoutMs: 5000 });
  const close = async (): Promise<void> => {
    control.close();
    await link.close();
    audit.close();
    await store.close();
  };
  return { control, close };
}

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Costs nothing. */
const NO_LOG: AuditLog = {
  last: 0,
  note: () => Promise.resolve(),
  requireRoom: () => undefined,
  lastBefore: () => 0,
  page: () => ({ entries: [], through: 0 }),
  exported: () => [],
  watch: () => () => undefined,
  copyTo: () => Promise.resolve(),
  close: () => undefined,
};

async function verification(directory: string): Promise<Measurement> {
  const log = testAudit(systemClock, join(directory, 'verified'));
  const fact = { who: 'ada', credential: 'f'.repeat(64), from: '192.0.2.7', action: 'stack.apply', grid: 'default', name: 'todo', outcome: 'done' } as const;
  for (let noted = 0; noted < VERIFIED; noted += 10_000) await Promise.all(Array.from({ length: 10_000 }, () => log.note(fact)));
  const lines = [...log.exported()];
  log.close();
  const pieces = async function* (): AsyncGenerator<string> {
    yield* lines;
  };
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rates.push(VERIFIED / (await seconds(() => verifyAudit(pieces()))));
  return { group: 'audit', what: 'entries verified', value: median(rates), unit: 'entries/s', bound: { sort: 'at least', value: VERIFIED_PER_SECOND } };
}
