import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { lockName, prepareDirectory, tidyDirectory } from './data-directory.js';

let root: string;
const warned: unknown[] = [];
const log = { info: () => undefined, error: () => undefined, warn: (_message: string, facts?: object) => void warned.push(facts) };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kontena-data-'));
  warned.length = 0;
});
afterEach(() => rmSync(root, { recursive: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** A file that all may read, and a directory that all may enter. */
function openFile(...path: readonly string[]): string {
  const file = join(root, ...path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '');
  chmodSync(file, 0o644);
  chmodSync(join(file, '..'), 0o755);
  return file;
}

test('is made for its owner alone', async () => {
  await prepareDirectory(join(root, 'a', 'b'), log);
  expect([modeOf(join(root, 'a', 'b')), warned]).toEqual([0o700, []]);
});

test('that others could read is closed to them with all that Kontena keeps in it, and that is said once', async () => {
  const data = join(root, 'data');
  const files = ['store.sqlite', 'store.sqlite-wal', 'vault.key', 'admin.json', 'assignments.json.damaged', 'endpoints.json', 'pki/ca.pem'].map((name) => openFile('data', name));
  const note = openFile('data', 'note.txt');
  await prepareDirectory(data, log);
  expect([data, join(data, 'pki'), ...files, note].map(modeOf)).toEqual([0o700, 0o700, 0o600, 0o600, 0o600, 0o600, 0o600, 0o600, 0o600, 0o644]);
  await prepareDirectory(data, log);
  expect(warned).toEqual([{ files: expect.arrayContaining([data, ...files]) }]);
});

test("of other people's things is refused and stays open to them", async () => {
  openFile('home', 'letter');
  const home = join(root, 'home');
  await expect(prepareDirectory(home, log)).rejects.toMatchObject({ code: 'KON_FILE_EXPOSED', message: expect.stringContaining('letter') });
  expect(modeOf(home)).toBe(0o755);
  mkdirSync(join(root, 'disk', 'lost+found'), { recursive: true });
  chmodSync(join(root, 'disk'), 0o755);
  await prepareDirectory(join(root, 'disk'), log);
  expect(modeOf(join(root, 'disk'))).toBe(0o700);
});

test('is tidied of what writers that died left', async () => {
  const kept = openFile('data', 'vault.key');
  const gone = [openFile('data', 'admin.json.01234567.new'), openFile('data', 'pki', 'ca.pem.89abcdef.new')];
  await tidyDirectory(join(root, 'data'));
  expect([kept, ...gone].map((file) => statSync(file, { throwIfNoEntry: false }) !== undefined)).toEqual([true, false, false]);
});

test('a name is held by one at a time', async () => {
  const name = `kontena-test-${root}`;
  const unlock = await lockName(name);
  expect(await lockName(name)).toBeUndefined();
  await unlock?.();
  await (await lockName(name))?.();
});
