import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Entry } from './entry.js';
import { Heads } from './heads.js';
import { instanceName, parseInstance } from './names.js';
import type { InstanceBody } from './records.js';
import type { Instant } from './time.js';

const about = { revision: 1, createdAt: 0 as Instant, updatedAt: 0 as Instant, updatedBy: 'scheduler' };
const instance = (name: string, node: string, reserves: Partial<InstanceBody['reserves']> = {}): Entry<'Instance'> => {
  const { service, slot, round } = parseInstance(name)!;
  return { kind: 'Instance', name, body: { service, slot, revision: round, node, wanted: 'running', reserves: { cpus: 0, memoryBytes: 0, ports: [], ...reserves } }, ...about };
};
const placement = (name: string): Entry => ({ kind: 'Placement', name, body: { slots: [], reason: '', refusals: [] }, ...about });
const namesOf = (entries: readonly Entry[]): readonly string[] => entries.map(({ name }) => name);

describe('lists', () => {
  test('are of one kind, in the order of names, and stay inside the prefix', () => {
    const heads = new Heads();
    for (const name of ['b/x', 'a/xz', 'a/x', 'a/x-y']) heads.put(placement(name));
    heads.put(instance('a/x.1@1', 'n1'));
    expect(namesOf(heads.list('Placement'))).toEqual(['a/x', 'a/x-y', 'a/xz', 'b/x']);
    expect(namesOf(heads.list('Placement', 'a/x'))).toEqual(['a/x', 'a/x-y', 'a/xz']);
    expect(namesOf(heads.list('Placement', 'c'))).toEqual([]);
    expect(heads.list('Stack')).toEqual([]);
  });

  test('many new names at once are in order too', () => {
    const heads = new Heads();
    const names = Array.from({ length: 500 }, (_, i) => `s/${String((i * 7919) % 500).padStart(3, '0')}`);
    for (const name of names) heads.put(placement(name));
    expect(namesOf(heads.list('Placement'))).toEqual(names.toSorted());
  });
});

describe('indexes of instances', () => {
  test('are in the order of service, slot and round, by number', () => {
    const heads = new Heads();
    for (const name of ['a/x.10@1', 'a/x.2@11', 'a/x.2@9', 'a/b.3@1']) heads.put(instance(name, 'n1'));
    expect(namesOf(heads.instancesOf('a/x'))).toEqual(['a/x.2@9', 'a/x.2@11', 'a/x.10@1']);
    expect(namesOf(heads.instancesOn('n1'))).toEqual(['a/b.3@1', 'a/x.2@9', 'a/x.2@11', 'a/x.10@1']);
    expect([heads.instancesOf('a/y'), heads.instancesOn('n2')]).toEqual([[], []]);
  });

  test('what a node has to give adds up, without the drift of fractions', () => {
    const heads = new Heads();
    heads.put(instance('a/x.1@1', 'n1', { cpus: 0.1, memoryBytes: 5, ports: ['tcp/0.0.0.0/80'] }));
    heads.put(instance('a/x.2@1', 'n1', { cpus: 0.2, memoryBytes: 7, ports: ['tcp/0.0.0.0/80', 'udp/0.0.0.0/53'] }));
    expect(heads.reservedOn('n1')).toMatchObject({ cpus: 0.3, memoryBytes: 12, instances: 2, ports: new Map([['tcp/0.0.0.0/80', 2], ['udp/0.0.0.0/53', 1]]) });
    heads.put(instance('a/x.2@1', 'n2', { cpus: 1 }));
    expect(heads.reservedOn('n1')).toMatchObject({ cpus: 0.1, memoryBytes: 5, instances: 1, ports: new Map([['tcp/0.0.0.0/80', 1]]) });
    heads.drop('Instance', 'a/x.1@1');
    expect(heads.reservedOn('n1')).toMatchObject({ cpus: 0, memoryBytes: 0, instances: 0, ports: new Map() });
  });
});

test('a copy has the records asked for, and changes apart', () => {
  const heads = new Heads();
  heads.put(placement('a/x'));
  heads.put(instance('a/x.1@1', 'n1'));
  const copy = heads.copy(({ kind }) => kind === 'Instance');
  heads.drop('Instance', 'a/x.1@1');
  expect([namesOf(copy.instancesOn('n1')), copy.list('Placement')]).toEqual([['a/x.1@1'], []]);
});

test('is empty until something is put, and when all is dropped', () => {
  const heads = new Heads();
  expect(heads.isEmpty).toBe(true);
  heads.put(placement('a/x'));
  expect(heads.isEmpty).toBe(false);
  heads.drop('Placement', 'a/x');
  expect(heads.isEmpty).toBe(true);
});

const PUT = fc.record({ service: fc.constantFrom('a/x', 'a/y', 'b/x'), slot: fc.integer({ min: 1, max: 4 }), round: fc.integer({ min: 1, max: 3 }), node: fc.constantFrom('n1', 'n2'), cpus: fc.integer({ min: 0, max: 9 }).map((tenths) => tenths / 10), isDrop: fc.boolean(), isAsked: fc.boolean() });

test('whatever is put and dropped, in whatever order it is asked: as a plain list would answer', () => {
  fc.assert(fc.property(fc.array(PUT, { maxLength: 60 }), (changes) => {
    const heads = new Heads();
    const plain = new Map<string, Entry<'Instance'>>();
    for (const { service, slot, round, node, cpus, isDrop, isAsked } of changes) {
      const name = instanceName(service, slot, round);
      if (isDrop) heads.drop('Instance', name);
      else heads.put(instance(name, node, { cpus }));
      if (isDrop) plain.delete(name);
      else plain.set(name, heads.get('Instance', name)!);
      if (isAsked) expect([heads.list('Instance', 'a/').length, heads.instancesOf('a/x').length]).toBeDefined();
    }
    const all = [...plain.values()];
    const byName = (entries: readonly Entry[]) => namesOf(entries).toSorted();
    expect(namesOf(heads.list('Instance'))).toEqual([...plain.keys()].sort());
    expect(byName(heads.list('Instance', 'a/'))).toEqual(byName(all.filter(({ name }) => name.startsWith('a/'))));
    expect(byName(heads.instancesOf('a/x'))).toEqual(byName(all.filter(({ body }) => body.service === 'a/x')));
    const onN1 = all.filter(({ body }) => body.node === 'n1');
    expect(byName(heads.instancesOn('n1'))).toEqual(byName(onN1));
    expect(heads.reservedOn('n1').instances).toBe(onN1.length);
    expect(heads.reservedOn('n1').cpus).toBeCloseTo(onN1.reduce((sum, { body }) => sum + body.reserves.cpus, 0), 6);
  }));
});
