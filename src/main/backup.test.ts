import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../clock.js';
import { systemRandom } from '../random.js';
import { openStore } from '../store/index.js';
import { packBackup, restoreBackup } from './backup.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-backup-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let whole: Buffer;
let cluster: string;
let epoch: number;

beforeAll(async () => {
  const data = join(root, 'data');
  mkdirSync(join(data, 'pki'), { recursive: true });
  writeFileSync(join(data, 'pki', 'ca.pem'), 'the CA');
  writeFileSync(join(data, 'vault.key'), 'the key');
  const store = openStore(join(data, 'store.sqlite'), { clock: systemClock, random: systemRandom, onFatal: () => undefined });
  ({ cluster, epoch } = store.identity);
  const pieces: Uint8Array[] = [];
  for await (const piece of packBackup(data, store, new AbortController().signal)) pieces.push(piece);
  await store.close();
  whole = Buffer.concat(pieces);
});

/** Restores these bytes into a new directory, and returns it. */
async function restored(name: string, bytes: Uint8Array): Promise<string> {
  const file = join(root, `${name}.backup`);
  writeFileSync(file, bytes);
  const directory = join(root, name, 'master');
  await restoreBackup(file, directory);
  return directory;
}

test('A whole backup becomes a data directory with the same cluster and a higher epoch', async () => {
  const directory = await restored('whole', whole);
  expect(readFileSync(join(directory, 'pki', 'ca.pem'), 'utf8')).toBe('the CA');
  expect(readFileSync(join(directory, 'vault.key'), 'utf8')).toBe('the key');
  const store = openStore(join(directory, 'store.sqlite'), { clock: systemClock, random: systemRandom, onFatal: () => undefined });
  expect([store.identity.cluster, store.identity.epoch > epoch]).toEqual([cluster, true]);
  await store.close();
});

test('What cannot be read ends the backup with the reason, and leaves nothing behind', async () => {
  const data = join(root, 'broken');
  mkdirSync(join(data, 'pki'), { recursive: true });
  const store = openStore(join(data, 'store.sqlite'), { clock: systemClock, random: systemRandom, onFatal: () => undefined });
  const pack = async (): Promise<void> => {
    for await (const piece of packBackup(data, store, new AbortController().signal)) expect(piece.length).toBeGreaterThan(0);
  };
  await expect(pack()).rejects.toThrow(/vault\.key/);
  await store.close();
  expect(readdirSync(data).filter((name) => name.startsWith('.backup-'))).toEqual([]);
});

describe('What is no whole backup is refused, and nothing is left of it:', () => {
  test.each<readonly [string, () => Uint8Array, RegExp]>([
    ['cut', () => whole.subarray(0, 1000), /is not a whole Kontena backup: .*unexpected end of file/],
    ['cut-late', () => whole.subarray(0, whole.length - 4), /is not a whole Kontena backup/],
    ['changed', () => Buffer.from(whole).fill(255, 1000, 1020), /is not a whole Kontena backup/],
    ['empty', () => new Uint8Array(), /is not a whole Kontena backup/],
    ['noise', () => Buffer.from('no backup at all'), /is not a whole Kontena backup: .*incorrect header check/],
    ['other-archive', () => gzipSync('no archive either'), /is not a whole Kontena backup/],
  ])('%s', async (name, bytes, message) => {
    await expect(restored(name, bytes())).rejects.toMatchObject({ code: 'KON_BACKUP_INVALID', message: expect.stringMatching(message) });
    expect(readdirSync(join(root, name))).toEqual([]);
  });

  test('a file that is not there', async () => {
    await expect(restoreBackup(join(root, 'nothing'), join(root, 'none'))).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE', message: expect.stringContaining('no such file') });
    expect(existsSync(join(root, 'none'))).toBe(false);
  });
});

describe('What is there already stays:', () => {
  test('a directory with something in it', async () => {
    const directory = join(root, 'taken');
    mkdirSync(directory);
    writeFileSync(join(directory, 'letter'), 'mine');
    await expect(restoreBackup(join(root, 'whole.backup'), directory)).rejects.toMatchObject({ code: 'KON_FILE_EXISTS' });
    expect(readdirSync(directory)).toEqual(['letter']);
  });
  test('a file', async () => {
    const file = join(root, 'letter');
    writeFileSync(file, 'mine');
    await expect(restoreBackup(join(root, 'whole.backup'), file)).rejects.toMatchObject({ code: 'KON_FILE_EXISTS' });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});
