import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Instant } from '../src/model/index.js';
import { line, type SpecOver, world } from '../src/testing/world.js';
import { CONTROLLERS } from './index.js';

const NAMES = ['a', 'b', 'c', 'd'];
const service = fc.record({
  links: fc.subarray(NAMES),
  instances: fc.integer({ min: 0, max: 2 }),
  strategy: fc.constantFrom('ha' as const, 'ha' as const, 'daemon' as const),
  isFitting: fc.constantFrom(true, true, false),
});

type Links = Readonly<Record<string, readonly string[]>>;
const reaches = (from: string, to: string, links: Links, seen: readonly string[] = []): boolean =>
  (links[from] ?? []).some((next) => next === to || (!seen.includes(next) && reaches(next, to, links, [...seen, next])));

test('whatever links to whatever, all of a stack begins, and nothing before what it links to serves', () => {
  fc.assert(fc.property(fc.tuple(service, service, service, service), (wanted) => {
    const links: Links = Object.fromEntries(wanted.map((one, index) => [NAMES[index]!, one.links]));
    const specs = wanted.map(({ instances, strategy, isFitting }, index): [string, SpecOver] => [NAMES[index]!, {
      // A daemon may have no node at all; any other that has none keeps those that link to it waiting.
      instances: strategy === 'daemon' ? Math.max(1, instances) : instances, deploy: { strategy }, affinity: strategy === 'daemon' && !isFitting ? ['label==none'] : [],
      links: links[NAMES[index]!]!.map((name) => ({ service: `todo/${name}`, alias: name })),
    }]);
    const records = world().node('n1').node('n2').pulse('n1', 'heard').pulse('n2', 'heard').stack('todo', Object.fromEntries(specs));
    const hasBegun = (name: string): boolean => records.get('Rollout', 'todo')?.body.services[name] !== undefined;
    const serves = (name: string): boolean => hasBegun(name) && records.instancesOf(`todo/${name}`).every((entry) => records.get('Report', entry.name)?.body.phase === 'running');

    let now = 0;
    for (let quiet = 0, round = 0; quiet < 3 && round < 60; round += 1, now += 600) {
      records.at(now);
      const before = NAMES.filter(hasBegun);
      const serving = NAMES.filter(serves);
      const said = CONTROLLERS.flatMap((controller) => controller.subjects(records).flatMap((subject) => {
        const { steps } = controller.plan(subject, records, now as Instant);
        records.apply(steps);
        return steps.map(line);
      }));
      for (const name of NAMES.filter((one) => hasBegun(one) && !before.includes(one))) {
        const first = links[name]!.filter((other) => !reaches(other, name, links) && records.instancesOf(`todo/${other}`).length > 0);
        expect(serving).toEqual(expect.arrayContaining(first));
      }
      for (const { name } of records.list('Instance')) {
        const phase = records.get('Report', name)?.body.phase;
        if (phase !== 'running') records.report(name, phase === undefined ? 'starting' : 'running');
      }
      quiet = said.length === 0 ? quiet + 1 : 0;
    }
    expect(NAMES.filter(hasBegun)).toEqual(NAMES);
    expect(records.get('Rollout', 'todo')?.body.waits).toBeUndefined();
  }), { numRuns: 150 });
});
