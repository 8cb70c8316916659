import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { collect, openApi, type OpenedApi, stackSpec } from '../testing/opened-api.js';

let api: OpenedApi;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const apply = (stack = stackSpec('todo'), over: { readonly dryRun?: boolean; readonly origin?: string } = {}) =>
  api.control.stacks.apply({ grid: 'default', stack, dryRun: false, ...over });

describe('apply', () => {
  test('records what is new, and says so', async () => {
    const applied = await apply(stackSpec('todo', { web: { image: 'web:1', instances: 3 } }));
    expect(applied.differences).toEqual([
      { kind: 'Stack', name: 'todo', action: 'create', fields: [], replaces: false },
      { kind: 'Service', name: 'todo/web', action: 'create', replaces: false, fields: [{ path: 'image', from: undefined, to: 'web:1' }, { path: 'instances', from: undefined, to: 3 }] },
    ]);
    expect(api.store.view('default').get('Stack', 'todo')).toMatchObject({ revision: applied.revision, updatedBy: 'ada' });
  });

  test('writes nothing when all of it is so already, and answers with the revision that said it', async () => {
    const { revision } = await apply();
    await apply(stackSpec('other'));
    const before = api.store.revision;
    expect(await apply()).toMatchObject({ revision, differences: [] });
    expect(api.store.revision).toBe(before);
  });

  test('is a new attempt of what went back, also with the same file; scaling is none', async () => {
    await apply();
    const { revision } = api.store;
    const reverted = { from: revision, retries: 0, instance: 'todo/web.1@9', reason: 'no' };
    await api.write('Service', `todo/web@${String(revision)}`, { spec: stackSpec('todo').services['web']!, isCurrent: true });
    await api.write('Rollout', 'todo', { services: { web: { revision: 0, still: {}, reverted } } });
    const fields = [{ path: 'attempt', from: 1, to: 2 }];
    expect((await apply(stackSpec('todo'), { dryRun: true })).differences).toEqual([{ kind: 'Service', name: 'todo/web', action: 'update', fields, replaces: true }]);
    await api.control.services.scale('default', 'todo/web', 4);
    expect(api.store.view('default').get('Stack', 'todo')?.body).not.toHaveProperty('retries');
    await apply();
    expect(api.store.view('default').get('Stack', 'todo')?.body.retries).toEqual({ web: 1 });
    expect((await apply()).differences).toEqual([]);
  });

  test('looks only, when dry', async () => {
    const before = api.store.revision;
    expect((await apply(stackSpec('todo'), { dryRun: true })).differences).toHaveLength(2);
    expect(api.store.revision).toBe(before);
  });

  test('names every mistake at once, and records nothing', async () => {
    const before = api.store.revision;
    const stack = stackSpec('todo', {
      'we b': { instances: -1, links: [{ service: 'todo/redis', alias: 'redis' }, { service: 'data/pg', alias: 'pg' }], secrets: [{ secret: 'KEY', name: 'KEY', type: 'env' }], affinity: ['label=ssd'] },
    });
    const refusal = apply(stack);
    await expect(refusal).rejects.toMatchObject({ code: 'KON_STACK_INVALID' });
    await expect(refusal).rejects.toThrow(/instances: must be at least 0.*affinity.*cannot name a service.*todo\/redis, which does not exist.*data\/pg, which does not exist.*secret KEY does not exist/);
    expect(api.store.revision).toBe(before);
  });

  test.each([{}, { name: 'todo' }, { name: 'todo', services: null }, { name: 'todo', services: { web: {} } }, { name: 'todo', services: { web: null } }])(
    'refuses what no client of ours would send: %j',
    async (stack) => {
      await expect(api.control.stacks.apply({ grid: 'default', stack: JSON.parse(JSON.stringify(stack)), dryRun: false })).rejects.toMatchObject({ code: 'KON_STACK_INVALID' });
      expect(api.store.view('default').list('Stack')).toEqual([]);
    },
  );

  test('refuses links in a ring, in one stack and across stacks', async () => {
    await expect(apply(stackSpec('todo', { a: { links: [{ service: 'todo/b', alias: 'b' }] }, b: { links: [{ service: 'todo/a', alias: 'a' }] } })))
      .rejects.toThrow('a → b → a');
    await apply(stackSpec('one', { a: {} }));
    await apply(stackSpec('two', { b: { links: [{ service: 'one/a', alias: 'a' }] } }));
    await expect(apply(stackSpec('one', { a: { links: [{ service: 'two/b', alias: 'b' }] } }))).rejects.toThrow('one/a → two/b → one/a');
  });

  test('keeps a service that another stack links to, and the stack it is in', async () => {
    await apply(stackSpec('data', { pg: {}, old: {} }));
    await apply(stackSpec('todo', { web: { links: [{ service: 'data/pg', alias: 'pg' }] } }));
    await expect(apply(stackSpec('data', { old: {} }))).rejects.toThrow('data/pg cannot be removed: todo/web links to it');
    await expect(api.control.resources.remove('default', 'stack', 'data')).rejects.toMatchObject({ code: 'KON_CONFLICT' });
    await api.control.resources.remove('default', 'stack', 'stack/todo');
    await api.control.resources.remove('default', 'stack', 'data');
    expect(api.store.view('default').list('Stack')).toEqual([]);
  });

  test('lets a service go together with the links to it', async () => {
    await apply(stackSpec('todo', { web: { links: [{ service: 'todo/db', alias: 'db' }] }, db: {} }));
    expect((await apply(stackSpec('todo', { web: {} }))).differences).toContainEqual({ kind: 'Service', name: 'todo/db', action: 'delete', fields: [], replaces: false });
  });

  test('tells what makes containers anew from what does not, by field', async () => {
    await apply(stackSpec('todo', { a: { env: ['A=1', 'B=2'] }, b: {} }, { source: 'one' }));
    const { differences } = await apply(stackSpec('todo', { a: { env: ['B=2', 'A=3', 'C=4'] }, b: { deploy: { minHealth: 0.5 } } }, { source: 'two', version: '2' }));
    expect(differences).toEqual([
      { kind: 'Stack', name: 'todo', action: 'update', replaces: false, fields: [{ path: 'source', from: expect.stringMatching(/^sha256:/), to: expect.stringMatching(/^sha256:/) }, { path: 'version', from: undefined, to: '2' }] },
      { kind: 'Service', name: 'todo/a', action: 'update', replaces: true, fields: [{ path: 'environment.A', from: '1', to: '3' }, { path: 'environment.C', from: undefined, to: '4' }] },
      { kind: 'Service', name: 'todo/b', action: 'update', replaces: false, fields: [{ path: 'deploy.min_health', from: 0.8, to: 0.5 }] },
    ]);
  });

  test('refuses a host name that is too long', async () => {
    await expect(apply(stackSpec('a-stack-with-a-long-name', { 'and-a-service-with-a-long-name': {} }))).rejects.toThrow('64 are allowed');
  });

  test('refuses a grid that nobody made', async () => {
    await expect(api.control.stacks.apply({ grid: 'nowhere', stack: stackSpec('todo'), dryRun: false })).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  });

  test('refuses a new anonymous volume for what keeps its data', async () => {
    await apply(stackSpec('data', { pg: { stateful: true } }));
    await expect(apply(stackSpec('data', { pg: { stateful: true, volumes: [{ type: 'anonymous', path: '/data', flags: [] }] } }))).rejects.toThrow('/data');
  });
});

