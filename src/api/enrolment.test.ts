import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ResourceKind, TokenRequest } from '../ports/index.js';
import { settled } from '../testing/fake-clock.js';
import { collect, openApi, type OpenedApi } from '../testing/opened-api.js';
import { serviceSpec } from '../testing/world.js';

let api: OpenedApi;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const token = async (over: Partial<TokenRequest> = {}): Promise<string> => (await api.control.tokens.create('default', { ttlSeconds: 60, labels: ['ssd'], ...over })).token;
const join = (use: string, name: string, keyFingerprint = `key-of-${name}`) => api.enrolment.join({ token: use, name, labels: ['az=1'], keyFingerprint });
const nodes = () => api.store.view('default').list('Node').map(({ name, body }) => `${name} #${body.number} ${body.keyFingerprint}`);

const reasonOf = async (kind: ResourceKind, name: string) => (await collect(api.control.resources.list({ grid: 'default', kind, name })))[0]?.status['reason'];

describe('a join token', () => {
  test('lets agents in until it expires or is revoked, and says which', async () => {
    const made = await api.control.tokens.create('default', { ttlSeconds: 60, labels: [], uses: 2 });
    expect(made.token).toMatch(/^[0-9a-f]{12}\.[\w-]{43}$/);
    expect(await join(made.token, 'n1')).toEqual({ grid: 'default', node: 'n1', machine: 'key-of-n1', generation: 0 });
    api.clock.advance(60_000);
    await expect(join(made.token, 'n2')).rejects.toMatchObject({ code: 'KON_TOKEN_INVALID', message: expect.stringContaining('expired at 2026-01-01T00:01:00') });

    const other = await api.control.tokens.create('default', { ttlSeconds: 60, labels: [] });
    await api.control.resources.remove('default', 'token', other.id);
    await expect(join(other.token, 'n2')).rejects.toMatchObject({ code: 'KON_TOKEN_INVALID' });
  });

  test('is kept as a hash only, and shown without it', async () => {
    const made = await api.control.tokens.create('default', { ttlSeconds: 60, labels: [] });
    const secret = made.token.slice(made.token.indexOf('.') + 1);
    expect(JSON.stringify(api.store.history({}))).not.toContain(secret);
    const shown = JSON.stringify([await collect(api.control.resources.list({ grid: 'default', kind: 'token' })), await collect(api.control.resources.history('default', 'token', made.id))]);
    expect(shown).toContain(made.id);
    expect(shown).not.toContain(api.store.view('default').get('Token', made.id)?.body.secretHash);
  });

  test.each(['', 'abc', 'abc.def', '.'])('that is "%s" is refused', async (wrong) => {
    await expect(join(wrong, 'n1')).rejects.toMatchObject({ code: 'KON_TOKEN_INVALID' });
  });

  test('with a wrong secret is refused', async () => {
    await expect(join(`${(await token()).slice(0, -1)}!`, 'n1')).rejects.toMatchObject({ code: 'KON_TOKEN_INVALID' });
  });

  test.each([0, -1, Number.NaN, 400 * 24 * 3600])('cannot live %d seconds', async (ttlSeconds) => {
    await expect(token({ ttlSeconds })).rejects.toMatchObject({ code: 'KON_INVALID' });
  });

  test('long expired is forgotten', async () => {
    await token();
    api.clock.advance(25 * 3600 * 1000);
    await token();
    expect(api.store.view('default').list('Token')).toHaveLength(1);
  });
});

