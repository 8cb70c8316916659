import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { addContext, chooseContext, readContexts, removeContext } from './index.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-context-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let home: string;
let place: { env: Record<string, string>; home: string; directory: string };
beforeEach(() => {
  home = mkdtempSync(join(root, 'home-'));
  const directory = join(home, 'project', 'deep', 'down');
  mkdirSync(directory, { recursive: true });
  place = { env: {}, home, directory };
});

const inline = { server: 'm:9292', ca: 'CA', certificate: 'CERT', key: 'KEY' };
const write = (path: string, text: string): void => {
  mkdirSync(join(home, path, '..'), { recursive: true });
  writeFileSync(join(home, path), text);
};

describe('the file of contexts', () => {
  test('does not exist at first; what is added is there, current, and for its owner alone', async () => {
    expect((await readContexts(place)).contexts).toEqual([]);
    await addContext(place, { name: 'dev', ...inline });
    await addContext(place, { name: 'prod', ...inline, server: 'prod:9292' });
    await addContext(place, { name: 'dev', ...inline, grid: 'shop' });
    const path = join(home, '.config', 'kontena', 'config.yaml');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await readContexts(place)).toEqual({ path, current: 'dev', contexts: [{ name: 'prod', ...inline, server: 'prod:9292' }, { name: 'dev', ...inline, grid: 'shop' }] });
    await removeContext(place, 'dev');
    expect(readFileSync(path, 'utf8')).toMatch(/^contexts:\n {2}- name: prod\n/);
  });

  test('keeps the stack registries it names', async () => {
    write('.config/kontena/config.yaml', 'registry: /stacks\ncontexts:\n  - {name: a, registry: "oci://r/x"}\n');
    await addContext(place, { name: 'b', ...inline });
    await removeContext(place, 'b');
    expect(await readContexts(place)).toMatchObject({ registry: '/stacks', contexts: [{ name: 'a', registry: 'oci://r/x' }] });
  });

  test('lies where XDG_CONFIG_HOME says, or is the one that KONTENA_CONFIG names', async () => {
    await addContext({ ...place, env: { XDG_CONFIG_HOME: join(home, 'xdg') } }, { name: 'a', ...inline });
    expect(readFileSync(join(home, 'xdg', 'kontena', 'config.yaml'), 'utf8')).toContain('name: a');
    await addContext({ ...place, env: { KONTENA_CONFIG: join(home, 'one.yaml') } }, { name: 'b', ...inline });
    expect((await readContexts({ ...place, env: { KONTENA_CONFIG: join(home, 'one.yaml') } })).current).toBe('b');
    expect((await readContexts(place)).contexts).toEqual([]);
  });

  test.each([
    ['contexts: 3', '"contexts" must be a list'],
    ['- a', 'names with values are wanted'],
    ['current: 3', '"current" must be a text'],
    ['contexts: [{server: x}]', '"name" must be a text'],
    ['contexts: [{name: a, ca: 3}]', '"a.ca" must be a text'],
    ['a: [', 'cannot be used'],
  ])('when broken it is named: %s', async (text, says) => {
    write('.config/kontena/config.yaml', text);
    await expect(readContexts(place)).rejects.toMatchObject({ code: 'KON_CONTEXT_FILE_INVALID', message: expect.stringContaining(says) });
    await expect(readContexts(place)).rejects.toThrow('.config/kontena/config.yaml');
  });
});

test('A file of contexts that cannot be read is no broken one', async () => {
  mkdirSync(join(home, '.config', 'kontena', 'config.yaml'), { recursive: true });
  await expect(readContexts(place)).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE', message: expect.stringContaining('it is a directory') });
});

describe('the chosen context', () => {
  beforeEach(async () => {
    await addContext(place, { name: 'prod', ...inline, grid: 'shop' });
    await addContext(place, { name: 'dev', ...inline });
  });

  test('is the current one, unless the project or a flag says otherwise', async () => {
    expect(await chooseContext(place, {})).toEqual({ name: 'dev', grid: 'default', credential: inline });
    write('project/.kontena.yaml', 'context: prod\n');
    expect(await chooseContext(place, {})).toMatchObject({ name: 'prod', grid: 'shop' });
    write('project/deep/.kontena.yaml', 'context: prod\ngrid: test\n');
    expect(await chooseContext(place, {})).toMatchObject({ name: 'prod', grid: 'test' });
    expect(await chooseContext(place, { context: 'dev', grid: 'x' })).toMatchObject({ name: 'dev', grid: 'x' });
  });

  test('is the environment\'s where that names a master and a token, unless a flag says otherwise', async () => {
    const env = { KONTENA_MASTER: 'm.example.com:9300', KONTENA_TOKEN: 'ci.s.f' };
    const credential = { server: 'm.example.com:9300', token: 'ci.s.f' };
    expect(await chooseContext({ ...place, env }, {})).toEqual({ name: 'KONTENA_MASTER', grid: 'default', credential });
    write('project/.kontena.yaml', 'context: prod\ngrid: test\n');
    expect(await chooseContext({ ...place, env }, {})).toEqual({ name: 'KONTENA_MASTER', grid: 'test', credential });
    expect(await chooseContext({ ...place, env }, { grid: 'x' })).toMatchObject({ grid: 'x', credential });
    expect(await chooseContext({ ...place, env }, { context: 'dev' })).toMatchObject({ name: 'dev' });
    for (const part of ['KONTENA_MASTER', 'KONTENA_TOKEN']) expect(await chooseContext({ ...place, env: { ...env, [part]: '' } }, {})).toMatchObject({ name: 'prod' });
  });

  test('runs no code found in a folder above', async () => {
    write('project/.kontenarc.js', 'throw new Error("ran")');
    write('project/kontena.config.js', 'throw new Error("ran")');
    expect((await chooseContext(place, {})).name).toBe('dev');
  });

  test('that is not there is named with what there is, and with who names it', async () => {
    await expect(chooseContext(place, { context: 'nope' })).rejects.toMatchObject({ code: 'KON_CONTEXT_MISSING', message: expect.stringContaining('(there: prod, dev)') });
    write('project/.kontena.yaml', 'context: gone\n');
    await expect(chooseContext(place, {})).rejects.toThrow(`the context "gone", which ${join(home, 'project', '.kontena.yaml')} names, is not in`);
    write('project/.kontena.yaml', 'context: [\n');
    await expect(chooseContext(place, {})).rejects.toMatchObject({ code: 'KON_CONTEXT_FILE_INVALID', message: expect.stringMatching(/project\/\.kontena\.yaml cannot be used: .*[^:]$/) });
  });

  test('reads the credential file anew each time, and says when it is stale or broken', async () => {
    const credential = join(home, 'admin.json');
    await addContext(place, { name: 'file', credential });
    await expect(chooseContext(place, {})).rejects.toMatchObject({ code: 'KON_CONTEXT_INVALID', message: expect.stringContaining('"file" is stale') });
    writeFileSync(credential, '{');
    await expect(chooseContext(place, {})).rejects.toThrow('is not a credential file');
    writeFileSync(credential, JSON.stringify({ ...inline, key: undefined }));
    await expect(chooseContext(place, {})).rejects.toThrow(`has no "key", nor has ${credential}`);
    writeFileSync(credential, JSON.stringify({ ...inline, grid: 'mine' }));
    expect(await chooseContext(place, {})).toEqual({ name: 'file', grid: 'mine', credential: inline, file: credential });
  });
});
