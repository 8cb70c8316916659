import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Endpoint, rowText, SetDigest, type TableName, type TablePart } from '../model/index.js';
import type { Log, TableMemory } from '../ports/index.js';
import { FakeClock, settled } from '../testing/fake-clock.js';
import { SharedTables } from './tables.js';

const endpoint = (slot: number): Endpoint => ({ instance: `todo/web.${slot}@7`, address: `10.81.1.${slot}`, node: 'n1', isExposed: false, serves: true });
const part = (version: number, rows: readonly Endpoint[], over: Partial<TablePart<Endpoint>> = {}): TablePart<Endpoint> =>
  ({ version, isWhole: true, isLast: true, rows, removed: [], agesMs: [], ...over });

function digestOf(rows: readonly Endpoint[]): string {
  const digest = new SetDigest();
  for (const row of rows) digest.add(rowText(row));
  return String(digest);
}

describe('what all nodes share, on one of them', () => {
  let clock: FakeClock;
  let disk: Partial<Record<TableName, readonly unknown[]>>;
  let fault: Error | undefined;
  let said: string[];
  let logged: string[];
  let tables: SharedTables;

  const memory: TableMemory = {
    load: (table) => (fault === undefined ? Promise.resolve(disk[table] as never) : Promise.reject(fault)),
    save: (table, rows) => {
      if (fault !== undefined) return Promise.reject(fault);
      disk[table] = rows;
      return Promise.resolve();
    },
  };
  const note = (message: string): void => void logged.push(message);
  const log: Log = { info: note, warn: note, error: note };
  const names = (rows: readonly Endpoint[]): string => rows.map(({ instance }) => instance).join(' ');

  const newLife = (): SharedTables => {
    const endpoints = { whole: (rows: readonly Endpoint[]) => void said.push(`whole ${names(rows)}`), changed: (rows: readonly Endpoint[], removed: readonly string[]) => void said.push(`+ ${names(rows)} - ${removed.join(' ')}`) };
    return new SharedTables({ endpoints: [endpoints], peers: [] }, { memory, clock, log });
  };

  beforeEach(() => {
    clock = new FakeClock(1_000_000);
    disk = {};
    fault = undefined;
    said = [];
    logged = [];
    tables = newLife();
  });

  test('the whole is handed on when all of it is there, then its changes', () => {
    tables.take({ table: 'endpoints', part: part(2, [endpoint(1)], { isLast: false }) });
    expect(said).toEqual([]);
    tables.take({ table: 'endpoints', part: part(2, [endpoint(2)], { isWhole: false }) });
    tables.take({ table: 'endpoints', part: part(4, [endpoint(3)], { isWhole: false, removed: ['todo/web.1@7'] }) });
    expect(said).toEqual(['whole todo/web.1@7 todo/web.2@7', '+ todo/web.3@7 - todo/web.1@7']);
  });

  test('a new whole replaces the old one at once, and half of it nothing', () => {
    tables.take({ table: 'endpoints', part: part(1, [endpoint(1)]) });
    tables.take({ table: 'endpoints', part: part(9, [endpoint(2)], { isLast: false }) });
    expect(tables.differing({ endpoints: { version: 9, digest: 'other' } })).toEqual([]); // the rest is on its way
    tables.take({ table: 'endpoints', part: part(9, [endpoint(3)], { isWhole: false }) });
    expect(said).toEqual(['whole todo/web.1@7', 'whole todo/web.2@7 todo/web.3@7']);
  });

  test('is noticed to differ at the version it should have, and only there', () => {
    tables.take({ table: 'endpoints', part: part(3, [endpoint(1)]) });
    const digest = digestOf([endpoint(1)]);
    expect([{ version: 3, digest }, { version: 4, digest: 'x' }, { version: 3, digest: 'x' }].map((state) => tables.differing({ endpoints: state }))).toEqual([[], [], ['endpoints']]);
    expect(tables.differing({ peers: { version: 0, digest: 'x' } })).toEqual([]); // nothing was said of peers yet
  });

  test('is remembered through the agent\'s own restart', async () => {
    tables.take({ table: 'endpoints', part: part(1, [endpoint(1)]) });
    await clock.run(1_999);
    expect(disk).toEqual({});
    await clock.run(1);
    tables.take({ table: 'endpoints', part: part(2, [endpoint(2)], { isWhole: false }) });
    await tables.stop();
    tables = newLife();
    await tables.recall();
    expect(said.slice(2)).toEqual(['whole todo/web.1@7 todo/web.2@7']);
    expect(clock.pending).toBe(0);
  });

  test('what is remembered does not count once the master has spoken', async () => {
    disk = { endpoints: [endpoint(1)] };
    const recalled = tables.recall();
    tables.take({ table: 'endpoints', part: part(1, [endpoint(2)]) });
    await recalled;
    expect(said).toEqual(['whole todo/web.2@7']);
  });

  test('a disk that fails is said, and changes nothing else', async () => {
    fault = new Error('no space');
    await tables.recall();
    tables.take({ table: 'endpoints', part: part(1, [endpoint(1)]) });
    await clock.run(2_000);
    await settled();
    expect([said, logged.length]).toEqual([['whole todo/web.1@7'], 3]);
  });
});
