import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { availabilityOf, type Instant, maxUnavailable, type NodeBody, parseInstance, parseServiceRevision, type ServiceRollout } from '../src/model/index.js';
import { line, type SpecOver, world, type World } from '../src/testing/world.js';
import { CONTROLLERS } from './index.js';

/** What can happen between two looks of the controllers. Numbers choose among what there is. */
type Happening =
  | { readonly what: 'apply'; readonly image: number; readonly instances: number }
  | { readonly what: 'remove' | 'declareAgain' }
  | { readonly what: 'drain' | 'activate' | 'silence' | 'wake' | 'label'; readonly node: number }
  | { readonly what: 'crash' | 'restart'; readonly pick: number }
  | { readonly what: 'restartMaster' }
  | { readonly what: 'wait'; readonly seconds: number };

const NODES = 4;

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('apply' as const), image: fc.integer({ min: 1, max: 4 }), instances: fc.integer({ min: 0, max: 7 }) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constantFrom('remove' as const, 'declareAgain' as const) }) },
  { weight: 5, arbitrary: fc.record({ what: fc.constantFrom('drain' as const, 'activate' as const, 'silence' as const, 'wake' as const, 'label' as const), node: fc.integer({ min: 1, max: NODES }) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constantFrom('crash' as const, 'restart' as const), pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('restartMaster' as const) }) },
  { weight: 6, arbitrary: fc.record({ what: fc.constant('wait' as const), seconds: fc.constantFrom(1, 25, 130, 700) }) },
);

const deploy = fc.record({
  strategy: fc.constantFrom('ha' as const, 'random' as const, 'daemon' as const),
  minHealth: fc.constantFrom(0, 0.5, 0.8, 1),
  order: fc.constantFrom('stop-first' as const, 'start-first' as const),
  settleSeconds: fc.constantFrom(0, 0, 10),
});

const nameOf = (node: number): string => `n${String(node)}`;

/** A grid with its controllers, and agents that do as they are told, one stage at a time, while their node is not silent. */
class Grid {
  readonly records: World = world();
  /** What runs on the nodes, whether the master hears of it or not. */
  readonly containers = new Map<string, 'starting' | 'running' | 'failed'>();
  /** Images whose containers end at once. */
  readonly broken = new Set<string>();
  readonly #silent = new Set<string>();
  readonly #spec: SpecOver;
  #now = 0;
  #declared: { readonly image: number; readonly instances: number } = { image: 1, instances: 3 };

  constructor(spec: SpecOver) {
    this.#spec = spec;
    for (let node = 1; node <= NODES; node += 1) this.records.node(`n${String(node)}`, { labels: node % 2 === 0 ? ['az=a'] : ['az=b'] }).pulse(`n${String(node)}`, 'heard');
    this.declare();
  }

  get now(): Instant {
    return this.#now as Instant;
  }