describe('a token that is used up', () => {
  test('opens nothing, and says who had it; the same machine may ask again', async () => {
    const use = await token();
    await join(use, 'n1');
    const before = api.store.revision;
    await join(use, 'n1'); // its answer was lost
    expect(api.store.revision).toBe(before);
    await expect(join(use, 'n2')).rejects.toMatchObject({ code: 'KON_TOKEN_INVALID', message: expect.stringMatching(/^join token \w+ was used; the last to join with it was node n1$/) });
    await api.control.resources.remove('default', 'node', 'n1');
    await expect(join(use, 'n1')).rejects.toMatchObject({ code: 'KON_TOKEN_INVALID' });
  });

  test('has let in one of two machines that raced, whatever name they give', async () => {
    const use = await token();
    const ends = await Promise.allSettled([join(use, 'n1', 'a'), join(use, 'n2', 'b'), join(use, 'n1', 'c')]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(nodes()).toEqual(['n1 #1 a']);
  });

  test('lets in as many as it was made for', async () => {
    const use = await token({ uses: 2 });
    await join(use, 'n1');
    await join(use, 'n2');
    await expect(join(use, 'n3')).rejects.toMatchObject({ message: expect.stringContaining('was used 2 times, as many as it may') });
    expect(await collect(api.control.resources.list({ grid: 'default', kind: 'token' }))).toMatchObject([{ spec: { uses: 2 }, status: { used: 2, lastNode: 'n2' } }]);
  });

  test.each([{ uses: 0 }, { uses: 1.5 }, { uses: 1001 }, { node: 'a/b' }, { node: 'n1', uses: 2 }])('cannot be made with %j', async (over) => {
    await expect(token(over)).rejects.toMatchObject({ code: 'KON_INVALID' });
  });
});

describe('joining', () => {
  test('gives the lowest free number, also to many at once', async () => {
    const use = await token({ uses: 4 });
    await Promise.all(['n1', 'n2', 'n3'].map((name) => join(use, name)));
    expect(nodes()).toEqual(['n1 #1 key-of-n1', 'n2 #2 key-of-n2', 'n3 #3 key-of-n3']);
    await api.control.resources.remove('default', 'node', 'n2');
    await join(use, 'n4');
    expect(nodes()).toContain('n4 #2 key-of-n4');
    expect(api.store.view('default').get('Node', 'n4')?.body.labels).toEqual(['ssd', 'az=1']);
  });

  test('again with the same key changes nothing', async () => {
    const use = await token();
    await join(use, 'n1');
    const before = api.store.revision;
    await join(use, 'n1');
    expect(api.store.revision).toBe(before);
  });

  test('under a name that is known takes a token made for it; a person confirms what keeps data', async () => {
    await join(await token(), 'n1');
    await api.control.nodes.update('default', 'n1', { labels: ['by-hand'] });
    const spare = await token();
    await expect(join(spare, 'n1', 'other')).rejects.toMatchObject({ code: 'KON_NODE_NAME_TAKEN', message: 'grid default has a node called n1, and this machine does not have its key', remedy: expect.stringContaining('token create --node') });
    expect(nodes()).toEqual(['n1 #1 key-of-n1']);
    await join(spare, 'n2'); // the refusal used nothing up

    const meant = await token({ node: 'n1' });
    await expect(join(meant, 'n3', 'other')).rejects.toMatchObject({ code: 'KON_TOKEN_INVALID', message: expect.stringContaining('is for node n1, not for n3') });
    for (const state of ['heard', 'engine'] as const) {
      await api.write('Pulse', 'n1', { state, since: api.clock.now() });
      await expect(join(meant, 'n1', 'other')).rejects.toMatchObject({ code: 'KON_NODE_NAME_TAKEN', message: expect.stringContaining('stop its agent first') });
    }
    await api.write('Pulse', 'n1', { state: 'silent', since: api.clock.now() });
    await join(meant, 'n1', 'other');
    expect(api.store.view('default').get('Node', 'n1')?.body).toEqual({ number: 1, labels: ['by-hand'], availability: 'active', keyFingerprint: 'other', authority: 'authority 1', isUnconfirmed: true });
    expect(() => api.enrolment.admit('default', 'n1', { keyFingerprint: 'key-of-n1' })).toThrow(expect.objectContaining({ code: 'KON_CERTIFICATE_UNTRUSTED' }));
    expect(() => api.enrolment.admit('default', 'n1', { keyFingerprint: 'other' })).not.toThrow();
    expect(await reasonOf('node', 'n1')).toContain('node confirm n1');

    await api.control.nodes.update('default', 'n1', { isConfirmed: true });
    expect(await reasonOf('node', 'n1')).toBeUndefined();
    const { revision } = await api.control.nodes.update('default', 'n1', { isConfirmed: true });
    expect(api.store.revision).toBe(revision);
  });

  test('under the name of a node that was removed waits too, when data of it is missed', async () => {
    await join(await token(), 'n1');
    const instance = { service: 'todo/db', slot: 1, revision: 1, node: 'n1', wanted: 'running', reserves: { cpus: 0, memoryBytes: 0, ports: [] } } as const;
    await api.write('Service', 'todo/db@1', { spec: serviceSpec({ stateful: true }), isCurrent: true });
    await api.write('Instance', 'todo/db.1@1', instance);
    await api.control.resources.remove('default', 'node', 'n1');
    await join(await token(), 'n1', 'other');
    expect(api.store.view('default').get('Node', 'n1')?.body.isUnconfirmed).toBe(true);
    expect(await reasonOf('instance', 'todo/db.1@1')).toContain('node confirm n1');
  });

  test.each(['', 'a/b', '-n', 'x'.repeat(64)])('as "%s" is refused', async (name) => {
    await expect(join(await token(), name)).rejects.toMatchObject({ code: 'KON_INVALID' });
  });
});

describe('the key of a node', () => {
  const admit = (key: string) => (): void => api.enrolment.admit('default', 'n1', { keyFingerprint: key });
  const renew = (from: string, to: string) => api.enrolment.renew('default', 'n1', { from: { keyFingerprint: from }, to });
  const strange = expect.objectContaining({ code: 'KON_CERTIFICATE_UNTRUSTED' });

  test('follows each renewal; the one before is good until the new one was seen', async () => {
    await join(await token(), 'n1', 'k1');
    await renew('k1', 'k2');
    await renew('k1', 'k3'); // the answer was lost
    expect(admit('k2')).toThrow(strange);
    expect(admit('k1')).not.toThrow();
    expect(admit('k3')).not.toThrow();
    await settled();
    expect(admit('k1')).toThrow(strange);
    await expect(renew('k1', 'k4')).rejects.toMatchObject({ code: 'KON_CERTIFICATE_UNTRUSTED' });
    expect(api.store.view('default').get('Node', 'n1')?.body).toMatchObject({ keyFingerprint: 'k3', machine: 'k1' });
    const certified = (keyFingerprint: string, machine: string, generation: number) => (): void => api.enrolment.admit('default', 'n1', { keyFingerprint, machine, generation });
    expect(certified('k2', 'k1', 1)).toThrow(strange); // of before
    expect(certified('k9', 'other', 9)).toThrow(strange); // another machine
    expect(certified('k9', 'k1', 9)).not.toThrow(); // renewed after the backup that this master was restored from
    await settled();
    expect(admit('k9')).not.toThrow();
    expect(admit('k3')).toThrow(strange);
    expect(await renew('k9', 'k3')).toEqual({ grid: 'default', node: 'n1', machine: 'k1', generation: 10 });
    await api.control.resources.remove('default', 'node', 'n1');
    await expect(renew('k3', 'k4')).rejects.toMatchObject({ code: 'KON_NODE_REMOVED' });
  });
});

describe('a node', () => {
  test('that is connected is removed only when drained and empty; then its agent is not let in', async () => {
    await join(await token(), 'n1');
    await api.write('Pulse', 'n1', { state: 'heard', since: api.clock.now() });
    const instance = { service: 'todo/web', slot: 1, revision: 1, node: 'n1', wanted: 'running', reserves: { cpus: 0, memoryBytes: 0, ports: [] } } as const;
    await api.write('Instance', 'todo/web.1@1', instance);
    await expect(api.control.resources.remove('default', 'node', 'n1')).rejects.toThrow('drain it first');
    await api.control.nodes.update('default', 'n1', { availability: 'drain' });
    await expect(api.control.resources.remove('default', 'node', 'n1')).rejects.toThrow('1 instances are still to run there');
    await api.erase('Instance', 'todo/web.1@1');
    await api.control.resources.remove('default', 'node', 'node/n1');
    expect(() => api.enrolment.admit('default', 'n1', { keyFingerprint: 'key-of-n1' })).toThrow(expect.objectContaining({ code: 'KON_NODE_REMOVED' }));
  });

  test('changed to what it is already is not written', async () => {
    await join(await token(), 'n1');
    const { revision } = await api.control.nodes.update('default', 'n1', { availability: 'drain' });
    expect(await api.control.nodes.update('default', 'n1', { availability: 'drain' })).toEqual({ revision });
    await expect(api.control.nodes.update('default', 'n1', { labels: ['two words'] })).rejects.toMatchObject({ code: 'KON_INVALID' });
    await expect(api.control.nodes.update('default', 'n9', {})).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  });
});