describe('scale', () => {
  test('lasts until the stack is applied again', async () => {
    await apply(stackSpec('todo', { web: { instances: 3 } }));
    const scaled = await api.control.services.scale('default', 'todo/web', 5);
    expect(scaled.differences).toMatchObject([{ name: 'todo/web', action: 'update', replaces: false, fields: [{ path: 'instances', from: 3, to: 5 }] }]);
    expect(api.store.view('default').get('Stack', 'todo')?.body.scaled).toEqual({ web: 5 });

    const again = await apply(stackSpec('todo', { web: { instances: 3 } }));
    expect(again.differences).toMatchObject([{ name: 'todo/web', fields: [{ path: 'instances', from: 5, to: 3 }] }]);
    expect(api.store.view('default').get('Stack', 'todo')?.body.scaled).toEqual({});
  });

  test('to what it is, or to what cannot be, writes nothing', async () => {
    const { revision } = await apply(stackSpec('todo', { web: { instances: 3 } }));
    expect(await api.control.services.scale('default', 'service/todo/web', 3)).toMatchObject({ revision, differences: [] });
    await expect(api.control.services.scale('default', 'todo/web', 1.5)).rejects.toMatchObject({ code: 'KON_INVALID' });
    await expect(api.control.services.scale('default', 'todo/none', 1)).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
    expect(api.store.revision).toBe(revision);
  });
});

