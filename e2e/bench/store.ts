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
/** Of one round, turn and turn about: what else the machine does meanwhile then meets both alike. */
const SLICES = 10;
const WRITERS = 100;
const COMMITS_PER_WRITER_AND_SLICE = 20;
const RECORDS = 1000;

/** About 1 KiB as JSON, as an instance or a small service is. */
const bodyOf = (number: number) => ({ number, labels: Array.from({ length: 24 }, (_, i) => `label-${i}=${'x'.repeat(24)}`), availability: 'active', keyFingerprint: 'f'.repeat(64) }) as const;

interface Contender {
  /** Writes one slice. */
  write(): Promise<void>;
  close(): Promise<void>;
}

/** Durable commits per second with 100 writers that each wait for theirs, against SQLite alone with the same grouping: 100 rows, one fsync. */
export async function benchStore(): Promise<readonly Measured[]> {
  const directory = mkdtempSync(join(tmpdir(), 'kontena-bench-'));
  const rates: (readonly [ours: number, bare: number])[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.push(await ratesOf(store(join(directory, `store-${round}.sqlite`)), bare(join(directory, `bare-${round}.sqlite`))));
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const [value, baseline] = [median(rates.map(([ours]) => ours)), median(rates.map(([, bare]) => bare))];
  const ratio = median(rates.map(([ours, bare]) => ours / bare));
  return [{ name: 'durable commits, 100 writers', value: Math.round(value), unit: 'commits/s', baseline: Math.round(baseline), ratio }];
}

async function ratesOf(...contenders: readonly [Contender, Contender]): Promise<readonly [number, number]> {
  const spentMs: [number, number] = [0, 0];
  for (let slice = 0; slice < SLICES; slice += 1) {
    for (const which of [0, 1] as const) {
      const began = performance.now();
      await contenders[which].write();
      spentMs[which] += performance.now() - began;
    }
  }
  for (const contender of contenders) await contender.close();
  const rate = (ms: number): number => (SLICES * WRITERS * COMMITS_PER_WRITER_AND_SLICE * 1000) / ms;
  return [rate(spentMs[0]), rate(spentMs[1])];
}

function store(file: string): Contender {
  const onFatal = (error: Error): never => {
    throw error;
  };
  const opened = openStore(file, { clock: systemClock, random: systemRandom, onFatal });
  let turn = 0;
  const writer = async (): Promise<void> => {
    for (let i = 0; i < COMMITS_PER_WRITER_AND_SLICE; i += 1) {
      turn += 1;
      const change: Change = put('Node', `n${turn % RECORDS}`, bodyOf(turn), 'measured');
      await opened.update({ writer: 'api', grid: 'default' }, () => ({ steps: [change] }));
    }
  };
  return {
    write: async () => {
      await Promise.all(Array.from({ length: WRITERS }, writer));
    },
    close: () => opened.close(),
  };
}

function bare(file: string): Contender {
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
      const name = `n${turn % RECORDS}`;
      const json = JSON.stringify(bodyOf(turn));
      append.run('Node', name, json);
      upsert.run('Node', name, json);
    }
  });
  return {
    write: async () => {
      for (let i = 0; i < COMMITS_PER_WRITER_AND_SLICE; i += 1) batch.immediate();
    },
    close: async () => {
      db.close();
    },
  };
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
