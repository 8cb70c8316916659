import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_ROUTE } from '../model/index.js';
import type { Control } from '../ports/index.js';
import { collect, openApi, type OpenedApi, stackSpec } from '../testing/opened-api.js';

let api: OpenedApi;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

/** What somebody may ask who was given a role. */
async function as(name: string, role: string, grid = 'default'): Promise<Control> {
  await api.control.credentials.create({ name, lifetimeSeconds: 3600, role, grid });
  return api.as({ name, keyFingerprint: `${name}-key` });
}

const apply = (control: Control, name: string, grid = 'default'): Promise<unknown> =>
  (async () => control.stacks.apply({ grid, stack: stackSpec(name), dryRun: false }))();
const names = async (control: Control, kind: 'stack' | 'grid' | 'service' | 'route' | 'secret', grid = 'default'): Promise<readonly string[]> =>
  (await collect(control.resources.list({ grid, kind }))).map(({ name }) => name);
const forbidden = expect.objectContaining({ code: 'KON_FORBIDDEN' }) as unknown as Error;

describe('A role', () => {
  test('opens what it allows, and what is refused says who may', async () => {
    const viewer = await as('eve', 'viewer');
    await apply(api.control, 'todo');
    expect(await names(viewer, 'stack')).toEqual(['todo']);
    await expect(apply(viewer, 'todo')).rejects.toMatchObject({ code: 'KON_FORBIDDEN', message: 'eve may not stack.apply in grid default, for todo: developer, operator, grid-admin and master-admin may' });
    expect(() => viewer.vault.readSecret('default', 'pw')).toThrow(/eve may not secret.read in grid default, for pw: operator, grid-admin and master-admin may/);
    expect(() => viewer.master.backup(new AbortController().signal)).toThrow(/eve may not master.backup on the master: master-admin may/);
  });

  test('counts in its own grid alone', async () => {
    await api.control.grids.create({ name: 'shop' });
    const ada = await as('ada', 'developer', 'shop');
    await apply(ada, 'todo', 'shop');
    await expect(apply(ada, 'todo', 'default')).rejects.toEqual(forbidden);
    expect(() => ada.resources.list({ grid: 'default', kind: 'stack' })).toThrow(forbidden);
    expect(await names(ada, 'grid')).toEqual(['shop']);
  });

  test('of the master counts in every grid', async () => {
    await api.control.grids.create({ name: 'shop' });
    const root = await as('root', 'master-admin', 'shop');
    await apply(root, 'todo', 'shop');
    expect(await names(root, 'grid')).toEqual(['default', 'shop']);
  });

  test('narrowed to stacks shows the routes of their services, whoever serves them', async () => {
    await api.control.roles.create({ name: 'web', allow: ['route.list'], stacks: ['web-*'] });
    const web = await as('web', 'web');
    for (const service of ['web-shop/web', 'todo/web']) await api.write('Route', `infra/lb:${service}`, { balancer: 'infra/lb', service, spec: DEFAULT_ROUTE, isServed: true });
    expect(await names(web, 'route')).toEqual(['infra/lb:web-shop/web']);
    expect(await names(api.control, 'route')).toEqual(['infra/lb:todo/web', 'infra/lb:web-shop/web']);
    expect(() => web.resources.list({ grid: 'default', kind: 'route', name: 'todo/web' })).toThrow(forbidden);
  });

  test('narrowed to stacks shows and touches those alone', async () => {
    await api.control.roles.create({ name: 'web', allow: ['stack.*', 'service.*', 'node.list'], stacks: ['web-*'] });
    const web = await as('web', 'web');
    await apply(api.control, 'todo');
    await apply(web, 'web-shop');
    expect(await names(web, 'stack')).toEqual(['web-shop']);
    await expect(apply(web, 'todo')).rejects.toEqual(forbidden);
    expect(() => web.services.scale('default', 'todo/web', 2)).toThrow(forbidden);
    expect(() => web.resources.remove('default', 'stack', 'stack/todo')).toThrow(forbidden);
    expect(() => web.resources.list({ grid: 'default', kind: 'service', of: 'todo' })).toThrow(forbidden);
    expect(() => web.resources.list({ grid: 'default', kind: 'stack', name: 'todo' })).toThrow(forbidden);
    expect(await collect(web.resources.list({ grid: 'default', kind: 'node' }))).toEqual([]);
  });

  test('that was removed opens nothing', async () => {
    await api.control.roles.create({ name: 'web', allow: ['stack.list'] });
    const web = await as('web', 'web');
    expect(await names(web, 'stack')).toEqual([]);
    await api.control.resources.remove('default', 'role', 'web');
    expect(() => web.resources.list({ grid: 'default', kind: 'stack' })).toThrow(forbidden);
  });

  test('that is taken back while a watch is open cuts it', async () => {
    const eve = await as('eve', 'viewer');
    const watch = eve.resources.watch({ grid: 'default', kind: 'stack' }, new AbortController().signal)[Symbol.asyncIterator]();
    await apply(api.control, 'todo');
    expect((await watch.next()).value).toMatchObject({ resource: { name: 'todo' } });
    const next = watch.next();
    await api.control.members.remove('default', { name: 'eve' });
    await expect(next).rejects.toEqual(forbidden);
  });
});

