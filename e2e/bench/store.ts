import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { systemClock } from '../../src/clock.js';
import { type Change, put } from '../../src/model/index.js';
import { systemRandom } from '../../src/random.js';
import { openStore } from '../../src/store/index.js';

export interface Measured {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number;
  /** Ours to the baseline. */
  readonly ratio: number;
}

const ROUNDS = 3;
const WRITERS = 100;
const COMMITS_PER_WRITER = 200;
const RECORDS = 1000;

/** About 1 KiB as JSON, as an instance or a small service is. */
const body = (number: number) => ({ number, labels: Array.from({ length: 24 }, (_, i) => `label-${i}=${'x'.repeat(24)}`), availability: 'active', keyFingerprint: 'f'.repeat(64) }) as const;

/** Durable commits per second with 100 writers that each wait for theirs, against SQLite alone with the same grouping: 100 rows, one fsync. */
export async function benchStore(): Promise<readonly Measured[]> {
  const directory = mkdtempSync(join(tmpdir(), 'kontena-bench-'));
  const ours: number[] = [];
  const bare: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(bareRate(join(directory, `bare-${round}.sqlite`)));
      ours.push(await storeRate(join(directory, `store-${round}.sqlite`)));
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const [value, baseline] = [median(ours), median(bare)];
  return [{ name: 'durable commits, 100 writers', value: Math.round(value), unit: 'commits/s', baseline: Math.round(baseline), ratio: value / baseline }];
}

async function storeRate(file: string): Promise<number> {
  const onFatal = (error: Error): never => {
    throw error;
  };
  const store = openStore(file, { clock: systemClock, random: systemRandom, onFatal });
  let turn = 0;
  const commit = (): Promise<unknown> => {
    turn += 1;
    const change: Change = put('Node', `n${turn % RECORDS}`, body(turn), 'measured');
    return store.update({ writer: 'api', grid: 'default' }, () => ({ steps: [change] }));
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: WRITERS }, async () => {
    for (let i = 0; i < COMMITS_PER_WRITER; i += 1) await commit();
  }));
  const rate = perSecond(began);
  await store.close();
  return rate;
}

function bareRate(file: string): number {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE log (revision INTEGER PRIMARY KEY, kind TEXT, name TEXT, body TEXT); CREATE TABLE heads (kind TEXT, name TEXT, body TEXT, PRIMARY KEY (kind, name)) WITHOUT ROWID');
  const append = db.prepare('INSERT INTO log (kind, name, body) VALUES (?, ?, ?)');
  const upsert = db.prepare('INSERT INTO heads VALUES (?, ?, ?) ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body');
  let turn = 0;
  const batch = db.transaction(() => {
    for (let i = 0; i < WRITERS; i += 1) {
      turn += 1;
      const json = JSON.stringify(body(turn));
      append.run('Node', `n${turn % RECORDS}`, json);
      upsert.run('Node', `n${turn % RECORDS}`, json);
    }
  });
  const began = performance.now();
  for (let i = 0; i < COMMITS_PER_WRITER; i += 1) batch.immediate();
  const rate = perSecond(began);
  db.close();
  return rate;
}

const perSecond = (began: number): number => (WRITERS * COMMITS_PER_WRITER * 1000) / (performance.now() - began);
const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
