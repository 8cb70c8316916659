import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeRandom } from '../testing/fake-random.js';
import { inOneSentence } from './files.js';
import { stackReader } from './index.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kontena-reader-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const read = async (text: string, stored: Readonly<Record<string, unknown>> = {}) => {
  await writeFile(join(directory, 'stack.yml'), text);
  return stackReader({ grid: 'default', environment: { TAG: '7' }, random: new FakeRandom() })(join(directory, 'stack.yml'), stored);
};

const FILE = `
stack: acme/todo
version: 1.0.0
variables:
  tag: { type: string, from: { env: TAG } }
  word: { type: string, from: { random_string: 12 } }
services:
  web: { image: "redis:\${tag}", environment: ["WORD=\${word}"] }
`;

test('a file is read with the values of the environment', async () => {
  expect(await read(FILE)).toMatchObject({ name: 'todo', services: { web: { image: 'redis:7' } } });
});

test('what was drawn by lot stays as the grid has it', async () => {
  const { services } = await read(FILE, { word: 'drawn-before', tag: '6' });
  expect(services.web).toMatchObject({ image: 'redis:7', env: ['WORD=drawn-before'] });
});

test('a default that was edited counts, whatever the grid has', async () => {
  const { services } = await read(FILE.replace('from: { env: TAG }', 'default: "9"'), { word: 'drawn-before', tag: '8' });
  expect(services.web).toMatchObject({ image: 'redis:9', env: ['WORD=drawn-before'] });
});

test('mistakes are said with their places', async () => {
  const error = await read('stack: acme/todo\nversion: 1.0.0\nservices:\n  web: { imgae: redis }\n').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'KON_STACK_INVALID' });
  expect(inOneSentence(error)).toMatch(/^line 4:\d+ services\.web.*imgae/);
});

test('a file that is gone is a mistake like any other', async () => {
  await expect(stackReader({ grid: 'default', environment: {}, random: new FakeRandom() })(join(directory, 'none.yml'), {})).rejects.toMatchObject({ code: 'KON_STACK_INVALID' });
});
