import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { extract, pack } from 'tar-stream';
import { type Recipients, sealed } from '../age/index.js';
import { auditKey, sealWith } from '../audit/index.js';
import { systemClock } from '../clock.js';
import { DEFAULT_LIFETIMES, MasterPki } from '../link/pki/index.js';
import { put } from '../model/index.js';
import type { Store } from '../ports/index.js';
import { systemRandom } from '../random.js';
import { openStore } from '../store/index.js';
import { FakeVaultKeys } from '../testing/fake-vault-keys.js';
import { testAudit } from '../testing/test-audit.js';
import { openVault, vaultKeys } from '../vault/index.js';
import { packBackup, removeBackupScraps } from './backup.js';
import { type Openers, removeRestoreScraps, restoreBackup } from './restore.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-backup-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const open = (data: string): Store => openStore(join(data, 'store.sqlite'), { clock: systemClock, random: systemRandom, onFatal: () => undefined });

let whole: Buffer;
let authority: string;
let cluster: string;
let epoch: number;

beforeAll(async () => {
  const data = join(root, 'data');
  const pki = join(data, 'pki');
  mkdirSync(pki, { recursive: true });
  (await MasterPki.open({ directory: pki, hosts: ['localhost'], clock: systemClock, random: systemRandom, log: quiet, lifetimes: DEFAULT_LIFETIMES })).close();
  authority = readFileSync(join(pki, 'ca.pem'), 'utf8');
  writeFileSync(join(pki, 'ca.pem.01234567.new'), 'half');
  const store = open(data);
  ({ cluster, epoch } = store.identity);
  const item = { kind: 'Secret', name: 'pw' } as const;
  const vaultKeyFile = join(data, 'vault.key');
  const vault = openVault({ keys: await vaultKeys(vaultKeyFile, { random: systemRandom }), store, random: systemRandom });
  const audit = testAudit(systemClock, join(data, 'audit.sqlite'), sealWith(await auditKey(join(data, 'audit.key'))), cluster);
  await audit.note({ who: 'ada', action: 'secret.write', grid: 'default', name: 'pw', outcome: 'done' });
  await store.update({ writer: 'api', grid: 'default' }, () => ({
    steps: [put('Grid', 'default', { defaultAffinity: [] }, 'first'), put('Secret', 'pw', { version: 1, digest: 'd' }, 'kept')],
    sealed: [{ name: 'Secret/pw@1', bytes: vault.seal('default', item, 'open sesame')(1) }],
  }));
  const pieces: Uint8Array[] = [];
  for await (const piece of packBackup(data, { store, audit, vaultKeys: vault.keys, vaultKeyFile }, new AbortController().signal)) pieces.push(piece);
  audit.close();
  await store.close();
  whole = Buffer.concat(pieces);
});

/** Restores these bytes into a new directory, and returns it. */
async function restored(name: string, bytes: Uint8Array, openers: Openers = {}): Promise<string> {
  const file = join(root, `${name}.backup`);
  writeFileSync(file, bytes);
  const directory = join(root, name, 'master');
  await restoreBackup(file, directory, openers);
  return directory;
}

test('A whole backup becomes a data directory with the same cluster and a higher epoch', async () => {
  const directory = await restored('whole', whole);
  expect(readFileSync(join(directory, 'pki', 'ca.pem'), 'utf8')).toBe(authority);
  expect(readdirSync(join(directory, 'pki')).sort()).toEqual(['admin.pem', 'ca.pem', 'server.pem']);
  const files = ['.', 'store.sqlite', 'vault.key', 'pki', 'pki/ca.pem'].map((name) => statSync(join(directory, name)).mode & 0o777);
  expect(files).toEqual([0o700, 0o600, 0o600, 0o700, 0o600]);
  const store = open(directory);
  expect([store.identity.cluster, store.identity.epoch > epoch]).toEqual([cluster, true]);
  await store.close();
});

test('What cannot be read ends the backup with the reason, and leaves nothing behind', async () => {
  const data = join(root, 'broken');
  mkdirSync(join(data, 'pki'), { recursive: true });
  const store = open(data);
  const audit = testAudit(systemClock, join(data, 'audit.sqlite'));
  const packed = async (): Promise<void> => {
    for await (const piece of packBackup(data, { store, audit, vaultKeys: new FakeVaultKeys(), vaultKeyFile: join(data, 'vault.key') }, new AbortController().signal)) expect(piece.length).toBeGreaterThan(0);
  };
  await expect(packed()).rejects.toThrow(/vault\.key/);
  audit.close();
  await store.close();
  expect(readdirSync(data).filter((name) => name.startsWith('.backup-'))).toEqual([]);
});