  declare(): void {
    const { image, instances } = this.#declared;
    this.records.stack('todo', { web: { ...this.#spec, image: `web:${String(image)}`, instances } });
  }

  happens(event: Happening): void {
    this.#handlers[event.what](event as never);
  }

  readonly #handlers: { readonly [W in Happening['what']]: (event: Extract<Happening, { readonly what: W }>) => void } = {
    apply: (event) => {
      this.#declared = event;
      this.declare();
    },
    declareAgain: () => this.declare(),
    remove: () => void this.records.without('Stack', 'todo'),
    drain: ({ node }) => this.#change(node, { availability: 'drain' }),
    activate: ({ node }) => this.#change(node, { availability: 'active' }),
    label: ({ node }) => this.#change(node, { labels: ['az=a', 'moved'] }),
    silence: ({ node }) => {
      this.#silent.add(nameOf(node));
      this.records.pulse(nameOf(node), 'silent', this.#now);
    },
    wake: ({ node }) => this.#wake(nameOf(node)),
    crash: ({ pick }) => this.#disturb(pick, 'failed'),
    restart: ({ pick }) => this.#disturb(pick, 'starting'),
    restartMaster: () => {
      for (const { name } of this.records.list('Report')) this.records.without('Report', name);
    },
    wait: ({ seconds }) => {
      this.#now += seconds * 1000;
      this.records.at(this.#now);
    },
  };

  #change(node: number, over: Partial<NodeBody>): void {
    const before = this.records.get('Node', nameOf(node))!.body;
    this.records.with('Node', nameOf(node), { ...before, ...over });
  }

  #wake(node: string): void {
    this.#silent.delete(node);
    this.records.pulse(node, 'heard', this.#now);
  }

  #disturb(pick: number, becomes: 'failed' | 'starting'): void {
    const running = [...this.containers.keys()];
    const one = running[pick % Math.max(1, running.length)];
    if (one !== undefined) this.containers.set(one, becomes);
  }

  calm(): void {
    for (let node = 1; node <= NODES; node += 1) {
      this.happens({ what: 'activate', node });
      this.#wake(nameOf(node));
    }
    this.declare();
  }

  /** Every agent that is heard takes one step and reports. */
  agentsStep(): void {
    for (const { name, body } of this.records.list('Instance')) {
      if (this.#silent.has(body.node)) continue;
      if (body.wanted === 'stopped') this.containers.delete(name);
      else this.containers.set(name, this.containers.get(name) === undefined ? 'starting' : this.#outcome(body));
      const phase = body.wanted === 'stopped' ? 'stopped' : this.containers.get(name)!;
      const said = this.records.get('Report', name)?.body.phase;
      if (said !== phase) this.records.report(name, phase);
    }
    for (const name of this.containers.keys()) {
      if (this.records.get('Instance', name) === undefined) this.containers.delete(name);
    }
  }

  #outcome({ service, revision }: { readonly service: string; readonly revision: number }): 'running' | 'failed' {
    const image = this.records.get('Service', `${service}@${String(revision)}`)?.body.spec.image ?? '';
    return this.broken.has(image) ? 'failed' : 'running';
  }

  /** The same file once more, as the api records it when a rollout went back. */
  applyAgain(): void {
    const { body } = this.records.get('Stack', 'todo')!;
    this.records.with('Stack', 'todo', { ...body, retries: { web: (body.retries?.['web'] ?? 0) + 1 } });
  }

  get rollout(): ServiceRollout | undefined {
    return this.records.get('Rollout', 'todo')?.body.services['web'];
  }

  /** Every controller looks once at each of its subjects. Returns the steps as lines. */
  controllersStep(check: (before: number, service: string) => void = () => undefined): readonly string[] {
    return CONTROLLERS.flatMap((controller) => controller.subjects(this.records).flatMap((subject) => {
      const before = this.missing();
      const { steps } = controller.plan(subject, this.records, this.now);
      expect(controller.plan(subject, this.records, this.now).steps).toEqual(steps);
      this.records.apply(steps);
      expect(controller.plan(subject, this.records, this.now).steps.map(line)).toEqual([]);
      if (controller.name === 'scheduler') check(before, subject);
      return steps.map(line);
    }));
  }

  /** What the rollout says of `todo/web` now. */
  get order(): { readonly instances: number; readonly minHealth: number } | undefined {
    const { rollout } = this;
    const spec = rollout === undefined ? undefined : this.records.get('Service', `todo/web@${String(rollout.revision)}`)?.body.spec;
    return spec === undefined ? undefined : { instances: spec.instances, minHealth: spec.deploy.minHealth };
  }

  /** Slots that are to be and do not serve, as the master sees it. */
  missing(): number {
    const serving = new Set(this.records.instancesOf('todo/web').filter(({ name, body }) => {
      const spec = this.records.get('Service', `todo/web@${String(body.revision)}`)?.body.spec;
      return availabilityOf({ instance: body, report: this.records.get('Report', name)?.body, health: this.records.get('Health', body.node)?.body, spec }) === 'available';
    }).map(({ body }) => body.slot));
    return Array.from({ length: this.order?.instances ?? 0 }, (_, index) => index + 1).filter((slot) => !serving.has(slot)).length;
  }

  /** Slots with more than one container alive, wherever. */
  doubled(): readonly number[] {
    const slots = [...this.containers.keys()].map((name) => parseInstance(name)!.slot);
    return slots.filter((slot, index) => slots.indexOf(slot) !== index);
  }
}

/** Until nothing changes for longer than a node's return takes. */
const settle = (grid: Grid): void => {
  let quiet = 0;
  for (let round = 0; round < 400; round += 1) {
    grid.agentsStep();
    quiet = grid.controllersStep().length === 0 ? quiet + 1 : 0;
    grid.happens({ what: 'wait', seconds: 11 });
    if (quiet === 4) return;
  }
  throw new Error(`it does not come to rest: ${grid.controllersStep().join('\n')}`);
};

describe('the controllers together', () => {
  test('never take more slots away than promised, and come to what is declared', () => {
    fc.assert(fc.property(deploy.filter(({ strategy }) => strategy !== 'daemon'), fc.array(happening, { maxLength: 25 }), (how, happenings) => {
      const grid = new Grid({ deploy: how });
      for (const event of happenings) {
        grid.happens(event);
        grid.agentsStep();
        grid.controllersStep((before) => {
          const allowed = grid.order === undefined ? Infinity : maxUnavailable(grid.order.instances, grid.order.minHealth);
          expect(grid.missing()).toBeLessThanOrEqual(Math.max(before, allowed));
        });
      }
      grid.calm();
      settle(grid);
      expectDeclared(grid);
    }), { numRuns: 80 });
  });

  test('never let two containers of a stateful slot live', () => {
    fc.assert(fc.property(deploy, fc.array(happening, { maxLength: 30 }), (how, happenings) => {
      const grid = new Grid({ deploy: how, stateful: true });
      for (const event of happenings) {
        grid.happens(event);
        grid.agentsStep();
        grid.controllersStep();
        expect(grid.doubled()).toEqual([]);
      }
    }), { numRuns: 80 });
  });

  test('bring a daemon to every node', () => {
    fc.assert(fc.property(deploy, fc.array(happening, { maxLength: 20 }), (how, happenings) => {
      const grid = new Grid({ deploy: { ...how, strategy: 'daemon' } });
      for (const event of happenings) {
        grid.happens(event);
        grid.agentsStep();
        grid.controllersStep();
      }
      grid.happens({ what: 'apply', image: 9, instances: 2 });
      grid.calm();
      settle(grid);
      const perNode = new Map<string, number>();
      for (const { body } of grid.records.instancesOf('todo/web')) perNode.set(body.node, (perNode.get(body.node) ?? 0) + 1);
      expect([...perNode.values()]).toEqual([2, 2, 2, 2]);
    }), {
      numRuns: 40,
      examples: [[
        { strategy: 'daemon', minHealth: 0, order: 'stop-first', settleSeconds: 0 },
        [...[3, 2, 4, 1].map((node): Happening => ({ what: 'silence', node })), { what: 'apply', image: 1, instances: 0 }], // all of it is gone when it is wanted again
      ]],
    });
  });

  const stateless = deploy.filter(({ strategy }) => strategy !== 'daemon');

  /** Steps until nothing changes, with a look at the bound after each of the scheduler's. */
  const settleWithinBound = (grid: Grid): void => {
    let quiet = 0;
    for (let round = 0; round < 400 && quiet < 4; round += 1) {
      grid.agentsStep();
      const lines = grid.controllersStep((before) => {
        const allowed = grid.order === undefined ? Infinity : maxUnavailable(grid.order.instances, grid.order.minHealth);
        expect(grid.missing()).toBeLessThanOrEqual(Math.max(before, allowed));
      });
      quiet = lines.length === 0 ? quiet + 1 : 0;
      grid.happens({ what: 'wait', seconds: 11 });
    }
    expect(quiet).toBe(4);
  };

  test('go back from what does not come up, within the bound, stay there, and try again when told to', () => {
    fc.assert(fc.property(stateless, fc.integer({ min: 1, max: 7 }), fc.boolean(), fc.integer({ min: 0, max: 6 }), (how, instances, stateful, rounds) => {
      const grid = new Grid({ deploy: { ...how, onFailure: 'revert' }, stateful });
      grid.happens({ what: 'apply', image: 1, instances });
      settle(grid);
      const good = grid.rollout!.revision;
      // It is found out while the first slots move, or when some serve already.
      if (rounds === 0) grid.broken.add('web:2');
      grid.happens({ what: 'apply', image: 2, instances });
      for (let round = 0; round < rounds; round += 1) {
        grid.agentsStep();
        grid.controllersStep();
      }
      grid.broken.add('web:2');
      settleWithinBound(grid);
      const hasCome = grid.rollout!.reverted === undefined;
      if (!hasCome) {
        expect(grid.rollout).toMatchObject({ revision: good, still: {}, complete: { revision: good } });
        expect(grid.records.instancesOf('todo/web').map(({ body }) => body.revision)).toEqual(Array.from({ length: instances }, () => good));
        expect(grid.missing()).toBe(0);
        grid.broken.clear();
        grid.applyAgain();
        settleWithinBound(grid);
      }
      grid.broken.clear();
      settle(grid);
      expect(grid.rollout!.reverted).toBeUndefined();
      expectDeclared(grid);
    }), { numRuns: 40 });
  });

  test('take a daemon back on every node', () => {
    const grid = new Grid({ deploy: { strategy: 'daemon', onFailure: 'revert' } });
    grid.happens({ what: 'apply', image: 1, instances: 2 });
    settle(grid);
    const good = grid.rollout!.revision;
    grid.broken.add('web:2');
    grid.happens({ what: 'apply', image: 2, instances: 2 });
    settle(grid);
    expect(grid.rollout).toMatchObject({ revision: good, still: {}, reverted: { retries: 0 } });
    expect(grid.records.instancesOf('todo/web').map(({ body }) => body.revision)).toEqual(Array.from({ length: 2 * NODES }, () => good));
  });

  test('replace what runs by its like when its interval is over, within the bound, and only then', () => {
    fc.assert(fc.property(stateless, fc.integer({ min: 1, max: 7 }), (how, instances) => {
      const grid = new Grid({ deploy: { ...how, intervalSeconds: 5000 } });
      grid.happens({ what: 'apply', image: 1, instances });
      settle(grid);
      const rounds = (): readonly string[] => grid.records.instancesOf('todo/web').map(({ name }) => name);
      const before = rounds();
      grid.happens({ what: 'wait', seconds: 4000 });
      expect(grid.controllersStep()).toEqual([]);
      grid.happens({ what: 'wait', seconds: 1001 });
      settleWithinBound(grid);
      expect(rounds().filter((name) => before.includes(name))).toEqual([]);
      expectDeclared(grid);
    }), { numRuns: 20 });
  });

  test('with start-first, a rollout without faults takes nothing away', () => {
    const grid = new Grid({ deploy: { order: 'start-first', minHealth: 0.5 } });
    settle(grid);
    grid.happens({ what: 'apply', image: 2, instances: 3 });
    for (let round = 0; round < 40; round += 1) {
      grid.controllersStep();
      expect(grid.missing()).toBe(0);
      grid.agentsStep();
    }
    expectDeclared(grid);
  });

  test('leave nothing of a stack that is removed', () => {
    const grid = new Grid({});
    settle(grid);
    grid.happens({ what: 'remove' });
    settle(grid);
    expect((['Service', 'Rollout', 'Instance', 'Placement'] as const).flatMap((kind) => grid.records.list(kind))).toEqual([]);
  });
});

/** One revision is current, and what else is kept is there to go back to; every slot serves it, once. */
function expectDeclared(grid: Grid): void {
  const services = grid.records.list('Service').filter(({ body }) => body.isCurrent);
  expect(services).toHaveLength(1);
  const kept = grid.records.list('Service').filter(({ body }) => !body.isCurrent);
  expect(kept.map(({ name }) => parseServiceRevision(name)!.revision).filter((revision) => revision !== grid.rollout!.complete?.revision)).toEqual([]);
  const instances = grid.records.instancesOf('todo/web');
  const revision = parseServiceRevision(services[0]!.name)!.revision;
  expect(instances.map(({ body }) => body.revision)).toEqual(instances.map(() => revision));
  expect(instances.map(({ body }) => body.slot)).toEqual(Array.from({ length: services[0]!.body.spec.instances }, (_, index) => index + 1));
  expect(grid.missing()).toBe(0);
  expect(grid.records.list('Placement')).toEqual([]);
}
