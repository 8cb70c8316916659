import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FakeVaultKeys } from '../testing/fake-vault-keys.js';
import { openApi, type OpenedApi } from '../testing/opened-api.js';
import { testVault } from '../testing/test-vault.js';

let api: OpenedApi;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const FIRST = 7;
const write = (name: string, value: string, grid = 'default') => api.control.vault.writeSecret(grid, { name, value });
/** Read with the newest key alone. */
const kept = (...names: readonly string[]): readonly string[] => {
  const vault = testVault(api.store, Object.assign(new FakeVaultKeys(), { all: [api.vaultKeys.all[0]] }));
  return names.map((name) => vault.read('default', { kind: 'Secret', name }, 1));
};

test('Another key seals everything in all grids, and no value changes', async () => {
  await api.control.grids.create({ name: 'shop' });
  await write('a', 'one');
  await write('b', 'two');
  await write('a', 'three', 'shop');
  const before = api.store.sealed('default', 'Secret/a@1');
  expect(await api.control.vault.rotateKey()).toEqual({ sealed: 3 });
  expect(api.vaultKeys.all).toEqual([Buffer.alloc(32, FIRST + 1)]);
  expect(api.store.sealed('default', 'Secret/a@1')).not.toEqual(before);
  expect([...kept('a', 'b'), await api.control.vault.readSecret('shop', 'a')]).toEqual(['one', 'two', 'three']);
  expect(() => testVault(api.store)).toThrow(expect.objectContaining({ code: 'KON_VAULT_SEALED' }));
});

test('What is written again is known to be the same, so nothing is replaced', async () => {
  await write('a', 'one');
  await api.control.vault.rotateKey();
  expect(await write('a', 'one')).toMatchObject({ version: 1, isChanged: false });
  expect(await write('a', 'two')).toMatchObject({ version: 2, isChanged: true });
});

test('What is written while the key is changed is kept too', async () => {
  await write('a', 'one');
  let late: Promise<unknown> | undefined;
  api.vaultKeys.onRenewed = () => void (late = write('b', 'two'));
  const rotated = api.control.vault.rotateKey();
  await Promise.all([rotated, write('c', 'three')]);
  await late;
  expect(kept('a', 'b', 'c')).toEqual(['one', 'two', 'three']);
});

test('Two changes at once come one after the other', async () => {
  await write('a', 'one');
  expect(await Promise.all([api.control.vault.rotateKey(), api.control.vault.rotateKey()])).toEqual([{ sealed: 1 }, { sealed: 1 }]);
  expect(api.vaultKeys.all).toEqual([Buffer.alloc(32, FIRST + 2)]);
  expect(kept('a')).toEqual(['one']);
});

test('A change that was cut short is ended at the next start', async () => {
  await write('a', 'one');
  await api.vaultKeys.renew();
  await api.prepare();
  expect(api.vaultKeys.all).toEqual([Buffer.alloc(32, FIRST + 1)]);
  expect(kept('a')).toEqual(['one']);
});
