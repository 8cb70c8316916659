import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeRandom } from '../testing/fake-random.js';
import { inOneSentence } from './in-one-sentence.js';
import { stackReader } from './index.js';

type Stored = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kontena-reader-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const ONLINE: Readonly<Record<string, string>> = { 'acme/redis': 'stack: acme/redis\nversion: 1.0.0\nservices: { redis: { image: "redis:6" } }\n' };

/** Everything that a file declares, and what else was read for it. */
const readAll = async (text: string, stored: Stored = {}) => {
  await writeFile(join(directory, 'stack.yml'), text);
  const noted: string[] = [];
  const reader = stackReader({ grid: 'default', environment: { TAG: '7' }, random: new FakeRandom(), fetchStack: (name) => Promise.resolve(ONLINE[name]) });
  const declared = await reader(join(directory, 'stack.yml'), (name) => ({ variables: stored[name] ?? {}, variableOrigins: { word: 'random_string', tag: 'given' } }), (other) => noted.push(other));
  return { declared: declared.stacks, volumes: declared.volumes, noted };
};
const read = async (text: string, stored: Readonly<Record<string, unknown>> = {}) => {
  const [own] = (await readAll(text, { todo: stored })).declared;
  if (own === undefined) throw new Error('nothing is declared');
  return own.stack;
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

test('a file that draws no lots any more is not given the old one', async () => {
  const { services } = await read(FILE.replace('from: { random_string: 12 }', 'default: plain'), { word: 'drawn-before' });
  expect(services.web).toMatchObject({ env: ['WORD=plain'] });
});

test('a default that was edited counts, whatever the grid has', async () => {
  const { services } = await read(FILE.replace('from: { env: TAG }', 'default: "9"'), { word: 'drawn-before', tag: '8' });
  expect(services.web).toMatchObject({ image: 'redis:9', env: ['WORD=drawn-before'] });
});

test('mistakes are said with their places', async () => {
  const error = await read('stack: acme/todo\nversion: 1.0.0\nservices:\n  web: { imgae: redis }\n').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'KON_STACK_INVALID' });
  expect(inOneSentence(error, join(directory, 'stack.yml'))).toContain('; line 4:10 services.web.imgae: "imgae" is not a key of a service (did you mean image?)');
});

test('a file that is gone is a mistake like any other', async () => {
  await expect(stackReader({ grid: 'default', environment: {}, random: new FakeRandom() })(join(directory, 'none.yml'), () => ({ variables: {} }), () => undefined)).rejects.toMatchObject({ code: 'KON_STACK_INVALID' });
});

const PARENT = 'stack: acme/todo\nversion: 1.0.0\ndepends:\n  db: { stack: deps/db.yml, variables: { tag: "5" } }\n  cache: { stack: acme/redis }\nservices:\n  web: { image: "web:1" }\n';
const CHILD = 'stack: acme/db\nversion: 2.0.0\nvariables:\n  tag: { type: string }\n  word: { type: string, from: { random_string: 12 } }\nservices:\n  db: { image: "db:${tag}", environment: ["WORD=${word}"] }\n';

