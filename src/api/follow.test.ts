import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { CONTROLLERS } from '../../controllers/index.js';
import type { InstancePhase, ReportBody } from '../model/index.js';
import type { Progress } from '../ports/index.js';
import { type Running, run } from '../reconcile/index.js';
import { settled } from '../testing/fake-clock.js';
import { FakeRandom } from '../testing/fake-random.js';
import { openApi, type OpenedApi, stackSpec } from '../testing/opened-api.js';

let api: OpenedApi;
let loops: readonly Running[];
let stopAgents = (): void => undefined;

beforeEach(async () => {
  api = await openApi();
  const { store, clock } = api;
  const onError = (subject: string, error: unknown): void => {
    throw new Error(subject, { cause: error });
  };
  loops = CONTROLLERS.map((controller) => run(controller, { store, clock, random: new FakeRandom(), onError }));
});
afterEach(async () => {
  stopAgents();
  await Promise.all(loops.map((loop) => loop.stop()));
  await api.close();
});

type Said = Partial<ReportBody> & { readonly phase: InstancePhase };

/** Nodes whose agents say of each instance what `behave` answers, at once; undefined leaves it unsaid. */
async function nodes(names: readonly string[], behave: (instance: string) => Said | undefined): Promise<void> {
  const { token } = await api.control.tokens.create('default', { ttlSeconds: 60, labels: [], uses: 9 });
  const { store, clock } = api;
  for (const name of names) {
    await api.enrolment.join({ token, name, labels: [], keyFingerprint: name });
    const facts = { agentVersion: '1', engineVersion: '20.10', engineApiVersion: '1.41', operatingSystem: '', kernel: '', architecture: '', cpus: 8, memoryBytes: 2 ** 34, volumeDrivers: ['local'], networkDrivers: [], addresses: [] };
    await api.write('Facts', name, facts);
    await api.write('Pulse', name, { state: 'heard', since: clock.now() });
  }
  stopAgents = store.watch((all) => {
    for (const { kind, name } of all) {
      const entry = kind === 'Instance' ? store.view('default').get('Instance', name) : undefined;
      if (entry === undefined) continue;
      const said = entry.body.wanted === 'stopped' ? { phase: 'stopped' as const } : behave(name);
      if (said !== undefined) void api.write('Report', name, { node: entry.body.node, since: clock.now(), restarts: 0, ...said });
    }
  });
  await settled();
}

const line = (event: Progress): string => {
  switch (event.type) {
    case 'instance':
      return `${event.instance.replace(/@.*/, '')} ${event.phase}`;
    case 'service':
      return `${event.service} ${event.running}/${event.wanted}`;
    case 'done':
      return 'done';
    case 'overtaken':
      return `overtaken at ${event.revision} by ${event.by}`;
    case 'failed':
      return `failed ${event.instance?.replace(/@.*/, '') ?? event.service}: ${event.reason} [${event.output.join('|')}]`;
  }
};

/** Time goes on in steps, so that what each sets off has come to rest before the next. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    for (let turn = 0; turn < 5; turn += 1) await settled();
    await api.clock.run(Math.min(left, 500));
  }
  for (let turn = 0; turn < 5; turn += 1) await settled();
}

/** Declares a stack and follows it while so much time passes. */
async function applyAndFollow(stack: ReturnType<typeof stackSpec>, ms: number): Promise<readonly string[]> {
  const { name, revision } = await api.control.stacks.apply({ grid: 'default', stack, dryRun: false });
  const abort = new AbortController();
  const told: string[] = [];
  const ended = (async () => {
    for await (const event of api.control.stacks.follow('default', name, revision, abort.signal)) told.push(line(event));
  })();
  await pass(ms);
  abort.abort();
  await ended;
  return told;
}

test('a stack that comes up is done a second after', async () => {
  await nodes(['n1', 'n2'], () => ({ phase: 'running' }));
  const told = await applyAndFollow(stackSpec('todo', { web: { instances: 2 } }), 1000);
  expect(told.slice(-2)).toEqual(['todo/web 2/2', 'done']);
  expect(await applyAndFollow(stackSpec('todo', { web: { instances: 2 } }), 0)).toEqual(['todo/web 2/2', 'done']);
});

test('replaced, scaled and reduced it is done when nothing old is left', async () => {
  await nodes(['n1', 'n2'], () => ({ phase: 'running' }));
  await applyAndFollow(stackSpec('todo', { web: { instances: 3 }, old: {} }), 1000);
  const told = await applyAndFollow(stackSpec('todo', { web: { instances: 5, image: 'web:2' } }), 2000);
  expect(told.at(-1)).toBe('done');
  const view = api.store.view('default');
  expect(view.list('Instance').filter(({ body }) => body.wanted === 'running').map(({ name, body }) => `${name.replace(/@.*/, '')} ${body.revision}`)).toHaveLength(5);
  expect(new Set(view.instancesOf('todo/web').map(({ body }) => body.revision)).size).toBe(1);
  expect(view.instancesOf('todo/old')).toEqual([]);
});

