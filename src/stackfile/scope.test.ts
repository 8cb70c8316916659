import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readStack, readTextFile, realPath, type Files, type ReadOptions, type ReadResult } from './index.js';
import { reading } from './reading-for-tests.js';

const KEY = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ==\nc2VjcmV0IG9mIHRoZSBtYXN0ZXI\n';
const root = mkdtempSync(join(tmpdir(), 'kontena-scope-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The working directory, with a folder `stacks`; beside it lies `outside`, whose files are nobody's business. */
let project: string;
const put = (path: string, text: string): void => {
  mkdirSync(join(project, path, '..'), { recursive: true });
  writeFileSync(join(project, path), text);
};
beforeEach(() => {
  project = join(mkdtempSync(join(root, 'p-')), 'work');
  put('../outside/vault.key', KEY);
  put('../outside/base.yml', 'stack: base\nservices: {base: {image: "b:1"}}\n');
  put('stacks/stack.yml', 'stack: todo\nservices: {web: {image: "a:1"}}\n');
});

/** What came from elsewhere, by name. */
type Fetched = Readonly<Record<string, string>>;
const filesOf = (fetched: Fetched, allowed: readonly string[] = []): Files => ({ directory: project, allowed, readFile: readTextFile, realPath, fetchStack: (name) => Promise.resolve(fetched[name]) });
const read = (source: string, { fetched = {}, allowed = [], ...rest }: Partial<ReadOptions> & { readonly fetched?: Fetched; readonly allowed?: readonly string[] } = {}): Promise<ReadResult> => {
  const { text: _none, ...options } = reading('');
  return readStack({ ...options, source, files: filesOf(fetched, allowed), asMaster: true, ...rest });
};
const said = ({ mistakes }: ReadResult): string => mistakes.map(({ severity, path, message, hint = '' }) => `${severity} ${path}: ${message} (${hint})`).join('\n');
const web = (lines: string): string => `stack: todo\nservices:\n  web:\n    image: "a:1"\n${lines.split('\n').map((line) => `    ${line}`).join('\n')}\n`;

/** Ways in which a service or a variable mentions a file. */
const WAYS: readonly (readonly [title: string, stack: (path: string) => string])[] = [
  ['env_file', (path) => web(`env_file: ${path}`)],
  ['extends', (path) => web(`extends: {file: "${path}", service: base}`)],
  ['depends', (path) => `${web('stateful: false')}depends: {other: {stack: "${path}"}}\n`],
  ['a variable from a file', (path) => `${web('environment: ["A=${v}"]')}variables: {v: {type: string, from: {file: "${path}"}}}\n`],
];

describe.each(WAYS)('%s of a local file', (_title, stack) => {
  const paths: readonly (readonly [string, () => string])[] = [
    ['by its absolute path', () => join(project, '../outside/vault.key')],
    ['by way of ..', () => '../../outside/vault.key'],
    ['that is not there', () => '/nowhere/at/all.key'],
  ];
  test.each(paths)('leads to nothing outside, %s', async (_how, path) => {
    put('stacks/bad.yml', stack(path()));
    const result = await read('stacks/bad.yml');
    expect(result.stack).toBeUndefined();
    expect(said(result)).toMatch(/is not under .*\/stacks or .*, and stacks\/bad.yml may refer to no other files \(.*--allow-files DIR/);
    expect(said(result)).not.toMatch(/MIIE|c2Vj/);
  });

  test('follows no link out of its folder', async () => {
    symlinkSync(join(project, '../outside'), join(project, 'stacks/near'));
    put('stacks/bad.yml', stack(stack === WAYS[3]?.[1] ? 'stacks/near/vault.key' : 'near/vault.key'));
    const result = await read('stacks/bad.yml');
    expect(result.stack).toBeUndefined();
    expect(said(result)).toMatch(/near\/vault.key is a link that leads out of /);
    expect(said(result)).not.toMatch(/MIIE|c2Vj/);
  });
});

test('a local file refers to its own folder, to the working directory, and to what is allowed by name', async () => {
  put('stacks/deep/base.yml', 'stack: base\nservices: {base: {image: "b:1", env_file: ../own.env}}\n');
  put('stacks/own.env', 'OWN=1\n');
  put('common.env', 'COMMON=1\n');
  put('../outside/more.env', 'MORE=1\n');
  put('stacks/stack.yml', web('extends: {file: deep/base.yml, service: base}\nenv_file: [../common.env, ../../outside/more.env]'));
  expect(said(await read('stacks/stack.yml'))).toContain('outside/more.env is not under');
  const { stack, mistakes } = await read('stacks/stack.yml', { allowed: [join(project, '../outside')] });
  expect([mistakes, stack?.services['web']?.env]).toEqual([[], ['OWN=1', 'COMMON=1', 'MORE=1']]);
});

describe('what came from a registry or an address', () => {
  const allowed = (): readonly string[] => ['/', project];

  test.each(WAYS)('refers to no file of this machine, whatever is allowed: %s', async (_title, stack) => {
    put('acme/vault.key', KEY);
    for (const path of ['vault.key', '/etc/hostname', join(project, 'acme/vault.key')]) {
      const result = await read('acme/todo', { fetched: { 'acme/todo': stack(path) }, allowed: allowed() });
      expect(result.stack).toBeUndefined();
      expect(said(result)).toMatch(/error .*: acme\/todo did not bring .* with it.* \(Get the stack file/);
      expect(said(result)).not.toMatch(/MIIE|c2Vj/);
    }
  });

  test('stays foreign as a dependency and when it is extended', async () => {
    put('acme/web.env', 'A=1\n');
    const fetched = { 'acme/dep': web('env_file: web.env') };
    put('top.yml', `${web('stateful: false')}depends: {dep: {stack: acme/dep}}\n`);
    const { dependencies } = await read('top.yml', { fetched });
    expect(dependencies.map(({ file }) => file.scope)).toEqual([[]]);
    const [dependency] = dependencies;
    const child = await read('acme/dep', { text: dependency?.file.text ?? '', scope: dependency?.file.scope ?? [], fetched });
    expect(said(child)).toContain('did not bring');
    put('top.yml', web('extends: {stack: acme/dep, service: web}'));
    expect(said(await read('top.yml', { fetched }))).toContain('acme/dep did not bring');
  });

  test('refers to other stacks of the registry, and to addresses of its own server alone', async () => {
    const extending = (name: string): string => web(`extends: {stack: "${name}", service: base}`);
    const base = 'stack: base\nservices: {base: {image: "b:1", user: u}}\n';
    const fetched = { 'acme/base': base, 'https://a.example/base.yml': base, 'http://169.254.169.254/latest': 'stack: x\nservices: {base: {image: secret}}\n' };
    const from = async (source: string, name: string): Promise<string> => said(await read(source, { fetched: { ...fetched, [source]: extending(name) } }));
    expect(await from('acme/todo', 'acme/base')).toBe('');
    expect(await from('https://a.example/todo.yml', 'https://a.example/base.yml')).toBe('');
    expect(await from('acme/todo', 'http://169.254.169.254/latest')).toContain('did not bring');
    expect(await from('https://a.example/todo.yml', 'http://169.254.169.254/latest')).toContain('did not bring');
    expect(await from('https://a.example/todo.yml', 'https://a.example:444/base.yml')).toContain('did not bring');
  });
});

describe('building', () => {
  const building = async (lines: string, fetched: Fetched = {}): Promise<string> => {
    put('stacks/built.yml', web(lines));
    return said(await read('stacks/built.yml', { isBuilding: true, fetched }));
  };

  test('takes a context and a Dockerfile that lie where the file may refer to', async () => {
    put('stacks/app/Dockerfile', 'FROM scratch\n');
    symlinkSync(join(project, '../outside'), join(project, 'stacks/linked'));
    expect(await building('build: app')).toBe('');
    expect(await building('build: https://github.com/acme/app.git')).toBe('');
    expect(await building('build: ../../outside')).toContain('is not under');
    expect(await building('build: linked')).toContain('is a link that leads out of');
    expect(await building('build: {context: app, dockerfile: ../../../outside/vault.key}')).toContain('is not under');
    expect(said(await read('stacks/built.yml'))).toBe(''); // what is only deployed is not built
  });

  test('neither builds from what a registry names, nor runs its hooks', async () => {
    const fetched = { 'acme/base': 'stack: base\nservices:\n  base:\n    image: b:1\n    build: .\n    hooks: {pre_build: [{name: steal, cmd: "cat /etc/shadow"}]}\n' };
    const text = await building('extends: {stack: acme/base, service: base}', fetched);
    expect(text).toContain('services.web.build: acme/base did not bring');
    expect(text).toContain('the hooks of acme/base do not run on this machine');
  });
});

describe('a file that is no stack file', () => {
  test('is named, and never shown, by whichever way it is mentioned', async () => {
    put('stacks/vault.key', KEY);
    for (const [, stack] of WAYS) {
      put('stacks/bad.yml', stack(stack === WAYS[3]?.[1] ? 'stacks/vault.key' : 'vault.key').replace('type: string', 'type: integer'));
      const result = await read('stacks/bad.yml');
      expect(result.stack).toBeUndefined();
      expect(said(result)).not.toMatch(/MIIE|c2Vj/);
      expect(result.sources.map(({ name }) => name)).toEqual(['stacks/bad.yml']);
    }
    put('stacks/bad.yml', WAYS[0]?.[1]('vault.key') ?? '');
    expect(said(await read('stacks/bad.yml'))).toContain('line 2 of vault.key is not NAME=VALUE');
    put('stacks/bad.yml', WAYS[1]?.[1]('vault.key') ?? '');
    expect(said(await read('stacks/bad.yml'))).toContain('stacks/vault.key is no stack file');
  });

  test('is not shown by way of a key that holds its text', async () => {
    put('vault.key', KEY);
    put('stacks/bad.yml', 'stack: todo\nvariables: {v: {type: string, from: {file: vault.key}}}\nservices: {web: {image: "a:1", instances: "${v}", mem_limit: "x${v}"}}\n');
    const text = said(await read('stacks/bad.yml'));
    expect(text).toContain('must be a whole number, and is the text "…"');
    expect(text).not.toMatch(/MIIE|c2Vj/);
  });

  test('that was found in a directory is refused without a word of it', async () => {
    put('stacks/secrets.yml', 'password: MIIEsecret\n- broken: [\n');
    expect(said(await read('stacks/secrets.yml', { isFound: true }))).toBe('error : is no stack file: nothing in it begins with stack: or services: (move it elsewhere, or give it another ending)');
  });
});

describe('files that are none', () => {
  test('a socket, a device and a file without end are refused at once', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(join(project, 'stacks/socket'), () => done()));
    symlinkSync('/dev/zero', join(project, 'stacks/zero'));
    put('stacks/huge', 'x'.repeat(1024 * 1024 + 1));
    for (const [name, why] of [['socket', 'it is no file'], ['zero', 'it is no file'], ['huge', 'it has more than 1024 KiB']] as const) {
      put('stacks/bad.yml', web(`env_file: ${name}`));
      expect(said(await read('stacks/bad.yml'))).toContain(why);
    }
    server.close();
  });

  test('a link of a directory that leads out of it is refused, one that stays is read', async () => {
    put('stacks/..data/real.yml', 'stack: todo\nservices: {web: {image: "a:1"}}\n');
    symlinkSync('..data/real.yml', join(project, 'stacks/good.yml'));
    symlinkSync(join(project, '../outside/base.yml'), join(project, 'stacks/bad.yml'));
    expect((await read('stacks/good.yml', { isFound: true })).stack?.name).toBe('todo');
    await expect(read('stacks/bad.yml', { isFound: true })).rejects.toMatchObject({ code: 'KON_FILE_OUTSIDE' });
    expect((await read('stacks/bad.yml')).stack?.name).toBe('base'); // a person named it
  });
});
