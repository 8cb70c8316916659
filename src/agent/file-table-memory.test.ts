import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TableMemory } from '../ports/index.js';
import { fileTableMemory } from './file-table-memory.js';

let directory: string;
let memory: TableMemory;
const fileOf = (table: string): string => join(directory, `${table}.json`);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kontena-tables-'));
  memory = fileTableMemory(fileOf);
});
afterEach(() => rmSync(directory, { recursive: true }));

const PEER = { node: 'n1', subnet: '10.81.1.0/24', publicKey: 'key' };

test('what was saved last of each table is what is loaded', async () => {
  expect(await memory.load('peers')).toBeUndefined();
  await memory.save('peers', [PEER]);
  await memory.save('endpoints', []);
  expect([await memory.load('peers'), await memory.load('endpoints')]).toEqual([[PEER], []]);
});

test.each(['', '{"format":1,"ro', '{"format":9,"rows":[]}', '{"format":1,"rows":7}'])('what is damaged counts as missing: %j', async (text) => {
  writeFileSync(fileOf('peers'), text);
  expect(await memory.load('peers')).toBeUndefined();
});

test('what cannot be read is an error', async () => {
  memory = fileTableMemory(() => directory);
  await expect(memory.load('peers')).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE' });
});
