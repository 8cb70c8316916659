import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { collect, openApi, type OpenedApi } from '../testing/opened-api.js';

let api: OpenedApi;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const token = async (ttlSeconds = 60): Promise<string> => (await api.control.createToken('default', { ttlSeconds, labels: ['ssd'] })).token;
const join = (use: string, name: string, keyFingerprint = `key-of-${name}`) => api.enrolment.join({ token: use, name, labels: ['az=1'], keyFingerprint });
const nodes = () => api.store.view('default').list('Node').map(({ name, body }) => `${name} #${body.number} ${body.keyFingerprint}`);

describe('a join token', () => {
  test('lets agents in until it expires or is revoked, and says which', async () => {
    const made = await api.control.createToken('default', { ttlSeconds: 60, labels: [] });
    expect(made.token).toMatch(/^[0-9a-f]{12}\.[\w-]{43}$/);
    expect(await join(made.token, 'n1')).toEqual({ grid: 'default', node: 'n1' });
    api.clock.advance(60_000);
    await expect(join(made.token, 'n2')).rejects.toMatchObject({ code: 'KON_TOKEN_INVALID', message: expect.stringContaining('expired at 2026-01-01T00:01:00') });

    const other = await api.control.createToken('default', { ttlSeconds: 60, labels: [] });
    await api.control.remove('default', 'token', other.id);
    await expect(join(other.token, 'n2')).rejects.toMatchObject({ code: 'KON_TOKEN_INVALID' });
  });

  test('is kept as a hash only, and shown without it', async () => {
    const made = await api.control.createToken('default', { ttlSeconds: 60, labels: [] });
    const secret = made.token.slice(made.token.indexOf('.') + 1);
    expect(JSON.stringify(api.store.history({}))).not.toContain(secret);
    const shown = JSON.stringify([await collect(api.control.list({ grid: 'default', kind: 'token' })), await collect(api.control.history('default', 'token', made.id))]);
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
    await expect(token(ttlSeconds)).rejects.toMatchObject({ code: 'KON_INVALID' });
  });

  test('long expired is forgotten', async () => {
    await token();
    api.clock.advance(25 * 3600 * 1000);
    await token();
    expect(api.store.view('default').list('Token')).toHaveLength(1);
  });
});

describe('joining', () => {
  test('gives the lowest free number, also to many at once', async () => {
    const use = await token();
    await Promise.all(['n1', 'n2', 'n3'].map((name) => join(use, name)));
    expect(nodes()).toEqual(['n1 #1 key-of-n1', 'n2 #2 key-of-n2', 'n3 #3 key-of-n3']);
    await api.control.remove('default', 'node', 'n2');
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

  test('under the name of a connected node is refused; under that of a silent one the key is replaced', async () => {
    const use = await token();
    await join(use, 'n1');
    await api.control.setNode('default', 'n1', { labels: ['by-hand'] });
    const since = api.clock.now();
    await api.write('Pulse', 'n1', { state: 'heard', since });
    await expect(join(use, 'n1', 'other')).rejects.toMatchObject({ code: 'KON_NODE_NAME_TAKEN' });
    await api.write('Pulse', 'n1', { state: 'engine', since });
    await expect(join(use, 'n1', 'other')).rejects.toMatchObject({ code: 'KON_NODE_NAME_TAKEN' });
    await api.write('Pulse', 'n1', { state: 'silent', since });
    await join(use, 'n1', 'other');
    expect(nodes()).toEqual(['n1 #1 other']);
    expect(api.store.view('default').get('Node', 'n1')?.body.labels).toEqual(['by-hand']);
    expect(() => api.enrolment.admit('default', 'n1', 'key-of-n1')).toThrow(expect.objectContaining({ code: 'KON_CERTIFICATE_UNTRUSTED' }));
    expect(() => api.enrolment.admit('default', 'n1', 'other')).not.toThrow();
  });

  test('does not take the name of a node that may yet come back to a master just started', async () => {
    const use = await token();
    await join(use, 'n1');
    await api.write('Health', 'n1', { phase: 'online', since: api.clock.now(), wasLost: false });
    await expect(join(use, 'n1', 'other')).rejects.toMatchObject({ code: 'KON_NODE_NAME_TAKEN' });
    api.clock.advance(30_000);
    await join(use, 'n1', 'other');
    expect(nodes()).toEqual(['n1 #1 other']);
  });

  test.each(['', 'a/b', '-n', 'x'.repeat(64)])('as "%s" is refused', async (name) => {
    await expect(join(await token(), name)).rejects.toMatchObject({ code: 'KON_INVALID' });
  });
});

describe('a node', () => {
  test('that is connected is removed only when drained and empty; then its agent is not let in', async () => {
    await join(await token(), 'n1');
    await api.write('Pulse', 'n1', { state: 'heard', since: api.clock.now() });
    const instance = { service: 'todo/web', slot: 1, revision: 1, node: 'n1', wanted: 'running', reserves: { cpus: 0, memoryBytes: 0, ports: [] } } as const;
    await api.write('Instance', 'todo/web.1@1', instance);
    await expect(api.control.remove('default', 'node', 'n1')).rejects.toThrow('drain it first');
    await api.control.setNode('default', 'n1', { availability: 'drain' });
    await expect(api.control.remove('default', 'node', 'n1')).rejects.toThrow('1 instances are still to run there');
    await api.erase('Instance', 'todo/web.1@1');
    await api.control.remove('default', 'node', 'node/n1');
    expect(() => api.enrolment.admit('default', 'n1', 'key-of-n1')).toThrow(expect.objectContaining({ code: 'KON_NODE_REMOVED' }));
  });

  test('changed to what it is already is not written', async () => {
    await join(await token(), 'n1');
    const { revision } = await api.control.setNode('default', 'n1', { availability: 'drain' });
    expect(await api.control.setNode('default', 'n1', { availability: 'drain' })).toEqual({ revision });
    await expect(api.control.setNode('default', 'n1', { labels: ['two words'] })).rejects.toMatchObject({ code: 'KON_INVALID' });
    await expect(api.control.setNode('default', 'n9', {})).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  });
});