test('scaled up by hand, the new ones must run too; scaled to nothing, none', async () => {
  await nodes(['n1'], () => ({ phase: 'running' }));
  await applyAndFollow(stackSpec('todo', { web: { instances: 1 } }), 1000);
  const follow = async (instances: number): Promise<readonly string[]> => {
    const { revision } = await api.control.services.scale('default', 'todo/web', instances);
    const told: string[] = [];
    const ended = (async () => {
      for await (const event of api.control.stacks.follow('default', 'todo', revision, new AbortController().signal)) told.push(line(event));
    })();
    await pass(1500);
    await ended;
    return told;
  };
  expect((await follow(4)).slice(-2)).toEqual(['todo/web 4/4', 'done']);
  expect((await follow(0)).slice(-2)).toEqual(['todo/web 0/0', 'done']);
});

test('a daemon is done when it is on every node', async () => {
  await nodes(['n1', 'n2', 'n3'], () => ({ phase: 'running' }));
  expect((await applyAndFollow(stackSpec('todo', { web: { deploy: { strategy: 'daemon' } } }), 1500)).slice(-2)).toEqual(['todo/web 3/3', 'done']);
});

test('what fails for good is said with its last words', async () => {
  await nodes(['n1'], () => ({ phase: 'failed', reason: 'ended with exit code 3', restarts: 2, exitCode: 3, output: ['no such file'] }));
  expect((await applyAndFollow(stackSpec('todo'), 0)).at(-1)).toBe('failed todo/web.1: ended with exit code 3 [no such file]');
});

test('what another declaration takes the place of is overtaken, whether that comes before following begins or after', async () => {
  await nodes(['n1'], () => undefined);
  const other = api.as({ name: 'bob' });
  const { revision } = await api.control.stacks.apply({ grid: 'default', stack: stackSpec('todo'), dryRun: false });
  const follow = async (): Promise<string> => {
    const told: string[] = [];
    for await (const event of api.control.stacks.follow('default', 'todo', revision, new AbortController().signal)) told.push(line(event));
    return told.at(-1) ?? '';
  };
  const early = follow();
  await pass(500);
  const later = await other.stacks.apply({ grid: 'default', stack: stackSpec('todo', { web: { image: 'web:2' } }), dryRun: false });
  await pass(500);
  expect([await early, await follow()]).toEqual(Array.from({ length: 2 }, () => `overtaken at ${later.revision} by bob`));
});

test('the same declared again overtakes nothing', async () => {
  await nodes(['n1'], () => ({ phase: 'running' }));
  const { revision } = await api.control.stacks.apply({ grid: 'default', stack: stackSpec('todo'), dryRun: false });
  expect((await applyAndFollow(stackSpec('todo'), 1500)).at(-1)).toBe('done');
  const told: string[] = [];
  for await (const event of api.control.stacks.follow('default', 'todo', revision, new AbortController().signal)) told.push(line(event));
  expect(told.at(-1)).toBe('done');
});

test('what cannot be placed is said after three seconds, and a grid without nodes says so', async () => {
  expect((await applyAndFollow(stackSpec('todo'), 3000)).at(-1)).toContain('has no node');
  await nodes(['n1'], () => ({ phase: 'running' }));
  const told = await applyAndFollow(stackSpec('picky', { web: { affinity: ['label==ssd'] } }), 3000);
  expect(told.at(-1)).toMatch(/^failed picky\/web: .*ssd/);
});

test('what is silent is waited for, until one stops asking', async () => {
  await nodes(['n1'], () => undefined);
  expect(await applyAndFollow(stackSpec('todo'), 20_000)).toEqual(['todo/web 0/1', 'todo/web.1 pending']);
  expect(api.clock.pending).toBeLessThan(20); // those of the controllers
});

test('what was never declared is refused', async () => {
  const follow = (stack: string, revision: number) => api.control.stacks.follow('default', stack, revision, new AbortController().signal)[Symbol.asyncIterator]().next();
  await expect(follow('none', 1)).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  const { revision } = await api.control.stacks.apply({ grid: 'default', stack: stackSpec('todo'), dryRun: false });
  await expect(follow('todo', revision + 1000)).rejects.toMatchObject({ code: 'KON_REVISION_UNKNOWN' });
  await expect(follow('todo', 0)).resolves.toMatchObject({ done: false });
});
