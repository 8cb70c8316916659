import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replaceFile } from './replace-file.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kontena-replace-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

/** What is in the file at each wait for the disk; undefined before it is there. */
async function atEachSync(file: string): Promise<readonly (string | undefined)[]> {
  const seen: (string | undefined)[] = [];
  const handle = await open(directory, 'r');
  const all = Object.getPrototypeOf(handle) as FileHandle; // every open file has it
  await handle.close();
  jest.spyOn(all, 'sync').mockImplementation(() => Promise.resolve(void seen.push(existsSync(file) ? readFileSync(file, 'utf8') : undefined)));
  return seen;
}

test('a text is on the disk before it takes the place of another, and so is its place before it counts', async () => {
  const file = join(directory, 'text');
  const seen = await atEachSync(file);
  await replaceFile(file, 'one');
  await replaceFile(file, 'two');
  expect(seen).toEqual([undefined, 'one', 'one', 'two']);
});