describe('what is not there', () => {
  test.each<[string, () => Promise<unknown>, string]>([
    ['a stack', () => collect(api.control.resources.list({ grid: 'default', kind: 'stack', name: 'tood' })), 'there is no stack tood in grid default; did you mean todo?'],
    ['what belongs to a misspelt stack', () => collect(api.control.resources.list({ grid: 'default', kind: 'instance', of: 'tod' })), 'there is no stack tod in grid default; did you mean todo?'],
    ['what belongs to a misspelt service', () => collect(api.control.resources.list({ grid: 'default', kind: 'service', of: 'service/todo/wbe' })), 'there is no service todo/wbe in grid default; did you mean todo/web?'],
    ['what belongs to nothing like it', () => collect(api.control.resources.list({ grid: 'default', kind: 'instance', of: 'shop' })), 'there is no stack shop in grid default'],
    ['logs of a misspelt service', () => collect(api.control.instances.logs('default', 'todo/wbe', { follow: false }, new AbortController().signal)), 'there is no instance, service or stack todo/wbe in grid default; did you mean todo/web?'],
    ['a service to scale', () => api.control.services.scale('default', 'todo/wbe', 2), 'there is no service todo/wbe in grid default; did you mean todo/web?'],
    ['a stack to remove', () => api.control.resources.remove('default', 'stack', 'tood'), 'there is no stack tood in grid default; did you mean todo?'],
    ['a node', () => api.control.nodes.update('default', 'n1', { availability: 'drain' }), 'there is no node n1 in grid default'],
  ])('is told with what was meant: %s', async (_title, ask, message) => {
    await apply();
    await expect(ask()).rejects.toMatchObject({ code: 'KON_NOT_FOUND', message });
  });

  test('a stack without instances has none, and that is no mistake', async () => {
    await apply();
    expect(await collect(api.control.resources.list({ grid: 'default', kind: 'instance', of: 'todo' }))).toEqual([]);
    expect(await collect(api.control.resources.list({ grid: 'default', kind: 'instance', of: 'todo/web' }))).toEqual([]);
  });
});

describe('history', () => {
  test('of a stack and of a service, newest first', async () => {
    await apply(stackSpec('todo', { web: {}, db: {} }));
    await apply(stackSpec('todo', { web: { image: 'web:2' }, db: {} }));
    await api.control.services.scale('default', 'todo/db', 2);
    await api.control.resources.remove('default', 'stack', 'todo');

    const stack = await collect(api.control.resources.history('default', 'stack', 'todo'));
    expect(stack.map(({ action, actor, reason }) => `${action} by ${actor}: ${reason}`)).toEqual([
      'delete by ada: removed', 'update by ada: scaled todo/db to 2', 'update by ada: applied', 'create by ada: applied',
    ]);
    const web = await collect(api.control.resources.history('default', 'service', 'todo/web'));
    expect(web.map(({ action, spec }) => `${action} ${String(spec?.image)}`)).toEqual(['delete undefined', 'update web:2', 'create web:1']);
    await expect(collect(api.control.resources.history('default', 'stack', 'none'))).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  });

  test('says where it no longer keeps what was decided', async () => {
    const reserves = { cpus: 0, memoryBytes: 0, ports: [] };
    for (const node of ['n1', 'n2']) await api.write('Instance', 'todo/web.1@4', { service: 'todo/web', slot: 1, revision: 3, node, wanted: 'running', reserves });
    await api.erase('Instance', 'todo/web.1@4');
    api.clock.advance(1_000);
    const compacted = api.store.compact(api.clock.now());
    await api.clock.run(1_000);
    await compacted;
    const items = await collect(api.control.resources.history('default', 'instance', 'todo/web.1@4'));
    expect(items.map(({ action, reason, spec }) => [action, reason, spec])).toEqual([
      ['delete', 'said so', undefined],
      ['update', 'said so (what it said is no longer kept)', undefined],
      ['create', 'said so (what it said is no longer kept)', undefined],
    ]);
  });

  test('is whole, however long', async () => {
    await apply();
    for (let instances = 2; instances <= 231; instances += 1) await api.control.services.scale('default', 'todo/web', instances);
    const revisions = (await collect(api.control.resources.history('default', 'stack', 'todo'))).map(({ revision }) => revision);
    expect(revisions).toHaveLength(231);
    expect(new Set(revisions).size).toBe(231);
  });
});