test('A right is let go of when what was asked by it is answered, one way or the other', async () => {
  let watching = 0;
  const { store } = api;
  const watch = store.watch.bind(store);
  Object.assign(store, {
    watch: (listener: Parameters<typeof watch>[0]) => {
      const stop = watch(listener);
      watching += 1;
      return () => {
        watching -= 1;
        stop();
      };
    },
  });
  const eve = await as('eve', 'viewer');
  const asked = eve.network.lookUp('default', { name: 'web' }, new AbortController().signal);
  expect(watching).toBe(1);
  await expect(asked).rejects.toMatchObject({ code: 'KON_NODE_UNREACHABLE' });
  expect(watching).toBe(0);
});

describe('Nobody gives more than they have', () => {
  test('a grid-admin makes members of the grid, and no master-admin', async () => {
    const boss = await as('boss', 'grid-admin');
    await as('ada', 'viewer');
    await boss.members.add('default', { name: 'ada', role: 'operator' });
    await expect(boss.members.add('default', { name: 'ada', role: 'master-admin' })).rejects.toMatchObject({ code: 'KON_FORBIDDEN' });
    await expect(boss.members.add('default', { name: 'boss', role: 'master-admin' })).rejects.toEqual(forbidden);
  });

  test('a robot cannot make a stronger robot', async () => {
    await api.control.roles.create({ name: 'maker', allow: ['credential.create'] });
    const robot = await as('robot', 'user-admin');
    await expect(robot.credentials.create({ name: 'stronger', lifetimeSeconds: 60, role: 'developer', grid: 'default' })).rejects.toEqual(forbidden);
    await expect(robot.credentials.create({ name: 'stronger', lifetimeSeconds: 60, role: 'master-admin', grid: 'default' })).rejects.toEqual(forbidden);
    expect(() => robot.roles.create({ name: 'mine', allow: ['stack.apply'] })).toThrow(forbidden);
  });

  test('nor take the name of one that could more', async () => {
    const robot = await as('robot', 'user-admin');
    await as('ada', 'operator');
    await api.control.resources.remove('default', 'credential', 'ada');
    await expect(robot.credentials.create({ name: 'ada', lifetimeSeconds: 60, role: 'user-admin', grid: 'default' })).rejects.toEqual(forbidden);
  });

  test('nor take back what the master\'s own has', async () => {
    const robot = await as('robot', 'user-admin');
    await as('root', 'master-admin');
    await expect(robot.resources.remove('default', 'credential', 'root')).rejects.toEqual(forbidden);
    await expect(robot.resources.remove('default', 'credential', 'admin')).rejects.toEqual(forbidden);
    await expect(robot.members.remove('default', { name: 'root', role: 'master-admin' })).rejects.toEqual(forbidden);
  });
});

test('A credential made before there were roles may do everything, and renewed it still may', async () => {
  await api.control.credentials.create({ name: 'old', lifetimeSeconds: 3600, role: 'viewer', grid: 'default' });
  const body = api.store.view('default').get('Credential', 'old')?.body;
  const { isByRoles: _none, ...before } = body as NonNullable<typeof body>;
  await api.write('Credential', 'old', before);
  const old = api.as({ name: 'old', keyFingerprint: before.keyFingerprint });
  await apply(old, 'todo');
  await old.credentials.renew();
  await apply(old, 'todo2');
});

test('A credential, role or grid that there is not is named', async () => {
  await expect(api.control.members.add('default', { name: 'nobody', role: 'viewer' })).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  await as('ada', 'viewer');
  await expect(api.control.members.add('default', { name: 'ada', role: 'vewer' })).rejects.toMatchObject({ code: 'KON_NOT_FOUND', message: 'there is no role vewer; there are viewer, developer, operator, grid-admin, user-admin, master-admin' });
  await expect(api.control.members.add('nope', { name: 'ada', role: 'viewer' })).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  await expect(api.control.members.remove('default', { name: 'ada', role: 'operator' })).rejects.toMatchObject({ code: 'KON_NOT_FOUND', message: 'ada is no operator in grid default' });
});
