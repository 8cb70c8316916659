import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createFile, keepPrivate, moveWhole, removeLeftovers, replaceFile, scratchBeside } from './index.js';

let directory: string;
const at = (name: string): string => join(directory, name);
const modeOf = (name: string): number => statSync(at(name)).mode & 0o777;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kontena-files-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

describe('a file', () => {
  test('is replaced whole, for its owner alone unless said otherwise, and nothing stays beside it', async () => {
    writeFileSync(at('a'), 'old', { mode: 0o644 });
    await replaceFile(at('a'), 'new');
    await replaceFile(at('b'), Buffer.from('all'), { mode: 0o644 });
    expect([readFileSync(at('a'), 'utf8'), modeOf('a'), modeOf('b'), readdirSync(directory)]).toEqual(['new', 0o600, 0o644, ['a', 'b']]);
  });

  test('is on disk before it takes its place, and its name after', async () => {
    writeFileSync(at('a'), 'old');
    const probe = await open(at('a'), 'r');
    const synced: string[] = [];
    const sync = jest.spyOn(Object.getPrototypeOf(probe) as FileHandle, 'sync').mockImplementation(() => Promise.resolve(void synced.push(readFileSync(at('a'), 'utf8'))));
    await probe.close();
    await replaceFile(at('a'), 'new');
    expect([synced, sync.mock.calls.length]).toEqual([['old', 'new'], 2]);
  });

  test('that is made new is refused where there is one, which stays', async () => {
    await createFile(at('a'), 'first');
    await expect(createFile(at('a'), 'second')).rejects.toMatchObject({ code: 'EEXIST' });
    expect([readFileSync(at('a'), 'utf8'), modeOf('a'), readdirSync(directory)]).toEqual(['first', 0o600, ['a']]);
  });

  test('that cannot take its place leaves nothing behind', async () => {
    mkdirSync(join(at('a'), 'full'), { recursive: true });
    await expect(replaceFile(at('a'), 'x')).rejects.toThrow();
    expect(readdirSync(directory)).toEqual(['a']);
  });

  test('moves in place of another', async () => {
    writeFileSync(at('a'), 'a');
    writeFileSync(at('b'), 'b');
    await moveWhole(at('a'), at('b'));
    expect([readdirSync(directory), readFileSync(at('b'), 'utf8')]).toEqual([['b'], 'a']);
  });

  test('half written by one who died is removed later, and nothing else is', async () => {
    writeFileSync(scratchBeside(at('a')), 'half');
    mkdirSync(scratchBeside(at('pki')));
    for (const name of ['a', 'b.new', 'c.0123456.new', 'd.01234567.new.txt']) writeFileSync(at(name), '');
    await removeLeftovers(directory);
    await removeLeftovers(at('nowhere'));
    expect(readdirSync(directory).sort()).toEqual(['a', 'b.new', 'c.0123456.new', 'd.01234567.new.txt']);
  });
});

describe('what is to be private', () => {
  test('is put right where it is ours, and said', async () => {
    mkdirSync(at('open'));
    chmodSync(at('open'), 0o755);
    for (const [name, mode] of [['closed', 0o400], ['store', 0o644], ['tool', 0o750]] as const) {
      writeFileSync(at(name), '');
      chmodSync(at(name), mode);
    }
    const mended = await keepPrivate(['open', 'closed', 'store', 'tool', 'missing'].map(at));
    expect(mended).toEqual(['open', 'store', 'tool'].map(at));
    expect(['open', 'closed', 'store', 'tool'].map(modeOf)).toEqual([0o700, 0o400, 0o600, 0o700]);
    expect(await keepPrivate([at('open'), at('store')])).toEqual([]);
  });

  test("is refused where it is somebody else's, and left as it is", async () => {
    writeFileSync(at('store'), '');
    chmodSync(at('store'), 0o644);
    jest.spyOn(process as { getuid: () => number }, 'getuid').mockReturnValue(4711);
    await expect(keepPrivate([at('store')])).rejects.toMatchObject({ code: 'KON_FILE_EXPOSED', message: expect.stringContaining(at('store')) });
    expect(modeOf('store')).toBe(0o644);
  });
});
