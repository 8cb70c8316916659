import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { VaultItem } from '../model/index.js';
import { FakeRandom } from '../testing/fake-random.js';
import { openVault, vaultKey } from './index.js';
import { keyedDigest, seal, unseal } from './seal.js';

const KEY = Buffer.alloc(32, 1);
const OTHER_KEY = Buffer.alloc(32, 2);
const random = new FakeRandom();
const bytes = (count: number): Buffer => Buffer.from(random.secret(count), 'base64url');
const sealed = (text: string, about = 'g/Secret/a'): Buffer => seal(KEY, Buffer.from(text), about, bytes);

describe('what is sealed', () => {
  test.each(['x', '', 'ä 🔑\n', 'y'.repeat(200_000)])('opens as it was', (text) => {
    expect(unseal(KEY, sealed(text), 'g/Secret/a').toString()).toBe(text);
  });

  test('does not show what it is, nor twice the same', () => {
    expect(sealed('open sesame').includes('sesame')).toBe(false);
    expect(sealed('x').equals(sealed('x'))).toBe(false);
  });

  test('has nonces of its own each time, one for its key and one for itself', () => {
    const [format, nonce, wrapped] = [1, 12, 12 + 32 + 16];
    const noncesOf = (bytes: Buffer): readonly string[] => [format, format + wrapped].map((from) => bytes.subarray(from, from + nonce).toString('hex'));
    expect(new Set([...noncesOf(sealed('x')), ...noncesOf(sealed('x'))]).size).toBe(4);
  });

  test.each<readonly [string, () => unknown]>([
    ['with another key', () => unseal(OTHER_KEY, sealed('x'), 'g/Secret/a')],
    ['as something else', () => unseal(KEY, sealed('x'), 'g/Secret/b')],
    ['when it was changed', () => { const all = sealed('hello'); all[all.length - 20] = (all[all.length - 20] ?? 0) ^ 1; return unseal(KEY, all, 'g/Secret/a'); }],
    ['when its own key was changed', () => { const all = sealed('hello'); all[20] = (all[20] ?? 0) ^ 1; return unseal(KEY, all, 'g/Secret/a'); }],
    ['when it was cut', () => unseal(KEY, sealed('hello').subarray(0, -1), 'g/Secret/a')],
    ['when it is empty', () => unseal(KEY, Buffer.alloc(0), 'g/Secret/a')],
    ['in a format that is not known', () => unseal(KEY, Buffer.concat([Buffer.from([9]), sealed('x').subarray(1)]), 'g/Secret/a')],
  ])('does not open %s', (_title, open) => {
    expect(open).toThrow();
  });

  test('has a digest that tells equal from different, and nothing without the key', () => {
    const digest = (key: Buffer, text: string, about = 'a'): string => keyedDigest(key, Buffer.from(text), about);
    expect(digest(KEY, 'x')).toBe(digest(KEY, 'x'));
    expect(new Set([digest(KEY, 'x'), digest(KEY, 'y'), digest(OTHER_KEY, 'x'), digest(KEY, 'x', 'b')]).size).toBe(4);
    expect(digest(KEY, 'bc', 'a')).not.toBe(digest(KEY, 'c', 'ab'));
  });
});

describe('the vault', () => {
  const item: VaultItem = { kind: 'Secret', name: 'db@home' };
  const kept = new Map<string, Uint8Array>();
  const store = { sealed: (_grid: string, name: string) => kept.get(name), sealedNames: () => [...kept.keys()], grids: () => ['g'] };
  const open = (key: Uint8Array): ReturnType<typeof openVault> => openVault({ key, store, random });

  test('reads what it sealed, says what it does not keep, and refuses a key that is not its own', () => {
    const vault = open(KEY);
    kept.set('Secret/db@home@3', vault.seal('g', item, 'open sesame'));
    expect(vault.read('g', item, 3)).toBe('open sesame');
    expect(() => vault.read('g', item, 4)).toThrow(expect.objectContaining({ code: 'KON_NOT_FOUND', message: 'the vault of grid g does not keep Secret/db@home@4' }));
    expect(() => open(OTHER_KEY)).toThrow(expect.objectContaining({ code: 'KON_VAULT_SEALED', message: "the vault's key does not open secret db@home of grid g" }));
    expect(open(KEY).read('g', item, 3)).toBe('open sesame');
  });
});

describe("the vault's key", () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kontena-vault-'));
    file = join(directory, 'vault.key');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('is made once, for its owner alone, and found again', async () => {
    const made = await vaultKey(file, random);
    expect(made).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Buffer.from(await vaultKey(file, random)).equals(made)).toBe(true);
  });

  test('is made although an earlier start was cut short', async () => {
    writeFileSync(`${file}.new`, 'half');
    await vaultKey(file, random);
    expect([existsSync(`${file}.new`), readFileSync(file, 'utf8').length]).toEqual([false, 44]);
  });

  test('is refused when the file holds none, and left as it is', async () => {
    writeFileSync(file, 'not a key\n');
    await expect(vaultKey(file, random)).rejects.toMatchObject({ code: 'KON_VAULT_SEALED' });
    expect(readFileSync(file, 'utf8')).toBe('not a key\n');
  });

  test.each(['missing/vault.key', '.'])('cannot be at %s', async (name) => {
    await expect(vaultKey(join(directory, name), random)).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE' });
  });
});
