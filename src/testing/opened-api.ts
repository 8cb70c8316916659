import { createApi } from '../api/index.js';
import { type Bodies, drop, EMPTY_HISTOGRAM, type GridEvent, type Kind, KIND, KontenaError, type LogBatch, put, type StackSpec } from '../model/index.js';
import type { Access, AuditLog, Caller, Control, Enrolment, Nodes, Store } from '../ports/index.js';
import { openStore } from '../store/index.js';
import { FakeAuthority } from './fake-authority.js';
import { eventsOf } from './events-of.js';
import { FakeClock } from './fake-clock.js';
import { noOwnLog } from './fake-log-rings.js';
import { FakeRandom } from './fake-random.js';
import { FakeStatistics } from './fake-statistics.js';
import { testAudit } from './test-audit.js';
import { noProviders } from './no-providers.js';
import { FakeVaultKeys } from './fake-vault-keys.js';
import { testVault } from './test-vault.js';
import { serviceSpec, type SpecOver } from './world.js';

export interface OpenedApi {
  readonly store: Store;
  readonly audit: AuditLog;
  readonly clock: FakeClock;
  readonly control: Control;
  readonly enrolment: Enrolment;
  readonly access: Access;
  readonly authority: FakeAuthority;
  readonly vaultKeys: FakeVaultKeys;
  readonly statistics: FakeStatistics;
  /** What a master does at its start. */
  prepare(): Promise<void>;
  /** What another caller may ask. */
  as(caller: Caller): Control;
  /** Writes a record as its own writer would. */
  write<K extends Kind>(kind: K, name: string, body: Bodies[K]): Promise<void>;
  /** Drops one. */
  erase(kind: Kind, name: string): Promise<void>;
  close(): Promise<void>;
}

/** The api upon a real store in memory, with the grid `default`. Time stands until told to move. */
export async function openApi(logs: Nodes['logs'] = noLogs, over: Partial<Nodes> = {}, happened: readonly GridEvent[] = []): Promise<OpenedApi> {
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const random = new FakeRandom();
  const onFatal = (error: unknown): void => {
    throw error;
  };
  const store = openStore(':memory:', { clock, random, onFatal });
  const pack = async function* (): AsyncGenerator<Uint8Array> {
    yield new Uint8Array([1, 2, 3]);
  };
  const audit = testAudit(clock);
  const authority = new FakeAuthority(clock);
  const vaultKeys = new FakeVaultKeys();
  const statistics = new FakeStatistics(clock);
  const unreachable = (): never => {
    throw new KontenaError('KON_NODE_UNREACHABLE', 'no node is connected');
  };
  const api = createApi({ store, vault: testVault(store, vaultKeys), audit, clock, random, nodes: { logs, dial: unreachable, program: unreachable, files: unreachable, ask: unreachable, readVolume: unreachable, writeVolume: unreachable, served: () => EMPTY_HISTOGRAM, ...over }, ownLog: noOwnLog, events: eventsOf(happened), statistics, authority, providers: noProviders, pack, version: '0.0.0' });
  await api.prepare();

  const change = async (kind: Kind, name: string, body: Bodies[Kind] | undefined): Promise<void> => {
    const { writer, state } = KIND[kind];
    const step = body === undefined ? drop(kind, name, 'said so') : put(kind, name, body, 'said so');
    if (state === 'desired') await store.update({ writer, grid: 'default' }, () => ({ steps: [step] }));
    else store.observe({ writer, grid: 'default' }, [step]);
  };
  return {
    store,
    audit,
    clock,
    control: api.control({ name: 'ada' }),
    enrolment: api.enrolment,
    access: api.access,
    authority,
    vaultKeys,
    statistics,
    prepare: () => api.prepare(),
    as: (caller) => api.control(caller),
    write: (kind, name, body) => change(kind, name, body),
    erase: (kind, name) => change(kind, name, undefined),
    close: () => {
      audit.close();
      return store.close();
    },
  };
}

async function* noLogs(): AsyncGenerator<LogBatch> {
  yield* [];
  throw new Error('no logs are expected here');
}

/** A stack of services by their short names. */
export const stackSpec = (name: string, services: Readonly<Record<string, SpecOver>> = { web: {} }, over: Partial<StackSpec> = {}): StackSpec => ({
  name,
  services: Object.fromEntries(Object.entries(services).map(([service, spec]) => [service, serviceSpec(spec)])),
  volumes: {},
  labels: [],
  metadata: {},
  variables: {},
  ...over,
});

export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

