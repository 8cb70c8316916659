import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { collect, openApi, type OpenedApi, stackSpec } from '../testing/opened-api.js';

const GRID = 'default';
const PASSWORD = 'open sesame';
let api: OpenedApi;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const write = (over = {}) => api.control.registries.write(GRID, { host: 'https://Registry.example.com:5000/v2/', user: 'ci', password: PASSWORD, ...over });
const sealed = (): readonly string[] => api.store.sealedNames(GRID).filter((name) => name.startsWith('Registry/'));
const shown = async () => (await collect(api.control.resources.list({ grid: GRID, kind: 'registry' }))).map(({ name, spec, status }) => ({ name, spec, status }));

test('a login is kept under its host, sealed, and its password is nowhere else', async () => {
  await api.control.stacks.apply({ grid: GRID, stack: stackSpec('todo', { web: { image: 'registry.example.com:5000/todo:1' }, db: { image: 'redis' } }), dryRun: false });
  expect(await write()).toMatchObject({ name: 'registry.example.com:5000', version: 1, isChanged: true });
  expect(await write()).toMatchObject({ version: 1, isChanged: false });
  expect(await write({ password: 'other' })).toMatchObject({ version: 2, isChanged: true });
  expect(sealed()).toEqual(['Registry/registry.example.com:5000@2']);
  expect(await shown()).toEqual([{ name: 'registry.example.com:5000', spec: { user: 'ci' }, status: { version: 2, usedBy: ['todo/web'] } }]);
  expect(JSON.stringify([...api.store.history({})])).not.toContain(PASSWORD);
});

test('it is removed with what is sealed, whatever it is called by', async () => {
  await write();
  await write({ host: 'ghcr.io' });
  await api.control.resources.remove(GRID, 'registry', 'https://registry.example.com:5000');
  expect([await shown(), sealed()]).toEqual([[expect.objectContaining({ name: 'ghcr.io' })], ['Registry/ghcr.io@1']]);
  await expect(api.control.resources.remove(GRID, 'registry', 'gcr.io')).rejects.toMatchObject({ code: 'KON_NOT_FOUND', message: expect.stringContaining('did you mean ghcr.io?') });
});

test.each([[{ host: 'a b' }, '"a b" is no registry'], [{ user: '' }, 'lacks its user'], [{ password: '' }, 'lacks its password']])('%j is refused', async (over, message) => {
  await expect(write(over)).rejects.toMatchObject({ code: 'KON_INVALID', message: expect.stringContaining(message) });
  expect(sealed()).toEqual([]);
});
