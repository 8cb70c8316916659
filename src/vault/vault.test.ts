import { createCipheriv } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { VaultItem } from '../model/index.js';
import { FakeRandom } from '../testing/fake-random.js';
import { FakeVaultKeys } from '../testing/fake-vault-keys.js';
import { nextKeyFile, openVault, vaultKeys } from './index.js';
import { keyedDigest, seal, unseal } from './seal.js';

const KEY = Buffer.alloc(32, 1);
const OTHER_KEY = Buffer.alloc(32, 2);
const random = new FakeRandom();
const bytes = (count: number): Buffer => Buffer.from(random.secret(count), 'base64url');
const ABOUT = 'g/Secret/a';
const sealed = (text: string, version = 3): Buffer => seal(() => KEY, Buffer.from(text), ABOUT, bytes)(version);
const opened = (all: Buffer, { key = KEY, about = ABOUT, version = 3 } = {}): string => unseal([key], all, about, version).toString();

describe('what is sealed', () => {
  test.each(['x', '', 'ä 🔑\n', 'y'.repeat(200_000)])('opens as it was', (text) => {
    expect(opened(sealed(text))).toBe(text);
  });

  test('does not show what it is, nor twice the same', () => {
    expect(sealed('open sesame').includes('sesame')).toBe(false);
    expect(sealed('x').equals(sealed('x'))).toBe(false);
  });

  test('never uses a nonce or a key twice', () => {
    const used = new Set<string>();
    for (let i = 0; i < 1000; i += 1) {
      const all = sealed('x');
      for (const nonce of [all.subarray(1, 13), all.subarray(61, 73)]) used.add(nonce.toString('hex'));
    }
    expect(used.size).toBe(2000);
  });


  test.each<readonly [string, () => unknown]>([
    ['with another key', () => opened(sealed('x'), { key: OTHER_KEY })],
    ['as something else', () => opened(sealed('x'), { about: 'g/Secret/b' })],
    ['as another version', () => opened(sealed('x'), { version: 4 })],
    ['with the version of another thing', () => opened(seal(() => KEY, Buffer.from('x'), 'g/Secret/a@3', bytes)(3))],
    ['when it was changed', () => { const all = sealed('hello'); all[all.length - 20] = (all[all.length - 20] ?? 0) ^ 1; return opened(all); }],
    ['when its own key was changed', () => { const all = sealed('hello'); all[20] = (all[20] ?? 0) ^ 1; return opened(all); }],
    ['when it was cut', () => opened(sealed('hello').subarray(0, -1))],
    ['when it is empty', () => opened(Buffer.alloc(0))],
    ['in a format that is not known', () => opened(Buffer.concat([Buffer.from([9]), sealed('x').subarray(1)]))],
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
  const open = (...all: FakeVaultKeys['all']): ReturnType<typeof openVault> => openVault({ keys: Object.assign(new FakeVaultKeys(), { all }), store, random });

  test('reads what it sealed, says what it does not keep, and refuses a key that is not its own', () => {
    const vault = open(KEY);
    kept.set('Secret/db@home@3', vault.seal('g', item, 'open sesame')(3));
    expect(vault.read('g', item, 3)).toBe('open sesame');
    expect(() => vault.read('g', item, 4)).toThrow(expect.objectContaining({ code: 'KON_NOT_FOUND', message: 'the vault of grid g does not keep Secret/db@home@4' }));
    expect(() => open(OTHER_KEY)).toThrow(expect.objectContaining({ code: 'KON_VAULT_SEALED', message: "the vault's key does not open secret db@home of grid g" }));
    expect(open(KEY).read('g', item, 3)).toBe('open sesame');
  });

  test('opens no version as another', () => {
    const bytes = kept.get('Secret/db@home@3')!;
    kept.set('Secret/db@home@4', bytes);
    expect(() => open(KEY).read('g', item, 4)).toThrow(expect.objectContaining({ code: 'KON_VAULT_SEALED' }));
    kept.delete('Secret/db@home@4');
  });

  test('seals anew what an older master sealed without its version, and opens it only then', () => {
    kept.set('Secret/old@2', sealedByOlder('from before', 'g/Secret/old'));
    const vault = open(KEY);
    const old = { kind: 'Secret', name: 'old' } as const;
    expect(() => vault.read('g', old, 2)).toThrow(expect.objectContaining({ code: 'KON_VAULT_SEALED' }));
    const renewed = vault.renewed('g');
    expect(renewed.map(({ name }) => name)).toEqual(['Secret/old@2']);
    for (const { name, bytes } of renewed) kept.set(name, bytes!);
    expect([vault.read('g', old, 2), vault.renewed('g')]).toEqual(['from before', []]);
    kept.delete('Secret/old@2');
  });
});

/** Format 1: the key and the value both sealed about the item alone. */
function sealedByOlder(text: string, about: string): Buffer {
  const encrypt = (key: Buffer, value: Buffer): Buffer => {
    const nonce = bytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(about));
    return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  };
  const own = bytes(32);
  return Buffer.concat([Buffer.from([1]), encrypt(KEY, own), encrypt(own, Buffer.from(text))]);
}

describe("the vault's key", () => {
  let directory: string;
  let file: string;
  const keyIn = async (at: string, passphrase?: string): Promise<Uint8Array> => (await vaultKeys(at, { random, passphrase })).all[0];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kontena-vault-'));
    file = join(directory, 'vault.key');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('is made once, for its owner alone, and found again', async () => {
    const made = await keyIn(file);
    expect(made).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Buffer.from(await keyIn(file)).equals(made)).toBe(true);
  });

  test('is made although an earlier start was cut short', async () => {
    writeFileSync(`${file}.01234567.new`, 'half');
    await keyIn(file);
    expect([readdirSync(directory).sort(), readFileSync(file, 'utf8').length]).toEqual([['vault.key', 'vault.key.01234567.new'], 44]);
  });

  test('is refused when the file holds none, and left as it is', async () => {
    writeFileSync(file, 'not a key\n');
    await expect(keyIn(file)).rejects.toMatchObject({ code: 'KON_VAULT_SEALED' });
    expect(readFileSync(file, 'utf8')).toBe('not a key\n');
  });

  test.each(['missing/vault.key', '.'])('cannot be at %s', async (name) => {
    await expect(keyIn(join(directory, name))).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE' });
  });

  test('gives its place to another, and both open what is sealed until the change is over', async () => {
    const first = await keyIn(file);
    const keys = await vaultKeys(file, { random });
    await keys.renew();
    const [second] = keys.all;
    expect([keys.all[1], Buffer.from(second).equals(first)]).toEqual([first, false]);
    expect((await vaultKeys(file, { random })).all).toEqual([second, first]); // after a start in between
    await keys.forgetFormer();
    await keys.forgetFormer();
    expect([keys.all, (await vaultKeys(file, { random })).all, readdirSync(directory)]).toEqual([[second], [second], ['vault.key']]);
  });

  test('may be sealed by a passphrase, also one that was there before', async () => {
    const made = await keyIn(file);
    const inClear = readFileSync(file, 'utf8').trim();
    expect(await keyIn(file, 'open sesame')).toEqual(made);
    expect(readFileSync(file, 'utf8')).not.toContain(inClear);
    expect(await keyIn(file, 'open sesame')).toEqual(made);
    await expect(keyIn(file, 'open sesam')).rejects.toMatchObject({ code: 'KON_PASSPHRASE_WRONG', message: 'the passphrase does not open vault.key' });
    await expect(keyIn(file)).rejects.toMatchObject({ code: 'KON_PASSPHRASE_WRONG', message: 'vault.key is sealed by a passphrase, and none was named' });
    const keys = await vaultKeys(file, { random, passphrase: 'open sesame' });
    await keys.renew();
    expect(readFileSync(nextKeyFile(file), 'utf8')).toMatch(/^kontena-vault-key-scrypt17 /);
  }, 60_000);
});