describe('a file that depends on others', () => {
  const child = async (text: string): Promise<void> => {
    await mkdir(join(directory, 'deps'), { recursive: true });
    await writeFile(join(directory, 'deps', 'db.yml'), text);
  };

  test('volumes, one in each document', async () => {
    const { declared, volumes } = await readAll('kind: Volume\nname: data\nscope: instance\n---\n{"kind": "Volume", "name": "up", "scope": "grid", "driver": "sshfs", "driver_opts": {"port": 22}}\n');
    expect([declared, volumes]).toEqual([[], [{ name: 'data', scope: 'instance', driver: 'local', driverOpts: {} }, { name: 'up', scope: 'grid', driver: 'sshfs', driverOpts: { port: '22' } }]]);
    await expect(readAll('kind: Volume\nname: data\n')).rejects.toMatchObject({ code: 'KON_STACK_INVALID', mistakes: [{ path: 'scope', message: 'scope is missing' }] });
  });

  test('declares them before itself, with the values it gives them and those drawn before, and notes where they stand', async () => {
    await child(CHILD);
    const { declared, noted } = await readAll(PARENT, { 'todo-db': { word: 'drawn-before', tag: '4' } });
    expect(declared.map(({ stack, file }) => [stack.name, stack.parent, Object.values(stack.services).map(({ image, env }) => [image, ...env]), file])).toEqual([
      ['todo-db', 'todo', [['db:5', 'WORD=drawn-before']], join(directory, 'deps', 'db.yml')],
      ['todo-cache', 'todo', [['redis:6']], 'acme/redis'],
      ['todo', undefined, [['web:1']], join(directory, 'stack.yml')],
    ]);
    expect(new Set(noted)).toEqual(new Set([join(directory, 'stack.yml'), join(directory, 'deps', 'db.yml'), join(directory, 'acme', 'redis'), 'acme/redis']));
  });

  test('fails with their mistakes, which name their file', async () => {
    await child(CHILD.replace('image:', 'imgae:'));
    const error = await readAll(PARENT).catch((thrown: unknown) => thrown);
    expect(inOneSentence(error, join(directory, 'stack.yml'))).toMatch(/^deps\/db\.yml line 7:\d+ services\.db.*imgae/);
  });
});

describe('a master that reads as root', () => {
  const KEY = 'c2VjcmV0IG9mIHRoZSBtYXN0ZXI=';
  let vaultKey: string;
  beforeEach(async () => {
    vaultKey = `${directory}.key`;
    await writeFile(vaultKey, KEY);
  });
  afterEach(() => rm(vaultKey, { force: true }));

  /** What is said of a file that is not read. */
  const refusal = async (name: string, { fetched = {}, allowed }: { readonly fetched?: Readonly<Record<string, string>>; readonly allowed?: readonly string[] } = {}): Promise<string> => {
    const reader = stackReader({ grid: 'default', environment: {}, random: new FakeRandom(), allowed, fetchStack: (reference) => Promise.resolve(fetched[reference]) });
    const error = await reader(join(directory, name), () => ({ variables: {} }), () => undefined).then(() => new Error('it was read'), (thrown: unknown) => thrown);
    return inOneSentence(error, join(directory, name));
  };

  test('shows nobody its own files by way of a watched directory', async () => {
    await symlink(vaultKey, join(directory, 'link.yml'));
    expect(await refusal('link.yml')).toBe(`${join(directory, 'link.yml')} is a link that leads out of ${directory}`);
    await writeFile(join(directory, 'env.yml'), `stack: s\nservices: {web: {image: a, env_file: ${vaultKey}}}\n`);
    expect(await refusal('env.yml')).toContain(`${vaultKey} is not under ${directory}, and`);
    await writeFile(join(directory, 'secrets.yml'), KEY);
    expect(await refusal('secrets.yml')).toMatch(/is no stack file: nothing in it begins with stack: or services:/);
  });

  test('shows none of them to a stack of a registry, as the dependency of a file either', async () => {
    const evil = `stack: acme/evil\nservices: {web: {image: a, env_file: ${vaultKey}}}\n`;
    await writeFile(join(directory, 'top.yml'), 'stack: s\ndepends: {evil: {stack: acme/evil}}\nservices: {web: {image: a}}\n');
    const said = await refusal('top.yml', { fetched: { 'acme/evil': evil }, allowed: ['/'] });
    expect(said).toContain('acme/evil did not bring');
    expect(said).not.toContain(KEY.slice(0, 6));
  });

  test('reads beside the directory what is allowed by name', async () => {
    await writeFile(vaultKey, 'A=1');
    await writeFile(join(directory, 'env.yml'), `stack: s\nservices: {web: {image: a, env_file: ${vaultKey}}}\n`);
    expect(await refusal('env.yml', { allowed: [tmpdir()] })).toBe('it was read');
  });
});