describe('A backup that is sealed', () => {
  const identity = generateX25519Identity();
  const seal = async (to: Recipients): Promise<Buffer> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of sealed(Readable.from([whole]), to)) pieces.push(piece);
    return Buffer.concat(pieces);
  };

  test('is restored with what opens it', async () => {
    const bytes = await seal({ recipients: [await identityToRecipient(await identity)] });
    const directory = await restored('sealed', bytes, { backup: { identities: [await identity] } });
    expect(readdirSync(directory)).toContain('store.sqlite');
  }, 60_000);

  test.each<readonly [string, Openers, RegExp]>([
    ['without', {}, /is sealed, and neither a passphrase nor an identity was named/],
    ['with-another', { backup: { passphrase: 'open sesame', identities: [] } }, /what was named does not open it/],
  ])('is refused %s', async (name, openers, message) => {
    const bytes = await seal({ recipients: [await identityToRecipient(await identity)] });
    await expect(restored(name, bytes, openers)).rejects.toMatchObject({ code: 'KON_PASSPHRASE_WRONG', message: expect.stringMatching(message) });
    expect(readdirSync(join(root, name))).toEqual([]);
  }, 60_000);

  test('is refused when it is cut', async () => {
    const bytes = await seal({ recipients: [await identityToRecipient(await identity)] });
    await expect(restored('sealed-and-cut', bytes.subarray(0, -4), { backup: { identities: [await identity] } })).rejects.toMatchObject({ code: 'KON_BACKUP_INVALID' });
    expect(readdirSync(join(root, 'sealed-and-cut'))).toEqual([]);
  }, 60_000);
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

async function collected(pieces: AsyncIterable<unknown>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece as Uint8Array);
  return all;
}

/** The whole backup, unpacked, changed and packed again. */
async function remade(change: (files: Map<string, Buffer>) => Promise<void> | void): Promise<Buffer> {
  const files = new Map<string, Buffer>();
  const untar = extract();
  untar.end(gunzipSync(whole));
  for await (const entry of untar) files.set(entry.header.name, Buffer.concat(await collected(entry)));
  await change(files);
  const tar = pack();
  for (const [name, bytes] of files) tar.entry({ name }, bytes);
  tar.finalize();
  return gzipSync(Buffer.concat(await collected(tar)));
}

/** Changes the store of a backup by hand. */
const byHand = (...statements: readonly string[]) => (files: Map<string, Buffer>): void => {
  const file = join(root, 'by-hand.sqlite');
  writeFileSync(file, files.get('store.sqlite')!);
  const db = new Database(file);
  for (const statement of statements) db.exec(statement);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  files.set('store.sqlite', readFileSync(file));
};

describe('What is whole but not sound is refused, and nothing is left of it:', () => {
  test.each<readonly [string, (files: Map<string, Buffer>) => void, RegExp]>([
    ['a history that was changed', byHand('DROP TRIGGER history_keeps_its_past', "UPDATE history SET reason = 'other' WHERE revision = 1"), /the chain of its history breaks at revision 1/],
    ['a store that is none', (files) => files.set('store.sqlite', Buffer.alloc(5000, 1)), /cannot be opened/],
    ['no authority', (files) => files.delete('pki/ca.pem'), /ca\.pem, is missing/],
    ['a key of another certificate', (files) => files.set('pki/ca.pem', Buffer.from(authority.replace(/-----BEGIN PRIVATE KEY[^]*/, String(files.get('pki/server.pem')).slice(String(files.get('pki/server.pem')).indexOf('-----BEGIN PRIVATE'))))), /ca\.pem does not hold/],
    ['a certificate that is none', (files) => files.set('pki/server.pem', Buffer.from('rubbish')), /server\.pem does not hold/],
    ['no key of the vault', (files) => files.delete('vault.key'), /vault\.key is missing/],
    ["another vault's key", (files) => files.set('vault.key', Buffer.from(systemRandom.secret(32))), /does not open secret pw/],
  ])('%s', async (title, change, message) => {
    const name = title.replaceAll(/\W/g, '-');
    await expect(restored(name, await remade(change))).rejects.toMatchObject({ code: 'KON_BACKUP_INVALID', message: expect.stringMatching(message) });
    expect(readdirSync(join(root, name))).toEqual([]);
  });

  test('an entry that comes twice', async () => {
    const tar = pack();
    for (let i = 0; i < 2; i += 1) tar.entry({ name: 'vault.key' }, 'x');
    tar.finalize();
    const bytes = gzipSync(Buffer.concat(await collected(tar)));
    await expect(restored('twice', bytes)).rejects.toMatchObject({ code: 'KON_BACKUP_INVALID', message: expect.stringContaining('twice') });
  });
});

test('What a restore that was killed left is removed by the next one, and by a start', async () => {
  const leftovers = ['scraps', 'more'].map((name) => join(root, 'killed', `master.restore-${name}`));
  for (const path of leftovers) mkdirSync(path, { recursive: true });
  mkdirSync(join(root, 'killed', 'master.restored'));
  writeFileSync(join(leftovers[0]!, 'vault.key'), 'half');
  await restored('killed', whole);
  expect(readdirSync(join(root, 'killed')).sort()).toEqual(['master', 'master.restored']);

  mkdirSync(leftovers[1]!);
  mkdirSync(join(root, 'killed', 'master', '.backup-x1'));
  await removeRestoreScraps(join(root, 'killed', 'master'));
  await removeBackupScraps(join(root, 'killed', 'master'));
  expect(readdirSync(join(root, 'killed')).sort()).toEqual(['master', 'master.restored']);
  expect(readdirSync(join(root, 'killed', 'master'))).not.toContain('.backup-x1');
});

test('One restore at a time makes a directory', async () => {
  const file = join(root, 'both.backup');
  writeFileSync(file, whole);
  const results = await Promise.allSettled([1, 2].map(() => restoreBackup(file, join(root, 'both', 'master'))));
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'KON_CONFLICT' } });
  expect(readdirSync(join(root, 'both'))).toEqual(['master']);
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
