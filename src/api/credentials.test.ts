import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { settled } from '../testing/fake-clock.js';
import { collect, openApi, type OpenedApi } from '../testing/opened-api.js';

let api: OpenedApi;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const refused = (message: string | RegExp) => expect.objectContaining({ code: 'KON_UNAUTHENTICATED', message: expect.stringMatching(message) });
const admit = (name: string, key: string) => (): unknown => api.access.admit(name, key);
const shown = async () => (await collect(api.control.resources.list({ grid: 'default', kind: 'credential' }))).map(({ name, status }) => `${name} ${String(status['phase'])}`);

describe('a credential', () => {
  test('opens until it is revoked, and is then still known', async () => {
    const made = await api.control.credentials.create({ name: 'ada', lifetimeSeconds: 3600, role: 'developer', grid: 'default' });
    expect(made).toMatchObject({ name: 'ada', key: 'ada-1', endsAt: api.clock.now() + 3_600_000 });
    expect(api.access.admit('ada', 'ada-1')).toEqual({ name: 'ada', keyFingerprint: 'ada-1' });
    expect(admit('ada', 'other')).toThrow(refused('has another key'));
    expect(admit('eve', 'ada-1')).toThrow(refused('not known'));
    await expect(api.control.credentials.create({ name: 'ada', lifetimeSeconds: 3600, role: 'developer', grid: 'default' })).rejects.toMatchObject({ code: 'KON_CONFLICT' });
    expect(await shown()).toEqual(['ada valid', 'admin valid']);

    await api.control.resources.remove('default', 'credential', 'ada');
    expect(admit('ada', 'ada-1')).toThrow(refused(/^credential ada was revoked$/));
    expect(await shown()).toEqual(['ada revoked', 'admin valid']);
    const { revision } = await api.control.resources.remove('default', 'credential', 'ada');
    expect(api.store.revision).toBe(revision);
    expect(await api.control.credentials.create({ name: 'ada', lifetimeSeconds: 3600, role: 'developer', grid: 'default' })).toMatchObject({ key: 'ada-2' });
    expect(admit('ada', 'ada-1')).toThrow(refused('has another key'));
    await expect(api.control.resources.remove('default', 'credential', 'bob')).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  });

  test('ends, and another may have its name', async () => {
    await api.control.credentials.create({ name: 'ada', lifetimeSeconds: 60, role: 'developer', grid: 'default' });
    api.clock.advance(60_000);
    expect(admit('ada', 'ada-1')).toThrow(refused('ended at 2026-01-01T00:01:00'));
    expect(await api.control.credentials.create({ name: 'ada', lifetimeSeconds: 60, role: 'developer', grid: 'default' })).toMatchObject({ key: 'ada-2' });
  });

  test.each([['a/b', 60], ['', 60], ['ada', 59], ['ada', Number.NaN], ['ada', 4000 * 24 * 3600]])('of %j for %d seconds is refused', async (name, seconds) => {
    await expect(api.control.credentials.create({ name, lifetimeSeconds: seconds, role: 'developer', grid: 'default' })).rejects.toMatchObject({ code: 'KON_INVALID' });
  });

  test('renews itself for as long again; the key before is good until the new one was used', async () => {
    await api.control.credentials.create({ name: 'ada', lifetimeSeconds: 3600, role: 'developer', grid: 'default' });
    api.clock.advance(1_800_000);
    const ada = api.as({ name: 'ada', keyFingerprint: 'ada-1' });
    expect(await ada.credentials.renew()).toMatchObject({ key: 'ada-2', endsAt: api.clock.now() + 3_600_000 });
    expect(await ada.credentials.renew()).toMatchObject({ key: 'ada-3' }); // its answer was lost
    expect(admit('ada', 'ada-2')).toThrow(refused('has another key'));
    expect(admit('ada', 'ada-1')).not.toThrow();
    expect(admit('ada', 'ada-3')).not.toThrow();
    await settled();
    expect(admit('ada', 'ada-1')).toThrow(refused('has another key'));
    await expect(ada.credentials.renew()).rejects.toMatchObject({ code: 'KON_UNAUTHENTICATED' });
    await api.control.resources.remove('default', 'credential', 'ada');
    await expect(api.as({ name: 'ada', keyFingerprint: 'ada-3' }).credentials.renew()).rejects.toMatchObject({ code: 'KON_UNAUTHENTICATED' });
    await expect(api.control.credentials.renew()).rejects.toMatchObject({ code: 'KON_INVALID' });
  });

  test('of the master itself is renewed by the master; revoked, it gets another key at the next start', async () => {
    const own = api.as({ name: 'admin', keyFingerprint: 'admin-1' });
    expect(await own.credentials.renew()).toMatchObject({ key: 'admin-1' });
    await api.control.resources.remove('default', 'credential', 'admin');
    expect(admit('admin', 'admin-1')).toThrow(refused('revoked'));
    await api.prepare();
    expect(admit('admin', 'admin-1')).toThrow(refused('has another key'));
    expect(admit('admin', 'admin-2')).not.toThrow();
    const before = api.store.revision;
    await api.prepare();
    expect(api.store.revision).toBe(before);
  });

  test('that ended long ago is forgotten at a start', async () => {
    await api.control.credentials.create({ name: 'ada', lifetimeSeconds: 60, role: 'developer', grid: 'default' });
    api.clock.advance(31 * 24 * 3_600_000);
    await api.prepare();
    expect(await shown()).toEqual(['admin valid']);
  });
});

describe('a change of the authority', () => {
  test('ends when nobody is left behind, or by force', async () => {
    const rotate = (isEnd: boolean, isForced = false) => api.control.master.rotateAuthority({ isEnd, isForced });
    await expect(rotate(true)).rejects.toMatchObject({ code: 'KON_CONFLICT', message: expect.stringContaining('no change') });
    await api.control.credentials.create({ name: 'ada', lifetimeSeconds: 3600, role: 'developer', grid: 'default' });
    const { token } = await api.control.tokens.create('default', { ttlSeconds: 60, labels: [] });
    await api.enrolment.join({ token, name: 'n1', labels: [], keyFingerprint: 'k1' });

    expect(await rotate(false)).toEqual({ fingerprint: 'authority 2', behind: ['node n1', 'credential ada'] });
    await expect(rotate(false)).rejects.toMatchObject({ code: 'KON_CONFLICT', message: expect.stringContaining('under way') });
    await expect(rotate(true)).rejects.toMatchObject({ code: 'KON_CONFLICT', message: expect.stringMatching(/^node n1, credential ada would be shut out/) });
    await api.enrolment.renew('default', 'n1', { from: { keyFingerprint: 'k1' }, to: 'k2' });
    await api.as({ name: 'ada', keyFingerprint: 'ada-1' }).credentials.renew();
    expect(await rotate(true)).toEqual({ fingerprint: 'authority 2', behind: [] });
    await rotate(false);
    expect((await rotate(true, true)).behind).toEqual(['node n1', 'credential ada']);
  });
});
