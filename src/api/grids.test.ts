import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { put } from '../model/index.js';
import type { GridRequest, ResourceKind } from '../ports/index.js';
import { collect, openApi, type OpenedApi, stackSpec } from '../testing/opened-api.js';

let api: OpenedApi;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const create = (name: string, over: Omit<GridRequest, 'name'> = {}) => api.control.grids.create({ name, ...over });
const remove = (name: string) => api.control.resources.remove('default', 'grid', name);
const join = async (grid: string, name: string): Promise<void> => {
  const { token } = await api.control.tokens.create(grid, { ttlSeconds: 60, labels: [] });
  await api.enrolment.join({ token, name, labels: [], keyFingerprint: `key-of-${name}` });
};
const apply = (grid: string, name: string) => api.control.stacks.apply({ grid, stack: stackSpec(name), dryRun: false });

describe('a grid', () => {
  test('gets the next free /16, also when several are made at once, and the first says its own', async () => {
    expect((await Promise.all(['a', 'b', 'c'].map((name) => create(name)))).map(({ subnet, nodePrefix }) => [subnet, nodePrefix])).toEqual([['10.80.0.0/16', 24], ['10.82.0.0/16', 24], ['10.83.0.0/16', 24]]);
    expect(api.store.view('default').get('Grid', 'default')?.body).toEqual({ defaultAffinity: [], subnet: '10.81.0.0/16', nodePrefix: 24 });
    await remove('b');
    expect((await create('d')).subnet).toBe('10.82.0.0/16');
  });

  test('gets what was asked for', async () => {
    expect(await create('a', { subnet: '192.168.64.0/20', nodePrefix: 26 })).toEqual({ name: 'a', subnet: '192.168.64.0/20', nodePrefix: 26, revision: api.store.revision });
    expect(api.store.view('a').get('Grid', 'a')?.body).toMatchObject({ subnet: '192.168.64.0/20', nodePrefix: 26 });
  });

  test.each([
    ['a/b', {}, 'KON_INVALID', '"a/b" cannot name a grid'], ['', {}, 'KON_INVALID', 'cannot name a grid'], ['../default', {}, 'KON_INVALID', 'cannot name a grid'], ['a:b', {}, 'KON_INVALID', 'cannot name a grid'],
    ['default', {}, 'KON_CONFLICT', 'there is a grid default already'],
    ['a', { subnet: '10.81.7.0/24' }, 'KON_CONFLICT', '10.81.7.0/24 overlaps 10.81.0.0/16, the subnet of grid default'], ['a', { subnet: '10.0.0.0/8' }, 'KON_CONFLICT', 'overlaps 10.81.0.0/16'],
    ['a', { subnet: '8.8.0.0/16' }, 'KON_INVALID', '8.8.0.0/16 is not private'], ['a', { subnet: '172.0.0.0/8' }, 'KON_INVALID', 'is not private'],
    ['a', { subnet: '10.90.0.1/16' }, 'KON_INVALID', 'it begins at 10.90.0.0/16'], ['a', { subnet: 'fd00::/48' }, 'KON_INVALID', 'is not an IPv4 address'],
    ['a', { subnet: '10.90.0.0/26' }, 'KON_INVALID', '10.90.0.0/26 is too small for one node, which is to have /24 of it'],
    ['a', { nodePrefix: 30 }, 'KON_INVALID', 'a node cannot have /30: /8 to /29 are allowed'], ['a', { nodePrefix: 24.5 }, 'KON_INVALID', '/8 to /29'], ['a', { nodePrefix: 0 }, 'KON_INVALID', '/8 to /29'],
    ['a', { nodePrefix: 15 }, 'KON_INVALID', 'is too small for one node, which is to have /15 of it'],
  ])('called "%s" with %j is refused', async (name, over, code, message) => {
    const before = api.store.revision;
    await expect(create(name, over)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect(api.store.revision).toBe(before);
  });

  test('is refused when all that is free belongs to grids', async () => {
    for (let at = 0; at < 15; at += 1) await create(`g${at}`);
    await expect(create('late')).rejects.toMatchObject({ code: 'KON_CONFLICT', message: 'every /16 of 10.80.0.0/12 belongs to a grid: name another private subnet' });
    expect(await create('late', { subnet: '10.96.0.0/16' })).toMatchObject({ subnet: '10.96.0.0/16' });
  });

  test('of an older store has the subnet of the first', async () => {
    await api.write('Grid', 'default', { defaultAffinity: [] });
    await expect(create('a', { subnet: '10.81.0.0/16' })).rejects.toMatchObject({ code: 'KON_CONFLICT' });
    expect(await collect(api.control.resources.list({ grid: 'default', kind: 'grid' }))).toMatchObject([{ spec: { subnet: '10.81.0.0/16', nodePrefix: 24 }, status: { parts: { taken: 0, total: 256 } } }]);
  });

  test('sends its statistics where people say, and nowhere else', async () => {
    const statsdOf = (name: string): string | undefined => api.store.view(name).get('Grid', name)?.body.statsd;
    await create('a', { statsd: 'graphs' });
    expect(statsdOf('a')).toBe('graphs:8125');
    const { revision } = await api.control.grids.update('a', { statsd: '[::1]:9125' });
    expect([statsdOf('a'), revision]).toEqual(['[::1]:9125', api.store.revision]);
    expect(await api.control.grids.update('a', { statsd: '[::1]:9125' })).toEqual({ revision });
    expect(await api.control.grids.update('a', {})).toEqual({ revision });
    expect(api.store.revision).toBe(revision);
    expect(await collect(api.control.resources.list({ grid: 'a', kind: 'grid', name: 'a' }))).toMatchObject([{ spec: { statsd: '[::1]:9125', nodePrefix: 24 } }]);
    await api.control.grids.update('a', { statsd: '' });
    expect(statsdOf('a')).toBeUndefined();
    await expect(create('b', { statsd: 'a b' })).rejects.toMatchObject({ code: 'KON_INVALID' });
    await expect(api.control.grids.update('a', { statsd: 'graphs:0' })).rejects.toMatchObject({ code: 'KON_INVALID', message: expect.stringContaining('"graphs:0" is not an address') });
    await expect(api.control.grids.update('aa', { statsd: '' })).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  });

  test('says where services run that declare no affinity', async () => {
    const affinityOf = (name: string): unknown => api.store.view(name).get('Grid', name)?.body.defaultAffinity;
    await create('a', { defaultAffinity: ['label==ssd'] });
    expect(affinityOf('a')).toEqual(['label==ssd']);
    await api.control.grids.update('a', { statsd: 'graphs' });
    expect(affinityOf('a')).toEqual(['label==ssd']);
    for (const rules of [['node!=n1', 'label==~eu'], []]) {
      await api.control.grids.update('a', { defaultAffinity: rules });
      expect(affinityOf('a')).toEqual(rules);
    }
    await expect(api.control.grids.update('a', { defaultAffinity: ['node!=n1', 'ssd'] })).rejects.toMatchObject({ code: 'KON_INVALID', message: 'the affinity "ssd" has no operator: write key==value or key!=value' });
    await expect(create('b', { defaultAffinity: ['disk==ssd'] })).rejects.toMatchObject({ code: 'KON_INVALID', message: expect.stringContaining('begins with "disk"') });
  });

  test('is removed when nothing is in it, with its tokens and its vault, and not before', async () => {
    await create('a');
    await join('a', 'n1');
    await apply('a', 'todo');
    await api.control.vault.writeSecret('a', { name: 'pw', value: 'open sesame' });
    await expect(remove('a')).rejects.toMatchObject({ code: 'KON_CONFLICT', message: 'grid a still has node n1 and stack todo: remove them first' });
    for (const name of ['s1', 's2', 's3', 's4', 's5']) await apply('a', name);
    await api.control.resources.remove('a', 'node', 'n1');
    await expect(remove('grid/a')).rejects.toMatchObject({ message: 'grid a still has stacks s1, s2, s3, s4, s5 and 1 more: remove them first' });
    for (const name of ['todo', 's1', 's2', 's3', 's4', 's5']) await api.control.resources.remove('a', 'stack', name);

    const token = await api.control.tokens.create('a', { ttlSeconds: 60, labels: [] });
    await remove('a');
    expect([api.store.view('a').list('Secret'), api.store.view('a').list('Token'), api.store.sealedNames('a')]).toEqual([[], [], []]);
    await expect(api.enrolment.join({ token: token.token, name: 'n1', labels: [], keyFingerprint: 'k' })).rejects.toMatchObject({ code: 'KON_TOKEN_INVALID' });
    await expect(collect(api.control.resources.list({ grid: 'a', kind: 'node' }))).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  });

  test('that is not there, and the first, are not removed', async () => {
    await create('prod');
    await expect(remove('prot')).rejects.toMatchObject({ code: 'KON_NOT_FOUND', message: 'there is no grid prot; did you mean prod?' });
    await expect(remove('default')).rejects.toMatchObject({ code: 'KON_CONFLICT', message: 'grid default is always there: the master makes it where there is none' });
  });
});

describe('two grids on one master', () => {
  const SECRETS = ['open sesame', 'nb', 'stack-of-b', 'label-of-b'];

  beforeEach(async () => {
    await create('b');
    const { token } = await api.control.tokens.create('b', { ttlSeconds: 60, labels: ['label-of-b'] });
    await api.enrolment.join({ token, name: 'nb', labels: [], keyFingerprint: 'key-of-nb' });
    await apply('b', 'stack-of-b');
    await api.control.vault.writeSecret('b', { name: 'pw', value: 'open sesame' });
  });

  const kinds: readonly ResourceKind[] = ['node', 'stack', 'service', 'instance', 'route', 'secret', 'certificate', 'token', 'source'];

  test.each(kinds)('each lists its own, of kind %s', async (kind) => {
    const mine = JSON.stringify(await collect(api.control.resources.list({ grid: 'default', kind })));
    for (const secret of SECRETS) expect(mine).not.toContain(secret);
  });

  test('and an admin sees either by its name', async () => {
    const names = async (kind: ResourceKind, grid: string) => (await collect(api.control.resources.list({ grid, kind }))).map(({ name }) => name);
    expect([await names('node', 'b'), await names('stack', 'b'), await names('grid', 'default')]).toEqual([['nb'], ['stack-of-b'], ['b', 'default']]);
    expect(await api.control.vault.readSecret('b', 'pw')).toBe('open sesame');
    expect((await collect(api.control.resources.history('default', 'grid', 'b'))).map(({ action }) => action)).toEqual(['create']);
  });

  test.each(['b/', '/b', 'default/b', '../b', 'b/../default', 'default:b', 'b\0', ' b'])('no trick of a name crosses over: %j', async (trick) => {
    const refused = { code: 'KON_NOT_FOUND' };
    const { control } = api;
    await expect(collect(control.resources.list({ grid: trick, kind: 'node' }))).rejects.toMatchObject(refused);
    await expect(collect(control.resources.list({ grid: 'default', kind: 'node', name: `${trick}/nb` }))).rejects.toMatchObject(refused);
    await expect(collect(control.resources.list({ grid: 'default', kind: 'instance', of: `${trick}/stack-of-b` }))).rejects.toMatchObject(refused);
    await expect(control.resources.watch({ grid: trick, kind: 'node' }, AbortSignal.timeout(50))[Symbol.asyncIterator]().next()).rejects.toMatchObject(refused);
    await expect(collect(control.instances.logs('default', `${trick}/stack-of-b/web`, { follow: false }, AbortSignal.timeout(50)))).rejects.toMatchObject(refused);
    await expect(collect(control.resources.history('default', 'node', `${trick}/nb`))).rejects.toMatchObject(refused);
    await expect(control.vault.readSecret('default', `${trick}/pw`)).rejects.toMatchObject(refused);
    await expect(control.tokens.create(trick, { ttlSeconds: 60, labels: [] })).rejects.toMatchObject(refused);
    await expect(apply(trick, 'todo')).rejects.toMatchObject(refused);
    expect(api.store.grids()).toEqual(['b', 'default']);
  });

  test('what happens in one wakes no watch of the other', async () => {
    const told: string[] = [];
    const abort = new AbortController();
    const watching = (async () => {
      for await (const { resource } of api.control.resources.watch({ grid: 'default', kind: 'node' }, abort.signal)) told.push(resource.name);
    })();
    await api.control.nodes.update('b', 'nb', { labels: ['other'] });
    await join('default', 'n1');
    abort.abort();
    await watching;
    expect(told.filter((name) => name !== 'n1')).toEqual([]);
  });

  test('logs are read from the node of that grid alone', async () => {
    await api.close();
    const asked: string[] = [];
    api = await openApi(async function* (node, { subject }) {
      asked.push(`${node.grid} ${node.name} ${subject.kind} ${subject.name}`);
      yield* [];
    });
    await create('b');
    for (const grid of ['default', 'b']) {
      const body = { service: 'todo/web', slot: 1, revision: 1, node: 'n1', wanted: 'running' as const, reserves: { cpus: 0, memoryBytes: 0, ports: [] } };
      await api.store.update({ writer: 'scheduler', grid }, () => ({ steps: [put('Instance', 'todo/web.1@2', body, 'test')] }));
    }
    await collect(api.control.instances.logs('b', 'todo/web.1', { follow: false }, AbortSignal.timeout(1000)));
    expect(asked).toEqual(['b n1 slot todo/web.1']);
  });

  test('names of one may be names of the other', async () => {
    await join('default', 'nb');
    await apply('default', 'stack-of-b');
    await api.control.resources.remove('b', 'stack', 'stack-of-b');
    expect((await collect(api.control.resources.list({ grid: 'default', kind: 'stack' }))).map(({ name }) => name)).toEqual(['stack-of-b']);
    await api.control.resources.remove('default', 'node', 'nb');
    expect((await collect(api.control.resources.list({ grid: 'b', kind: 'node' }))).map(({ name }) => name)).toEqual(['nb']);
  });
});
