import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Instant, rowText, SetDigest, type TablePart } from '../../model/index.js';
import { TableFeed, TableReader } from './table-feed.js';

interface Row {
  readonly name: string;
  readonly value: number;
}

const at = (ms: number): Instant => ms as Instant;
const feedOf = (...rows: readonly Row[]): TableFeed<Row> => {
  const feed = new TableFeed<Row>(({ name }) => name);
  for (const row of rows) feed.put(row, at(0));
  return feed;
};
const row = (name: string, value = 1): Row => ({ name, value });

/** What a reader has of a table after what it was sent. */
class Copy {
  readonly rows = new Map<string, Row>();

  take(part: TablePart<Row> | undefined): void {
    if (part?.isWhole === true) this.rows.clear();
    for (const one of part?.rows ?? []) this.rows.set(one.name, one);
    for (const key of part?.removed ?? []) this.rows.delete(key);
  }

  get digest(): string {
    const digest = new SetDigest();
    for (const one of this.rows.values()) digest.add(rowText(one));
    return String(digest);
  }
}

/** All parts that there are for a reader now. */
function rest(reader: TableReader<Row>, now = at(0)): readonly TablePart<Row>[] {
  const parts: TablePart<Row>[] = [];
  for (let part = reader.next(now); part !== undefined; part = reader.next(now)) parts.push(part);
  return parts;
}

describe('a table that many read', () => {
  test('is sent whole at first, then by its changes, each with its age', () => {
    const feed = feedOf(row('a'), row('b'));
    const reader = new TableReader(feed);
    expect(rest(reader)).toEqual([{ version: 2, isWhole: true, isLast: true, rows: [row('a'), row('b')], removed: [], agesMs: [] }]);
    feed.put(row('c'), at(100));
    feed.drop('a', at(130));
    expect(rest(reader, at(150))).toEqual([{ version: 4, isWhole: false, isLast: true, rows: [row('c')], removed: ['a'], agesMs: [50, 20] }]);
    expect(rest(reader)).toEqual([]);
  });

  test('an empty one is sent too: the reader is to forget what it had', () => {
    expect(rest(new TableReader(feedOf()))).toEqual([{ version: 0, isWhole: true, isLast: true, rows: [], removed: [], agesMs: [] }]);
  });

  test('what is the same is no change, whatever the order of its keys', () => {
    const feed = feedOf(row('a'));
    expect([feed.put({ value: 1, name: 'a' }, at(1)), feed.drop('b', at(1)), feed.version]).toEqual([false, false, 1]);
  });

  test('of a row that changes often only the newest is sent', () => {
    const feed = feedOf(row('a'));
    const reader = new TableReader(feed);
    rest(reader);
    for (let value = 2; value < 10; value += 1) feed.put(row('a', value), at(value));
    expect(rest(reader, at(10)).map(({ rows, agesMs }) => ({ rows, agesMs }))).toEqual([{ rows: [row('a', 9)], agesMs: [1] }]);
  });

  test('a large one goes in parts; what changes meanwhile comes after them', () => {
    const feed = feedOf(...Array.from({ length: 2_500 }, (_, index) => row(`r${index}`)));
    const reader = new TableReader(feed);
    const first = reader.next(at(0));
    feed.put(row('r1', 7), at(1));
    expect([first, ...rest(reader)].map((part) => [part?.rows.length, part?.isWhole, part?.isLast])).toEqual([[1000, true, false], [1000, false, false], [500, false, true], [1, false, true]]);
  });

  test('a reader that is too far behind gets the whole again', () => {
    const feed = feedOf(row('a'));
    const reader = new TableReader(feed);
    rest(reader);
    for (let value = 0; value < 20_000; value += 1) feed.put(row('b', value), at(0));
    expect(rest(reader).map(({ isWhole, rows }) => [isWhole, rows.length])).toEqual([[true, 2]]);
  });

  test('readers at one version share the message', () => {
    const feed = feedOf(row('a'));
    const readers = [new TableReader(feed), new TableReader(feed)];
    readers.forEach((reader) => rest(reader));
    feed.put(row('b'), at(1));
    const [one, other] = readers.map((reader) => reader.next(at(2)));
    expect(one).toBe(other);
  });

  test('says what a reader must have only when the reader was sent it', () => {
    const feed = feedOf(row('a'));
    const reader = new TableReader(feed);
    expect(reader.state).toBeUndefined();
    rest(reader);
    expect(reader.state).toEqual({ version: 1, digest: feed.digest });
    feed.put(row('b'), at(0));
    expect(reader.state).toBeUndefined();
  });

  test('whatever happens, every reader ends with the same rows', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('put' as const), name: fc.constantFrom('a', 'b', 'c'), value: fc.nat(3) }),
      fc.record({ do: fc.constant('drop' as const), name: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ do: fc.constantFrom('read' as const, 'restart' as const), reader: fc.nat(1) }),
    );
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const feed = feedOf();
      const readers = [0, 1].map(() => ({ reader: new TableReader(feed), copy: new Copy() }));
      for (const one of steps) {
        if (one.do === 'put') feed.put(row(one.name, one.value), at(0));
        else if (one.do === 'drop') feed.drop(one.name, at(0));
        else if (one.do === 'restart') readers[one.reader]?.reader.restart();
        else readers[one.reader]?.copy.take(readers[one.reader]?.reader.next(at(0)));
      }
      for (const { reader, copy } of readers) {
        for (const part of rest(reader)) copy.take(part);
        expect([...copy.rows.values()].map(rowText).sort()).toEqual(feed.rows.map(rowText).sort());
        expect([copy.digest, reader.state?.digest]).toEqual([feed.digest, feed.digest]);
      }
    }));
  });
});
