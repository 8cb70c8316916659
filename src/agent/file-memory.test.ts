import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Assignments } from '../model/index.js';
import { minimalService } from '../testing/runtime-contract.js';
import { fileMemory } from './file-memory.js';

const assignments = (revision: number): Assignments => ({
  cluster: 'c', epoch: 1, revision, grid: 'g', services: { 'todo/web@4': minimalService('web:1') }, instances: [{ name: 'todo/web.1@5', service: 'todo/web@4', wanted: 'running' }], secrets: { 'Secret/a@1': 'x' },
});

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kontena-memory-'));
  file = join(directory, 'assignments.json');
});
afterEach(() => rmSync(directory, { recursive: true }));

test('what was saved last is what is loaded', async () => {
  const memory = fileMemory(file);
  expect(await memory.load()).toBeUndefined();
  await memory.save(assignments(1));
  await memory.save(assignments(2));
  expect(await fileMemory(file).load()).toEqual(assignments(2));
  expect(readdirSync(directory)).toEqual(['assignments.json']);
  expect(statSync(file).mode & 0o777).toBe(0o600); // what runs, and with what environment, is nobody else's business
});

test('a crash while saving leaves what was there before', async () => {
  await fileMemory(file).save(assignments(1));
  writeFileSync(`${file}.new`, '{"format":1,"assign');
  expect(await fileMemory(file).load()).toEqual(assignments(1));
});

test.each([
  ['half of it', (text: string) => text.slice(0, text.length / 2)],
  ['nothing', () => ''],
  ['noise', () => '\u0000\u0001'],
  ['null', () => 'null'],
  ['something else', () => '{"format":1,"assignments":{"cluster":"c","epoch":1,"revision":1,"services":{},"instances":5}}'],
  ['another format', (text: string) => text.replace('"format":1', '"format":2')],
  ['an instance without its service', (text: string) => text.replace('"todo/web@4":', '"todo/web@3":')],
])('a file that holds %s is refused, and kept aside', async (_title, damage) => {
  await fileMemory(file).save(assignments(1));
  const damaged = damage(readFileSync(file, 'utf8'));
  writeFileSync(file, damaged);
  await expect(fileMemory(file).load()).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE', message: expect.stringContaining(`${file}.damaged`) });
  expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(damaged);
  expect(await fileMemory(file).load()).toBeUndefined();
});
