import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ListQuery, Resource } from '../ports/index.js';
import { settled } from '../testing/fake-clock.js';
import { collect, openApi, type OpenedApi, stackSpec } from '../testing/opened-api.js';
import { serviceSpec } from '../testing/world.js';

let api: OpenedApi;
let stops: (() => void)[] = [];
beforeEach(async () => {
  api = await openApi();
  await api.control.stacks.apply({ grid: 'default', stack: stackSpec('todo', { web: { instances: 2 }, db: {} }), dryRun: false });
  await api.write('Node', 'n1', { number: 1, labels: [], availability: 'active', keyFingerprint: '' });
  await api.write('Pulse', 'n1', { state: 'heard', since: api.clock.now() });
  await api.write('Service', 'todo/web@2', { spec: serviceSpec({ instances: 2 }), isCurrent: true });
});
afterEach(async () => {
  for (const stop of stops) stop();
  stops = [];
  await settled();
  await api.close();
});

const reserves = { cpus: 0, memoryBytes: 0, ports: [] };
const place = (name: string, slot: number, wanted: 'running' | 'stopped' = 'running') =>
  api.write('Instance', name, { service: 'todo/web', slot, revision: 2, node: 'n1', wanted, reserves });
const report = (name: string, phase: 'running' | 'failed', restarts = 0) => api.write('Report', name, { node: 'n1', phase, since: api.clock.now(), restarts });
const names = async (query: Partial<ListQuery> & Pick<ListQuery, 'kind'>) => (await collect(api.control.resources.list({ grid: 'default', ...query }))).map(({ name }) => name);

/** What a watcher has been told and not yet asked for. */
function watch(query: Partial<ListQuery> & Pick<ListQuery, 'kind'>): () => Promise<readonly string[]> {
  const told: string[] = [];
  const abort = new AbortController();
  stops.push(() => abort.abort());
  const stateOf = ({ status: { phase, state } }: Resource): string => [phase, state].filter((text) => typeof text === 'string').join();
  const line = (resource: Resource, isGone: boolean): string => `${isGone ? '-' : '+'} ${resource.name} ${stateOf(resource)}`.trim();
  void (async () => {
    for await (const { resource, isGone } of api.control.resources.watch({ grid: 'default', ...query }, abort.signal)) told.push(line(resource, isGone));
  })();
  return async () => {
    await settled();
    return told.splice(0);
  };
}

describe('list', () => {
  test('takes short names, names with their kind, and what belongs to a stack or service', async () => {
    await place('todo/web.1@3', 1, 'stopped');
    await place('todo/web.1@4', 1);
    expect(await names({ kind: 'instance', name: 'todo/web.1' })).toEqual(['todo/web.1@4']);
    expect(await names({ kind: 'instance', name: 'instance/todo/web.1@3' })).toEqual(['todo/web.1@3']);
    expect(await names({ kind: 'service', name: 'web' })).toEqual(['todo/web']);
    expect(await names({ kind: 'service', name: 'service/todo/web' })).toEqual(['todo/web']);
    expect(await names({ kind: 'stack', name: 'stack/todo' })).toEqual(['todo']);
    expect(await names({ kind: 'node', name: 'node/n1' })).toEqual(['n1']);
    expect(await names({ kind: 'instance', of: 'todo' })).toHaveLength(2);
    expect(await names({ kind: 'instance', of: 'todo/web' })).toHaveLength(2);
    await expect(names({ kind: 'instance', of: 'todo/we' })).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
    expect(await names({ kind: 'grid' })).toEqual(['default']);
  });

  test.each([{ kind: 'stack', name: 'tod' }, { kind: 'service', name: 'todo' }, { kind: 'node', name: 'n' }, { kind: 'grid', name: 'none' }, { kind: 'node', grid: 'none' }] as const)(
    'of what is not there is refused: %j',
    async (query) => {
      await expect(names(query)).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
    },
  );
});

