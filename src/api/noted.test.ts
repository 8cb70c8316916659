import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type AuditEntry, KontenaError } from '../model/index.js';
import type { AuditQuery, Control } from '../ports/index.js';
import { collect, openApi, type OpenedApi, stackSpec } from '../testing/opened-api.js';

let api: OpenedApi;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const forever = new AbortController().signal;
const all = (control: Control = api.control, query: Partial<AuditQuery> = {}): Promise<readonly AuditEntry[]> => collect(control.audit.read({ follow: false, ...query }, forever));
const told = async (query: Partial<AuditQuery> = {}): Promise<readonly string[]> =>
  (await all(api.control, query)).map(({ who, action, grid = 'master', name = '', detail, outcome }) => `${who} ${action} ${grid}/${name} ${outcome}${detail === undefined ? '' : `: ${detail}`}`);

async function as(name: string, role: string, grid = 'default'): Promise<Control> {
  await api.control.credentials.create({ name, lifetimeSeconds: 3600, role, grid });
  return api.as({ name, keyFingerprint: `${name}-key`, from: '192.0.2.7' });
}

describe('What stands in the audit log', () => {
  test('changes, with what they were and what came of them', async () => {
    await api.control.stacks.apply({ grid: 'default', stack: stackSpec('todo'), dryRun: false });
    await api.control.services.scale('default', 'todo/web', 3);
    await api.control.resources.remove('default', 'stack', 'stack/todo');
    await expect(api.control.resources.remove('default', 'stack', 'nobody')).rejects.toThrow();
    expect(await told()).toEqual([
      'ada stack.apply default/todo done',
      'ada service.scale default/todo/web done: to 3',
      'ada stack.remove default/todo done',
      'ada stack.remove default/nobody failed',
    ]);
  });

  test('a change, before anyone hears of it', async () => {
    const written: number[] = [];
    api.store.watch(() => written.push(api.audit.last));
    await api.control.grids.create({ name: 'shop' });
    await api.control.grids.update('shop', { statsd: 'graphs' });
    expect(written).toEqual([1, 2]);
    await expect(api.control.grids.update('shop', { statsd: 'a b' })).rejects.toThrow();
    expect(await told()).toEqual(['ada grid.create master/shop done', 'ada grid.update shop/shop done: statsd graphs', 'ada grid.update shop/shop failed: statsd a b']);
  });

  test('reads of secrets, and never a value', async () => {
    await api.control.vault.writeSecret('default', { name: 'pw', value: 'open sesame' });
    expect(await api.control.vault.readSecret('default', 'pw')).toBe('open sesame');
    expect(await told()).toEqual(['ada secret.write default/pw done', 'ada secret.read default/pw done']);
    expect(JSON.stringify(await all())).not.toContain('sesame');
  });

  test('a backup, from before its first piece', async () => {
    const pieces = api.control.master.backup(forever)[Symbol.asyncIterator]();
    await pieces.next();
    expect(await told()).toEqual(['ada master.backup master/ begun']);
    await pieces.return?.();
    expect(await told()).toEqual(['ada master.backup master/ begun', 'ada master.backup master/ done']);
  });

  test('no other reads', async () => {
    await collect(api.control.resources.list({ grid: 'default', kind: 'stack' }));
    await api.control.master.info();
    expect(await told()).toEqual([]);
  });

  test('refusals, with the credential and the address', async () => {
    const eve = await as('eve', 'viewer');
    expect(() => eve.vault.readSecret('default', 'pw')).toThrow(/may not/);
    expect(() => eve.resources.list({ grid: 'default', kind: 'token' })).toThrow(/may not/);
    await expect((async () => eve.members.add('default', { name: 'eve', role: 'operator' }))()).rejects.toThrow(/may not/);
    expect(await all(api.control, { who: 'eve' })).toEqual([
      expect.objectContaining({ credential: 'eve-key', from: '192.0.2.7', action: 'secret.read', grid: 'default', name: 'pw', outcome: 'refused', reason: expect.stringContaining('eve may not secret.read') }),
      expect.objectContaining({ action: 'token.list', outcome: 'refused' }),
      expect.objectContaining({ action: 'member.add', name: 'eve', detail: 'role operator', outcome: 'refused' }),
    ]);
  });

  test('joins of machines, and knocks that were refused', async () => {
    const { token } = await api.control.tokens.create('default', { ttlSeconds: 60, labels: [] });
    const join = (with_: string) => api.enrolment.join({ token: with_, name: 'n1', labels: [], keyFingerprint: 'k1', from: '192.0.2.9' });
    await join(token);
    await expect(join('nobody.x')).rejects.toMatchObject({ code: 'KON_TOKEN_INVALID' });
    expect(await all(api.control, { action: 'node.*' })).toEqual([
      expect.objectContaining({ who: `token ${token.split('.')[0] ?? ''}`, from: '192.0.2.9', grid: 'default', name: 'n1', outcome: 'done' }),
      expect.objectContaining({ who: 'token nobody', name: 'n1', outcome: 'refused' }),
    ]);
    expect(JSON.stringify(await all())).not.toContain(token.split('.')[1]);
  });

  test('credentials that no longer count, and callers without one', async () => {
    expect(() => api.access.admit('ghost', 'g-key', '192.0.2.1')).toThrow(/not known/);
    api.access.turnedAway('192.0.2.2', 'no certificate');
    expect(await all()).toEqual([
      expect.objectContaining({ who: 'ghost', credential: 'g-key', from: '192.0.2.1', action: 'master.call', outcome: 'refused' }),
      expect.objectContaining({ who: 'strangers', from: '192.0.2.2', outcome: 'refused', reason: 'no certificate' }),
    ]);
  });
});

test('A flood of refusals is summed up each minute', async () => {
  for (let count = 0; count < 1000; count += 1) api.access.turnedAway('192.0.2.2', 'no certificate');
  expect(await all()).toHaveLength(20);
  api.clock.advance(60_000);
  const entries = await all();
  expect(entries).toHaveLength(21);
  expect(entries.at(-1)).toMatchObject({ who: 'strangers', action: 'master.call', outcome: 'refused', count: 980 });
  api.access.turnedAway('192.0.2.2', 'no certificate');
  expect(await all()).toHaveLength(22);
});

describe('Who reads it', () => {
  beforeEach(async () => {
    await api.control.grids.create({ name: 'shop' });
    await api.control.vault.writeSecret('shop', { name: 'pw', value: 'x' });
    await api.control.vault.writeSecret('default', { name: 'pw', value: 'x' });
  });
  const seen = async (control: Control, query: Partial<AuditQuery> = {}) => (await all(control, query)).map(({ grid = 'master' }) => grid);

  test('a master-admin all, a grid-admin their grid', async () => {
    const root = await as('root', 'master-admin');
    const boss = await as('boss', 'grid-admin', 'shop');
    expect(await seen(root)).toEqual(['master', 'shop', 'default', 'master', 'master']);
    expect(await seen(boss)).toEqual(['shop']);
    expect(await seen(boss, { grid: 'shop' })).toEqual(['shop']);
    await expect((async () => seen(boss, { grid: 'default' }))()).rejects.toMatchObject({ code: 'KON_FORBIDDEN' });
    expect(() => boss.audit.export(forever)).toThrow(/may not audit.export/);
  });

  test('and nobody else', async () => {
    const op = await as('op', 'operator');
    await expect(seen(op)).rejects.toMatchObject({ code: 'KON_FORBIDDEN', message: expect.stringContaining('grid-admin and master-admin may') });
  });

  test('a role narrowed to stacks sees of those alone', async () => {
    await api.control.roles.create({ name: 'web', allow: ['audit.read', 'stack.apply'], stacks: ['web-*'] });
    const web = await as('web', 'web');
    for (const name of ['todo', 'web-shop']) await api.control.stacks.apply({ grid: 'default', stack: stackSpec(name), dryRun: false });
    expect((await all(web, { action: 'stack.*' })).map(({ name }) => name)).toEqual(['web-shop']);
  });

  test('who follows is told what comes', async () => {
    const over = new AbortController();
    const entries = api.control.audit.read({ follow: true, who: 'ada', action: 'secret.write', since: '2026-01-01T00:00:00.000Z', grid: 'shop' }, over.signal)[Symbol.asyncIterator]();
    expect((await entries.next()).value).toMatchObject({ name: 'pw' });
    const next = entries.next();
    await api.control.vault.writeSecret('shop', { name: 'later', value: 'x' });
    expect((await next).value).toMatchObject({ name: 'later' });
    over.abort();
    expect((await entries.next()).done).toBe(true);
  });
});

test('What must be noted is answered with the note on disk, and not begun while none can be written', async () => {
  const full = new KontenaError('KON_STORE_FULL', 'no space is left');
  const note = jest.spyOn(api.audit, 'note').mockRejectedValueOnce(full);
  await expect(api.control.vault.writeSecret('default', { name: 'pw', value: 'x' })).rejects.toBe(full);
  expect(note).toHaveBeenCalledTimes(1);
  const room = jest.spyOn(api.audit, 'requireRoom').mockImplementation(() => {
    throw full;
  });
  expect(() => api.control.vault.readSecret('default', 'pw')).toThrow(full);
  expect(await collect(api.control.resources.list({ grid: 'default', kind: 'stack' }))).toEqual([]);
  room.mockRestore();
  expect(await api.control.vault.readSecret('default', 'pw')).toBe('x');
});

test('What is no pattern of actions, or no moment, is refused', async () => {
  await expect(all(api.control, { action: 'Secret[a]' })).rejects.toMatchObject({ code: 'KON_INVALID' });
  await expect(all(api.control, { since: 'yesterday' })).rejects.toMatchObject({ code: 'KON_INVALID' });
});