describe('watch', () => {
  test('tells everything first, then what has changed, each once', async () => {
    await place('todo/web.1@3', 1);
    const told = watch({ kind: 'instance' });
    expect(await told()).toEqual(['+ todo/web.1@3 pending']);
    await report('todo/web.1@3', 'running');
    expect(await told()).toEqual(['+ todo/web.1@3 running']);
    await report('todo/web.1@3', 'running');
    await api.write('Pulse', 'n1', { state: 'heard', since: api.clock.now() });
    expect(await told()).toEqual([]);
    await place('todo/web.2@4', 2);
    await api.erase('Instance', 'todo/web.1@3');
    expect(await told()).toEqual(['+ todo/web.2@4 pending', '- todo/web.1@3']);
  });

  test('tells what a silent node means for its instances, their service and the node', async () => {
    await place('todo/web.1@3', 1);
    await report('todo/web.1@3', 'running');
    const [instances, services, stacks, nodes] = [watch({ kind: 'instance' }), watch({ kind: 'service' }), watch({ kind: 'stack' }), watch({ kind: 'node' })];
    await Promise.all([instances(), services(), stacks(), nodes()]);
    await api.write('Pulse', 'n1', { state: 'silent', since: api.clock.now() });
    expect(await instances()).toEqual(['+ todo/web.1@3 running']);
    expect(await services()).toEqual(['+ todo/web degraded']);
    expect(await stacks()).toEqual(['+ todo degraded']);
    expect(await nodes()).toEqual([]); // what became of the node itself is for node-health to say
  });

  test('a pending slot comes and goes with its placement', async () => {
    const told = watch({ kind: 'instance', of: 'todo/web' });
    await api.write('Placement', 'todo/web', { slots: [1, 2], reason: 'no node', refusals: [] });
    expect(await told()).toEqual(['+ todo/web.1 pending', '+ todo/web.2 pending']);
    await api.write('Placement', 'todo/web', { slots: [2], reason: 'no node', refusals: [] });
    expect((await told())[0]).toBe('- todo/web.1');
    await api.erase('Placement', 'todo/web');
    expect(await told()).toEqual(['- todo/web.2']);
  });

  test('a node is told when it bears more or less', async () => {
    const told = watch({ kind: 'node' });
    await told();
    await place('todo/web.1@3', 1);
    expect(await told()).toHaveLength(1);
    await api.erase('Instance', 'todo/web.1@3');
    expect(await told()).toHaveLength(1);
  });

  test('of one name tells nothing of others', async () => {
    await place('todo/web.1@3', 1);
    const told = watch({ kind: 'instance', name: 'todo/web.1' });
    expect(await told()).toHaveLength(1);
    await place('todo/web.2@4', 2);
    expect(await told()).toEqual([]);
  });

  test('a reader who is late is told the newest only', async () => {
    await place('todo/web.1@3', 1);
    const abort = new AbortController();
    const reading = api.control.resources.watch({ grid: 'default', kind: 'instance' }, abort.signal)[Symbol.asyncIterator]();
    await reading.next();
    for (let restarts = 0; restarts < 50; restarts += 1) {
      await report('todo/web.1@3', 'failed', restarts);
      await settled();
    }
    expect((await reading.next()).value).toMatchObject({ resource: { status: { restarts: 49 } } });
    abort.abort();
    expect(await reading.next()).toMatchObject({ done: true });
  });

  test('leaves no listener and no alarm behind', async () => {
    const told = watch({ kind: 'instance' });
    await told();
    for (const stop of stops) stop();
    await settled();
    await place('todo/web.1@3', 1);
    expect(await told()).toEqual([]);
    expect(api.clock.pending).toBe(0);
  });
});

describe('sources', () => {
  test('an error is shown with the stack, and taken back', async () => {
    const source = { directory: '/d', file: '/d/todo.yml', stack: 'todo' };
    const stack = async (): Promise<unknown> => (await collect(api.control.resources.list({ grid: 'default', kind: 'stack', name: 'todo' })))[0]?.status.sourceError;
    const told = watch({ kind: 'stack' });
    await told();
    await api.control.sources.report('default', { ...source, error: 'line 3: no' });
    expect(await stack()).toBe('line 3: no');
    expect(await told()).toHaveLength(1);
    await api.control.sources.report('default', source);
    expect(await stack()).toBeUndefined();
    expect(await names({ kind: 'source' })).toEqual(['/d/todo.yml']);
    await api.control.sources.report('default', { ...source, isGone: true });
    expect(await names({ kind: 'source' })).toEqual([]);
  });
});
