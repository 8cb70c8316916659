import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { KontenaError } from '../../model/index.js';
import { FakeHost, resource } from '../fake-host.js';
import { runCommandLine } from '../main.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-registry-cli-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let home: string;
let host: FakeHost;
const write = (name: string, text: string): void => writeFileSync(join(home, name), text);
const run = async (line: string, env: Readonly<Record<string, string>> = {}): Promise<number> => {
  host = new FakeHost({ home, env: { KONTENA_CONFIG: join(home, 'c.yaml'), ...env } });
  return runCommandLine(line.split(' '), root, host);
};
const applied = (): unknown => host.master.applied.map(({ stack }) => [stack.name, stack.version, Object.values(stack.services).map(({ image }) => image)]);

beforeEach(async () => {
  home = mkdtempSync(join(root, 'h-'));
  write('c.yaml', 'current: dev\nregistry: kept\ncontexts:\n  - {name: dev, server: "m:1", ca: A, certificate: B, key: C}\n');
  write('redis.yml', 'stack: acme/redis\nversion: "1.10"\ndescription: A cache\nvariables:\n  password: {type: string, from: {prompt: Password}}\n  tag: {type: string, default: "7"}\nservices:\n  redis: {image: "redis:${tag}", environment: ["P=${password}"]}\n');
  write('todo.yml', 'stack: acme/todo\nversion: 2.0.0\ndepends:\n  cache: {stack: acme/redis, variables: {password: x}}\nservices:\n  web: {extends: {stack: "acme/base:1.0.0", service: base}}\n');
  write('base.yml', 'stack: acme/base\nversion: 1.0.0\nservices:\n  base: {image: "nginx:1"}\n');
  for (const file of ['base', 'redis', 'todo']) await run(`stack registry push ${file}.yml`);
});

describe('stack registry', () => {
  test('keeps what was pushed, beside the file of contexts that names it', async () => {
    expect(readFileSync(join(home, 'kept', 'acme', 'redis', '1.10', 'kontena.yml'), 'utf8')).toContain('A cache');
    expect([await run('stack registry search redis'), host.stdout]).toEqual([0, 'NAME         VERSION   DESCRIPTION\nacme/redis   1.10      A cache\n']);
    expect([await run('stack registry search -q'), host.stdout]).toEqual([0, 'acme/base\nacme/redis\nacme/todo\n']);
    expect([await run('stack registry list -q'), host.stdout]).toEqual([0, 'acme/base\nacme/redis\nacme/todo\n']);
    expect([await run('stack registry show acme/redis'), host.stdout]).toEqual([0, 'name: acme/redis\ndescription: A cache\nnewest: "1.10"\nversions:\n  - "1.10"\n']);
    expect([await run('stack registry pull acme/base'), host.stdout]).toEqual([0, readFileSync(join(home, 'base.yml'), 'utf8')]);
    expect([await run('stack registry pull acme/base -F got.yml'), readFileSync(join(home, 'got.yml'), 'utf8')]).toEqual([0, readFileSync(join(home, 'base.yml'), 'utf8')]);
  });

  test('refuses another text under the same version, what needs files beside it, and what is wrong', async () => {
    write('base.yml', 'stack: acme/base\nversion: 1.0.0\nservices:\n  base: {image: "nginx:2"}\n');
    expect([await run('stack registry push base.yml'), host.stderr]).toEqual([1, expect.stringContaining('raise version')]);
    write('near.yml', 'stack: acme/near\ndepends: {r: {stack: redis.yml}}\nservices:\n  web: {image: a}\n');
    expect([await run('stack registry push near.yml'), host.stderr]).toEqual([1, expect.stringContaining('redis.yml')]);
    write('bad.yml', 'stack: acme/bad\nservices:\n  web: {imag: a}\n');
    expect([await run('stack registry push bad.yml'), host.stderr]).toEqual([1, expect.stringContaining('imag')]);
    write('short.yml', 'stack: short\nservices:\n  web: {image: a}\n');
    expect([await run('stack registry push short.yml'), host.stderr]).toEqual([1, expect.stringContaining('write stack: USER/short')]);
  });

  test('is searched by name and description, whatever the case', async () => {
    expect([await run('stack registry search CACHE -q'), host.stdout]).toEqual([0, 'acme/redis\n']);
    expect([await run('stack registry search nothing'), host.stderr]).toEqual([0, expect.stringMatching(/^No stack of \S+\/kept has "nothing"/)]);
  });

  test('is named by the flag before the environment before the file; without one, that is said', async () => {
    await run('stack registry list -q --registry elsewhere');
    expect(host.stderr).toBe(`The stack registry ${join(home, 'elsewhere')} is empty.\n`);
    await run('stack registry list -q', { KONTENA_STACK_REGISTRY: 'elsewhere' });
    expect(host.stderr).toBe(`The stack registry ${join(home, 'elsewhere')} is empty.\n`);
    write('none.yaml', '');
    expect([await run('stack registry list --registry base.yml'), host.stderr]).toEqual([1, expect.stringContaining('cannot be used')]);
    expect(await run('stack registry list', { KONTENA_CONFIG: join(home, 'none.yaml') })).toBe(1);
    expect(host.stderr).toMatch(/no stack registry is named\n.*KONTENA_STACK_REGISTRY/);
    expect([await run('stack registry pull acme/none'), host.stderr]).toEqual([1, expect.stringContaining('there is no stack acme/none')]);
  });
});

describe('installation by name', () => {
  test('installs what it depends on before it, and shows the tree', async () => {
    expect(await run('stack install acme/todo --no-wait')).toBe(0);
    expect(applied()).toEqual([['todo-cache', '1.10', ['redis:7']], ['todo', '2.0.0', ['nginx:1']]]);
    expect(host.stdout).toMatch(/^todo {2}acme\/todo {2}2\.0\.0\n└─ todo-cache {2}acme\/redis {2}1\.10\n/);
  });

  test('apply takes a version by name; what is not there is a mistake', async () => {
    expect(await run('apply -f acme/base:1.0.0 --no-wait --name other')).toBe(0);
    expect(applied()).toEqual([['other', '1.0.0', ['nginx:1']]]);
    expect([await run('apply -f acme/base:9.0.0'), host.stderr]).toEqual([1, expect.stringContaining('it has 1.0.0')]);
    expect([await run('apply -f nowhere.yml'), host.stderr]).toEqual([1, expect.stringContaining('nowhere.yml cannot be read')]);
  });

  test('what is not there is said with what there is', async () => {
    const error = async (line: string, env = {}): Promise<string> => `${String(await run(line, env))} ${host.stderr}`;
    expect(await error('stack install acme/redis:2')).toMatch(/^1 error: there is no version 2 of acme\/redis in \S+\/kept: it has 1\.10\n/);
    expect(await error('stack install acme/nothing')).toMatch(/^1 error: there is no stack acme\/nothing in \S+\/kept\n/);
    expect(await error('stack install nothing.yml')).toMatch(/^1 error: there is no file nothing\.yml\n/);
    write('c.yaml', 'current: dev\ncontexts:\n  - {name: dev, server: "m:1", ca: A, certificate: B, key: C}\n');
    expect(await error('stack install acme/redis')).toMatch(/^1 error: there is no file acme\/redis, and no stack registry is named\n.*KONTENA_STACK_REGISTRY/);
  });

  test.each(['stack install acme/todo', 'stack upgrade todo acme/todo', 'apply -f acme/todo', 'diff -f acme/todo'])('%s shows what the master refuses in the file where it stands', async (line) => {
    const upgrades = line.includes('upgrade');
    const refuse = new KontenaError('KON_STACK_INVALID', 'no', { mistakes: [{ severity: 'error', path: 'services.redis.image', message: 'is not liked' }] });
    host = new FakeHost({ home, env: { KONTENA_CONFIG: join(home, 'c.yaml') } });
    host.master.resources = upgrades ? [resource('Stack', 'todo')] : [];
    host.master.refuses = (request) => (request.stack.name === 'todo-cache' ? refuse : undefined);
    expect(await runCommandLine(line.split(' '), root, host)).toBe(1);
    expect(host.stderr).toMatch(/^error: the master refuses acme\/redis\nacme\/redis:8:18 {2}services\.redis\.image {2}is not liked\n/);
  });
});

describe('what is only tried', () => {
  const links = (): unknown => host.master.applied.map(({ stack, dryRun }) => [stack.name, dryRun, Object.values(stack.services).flatMap((service) => service.links.map(({ service: to }) => to))]);
  beforeEach(() => write('linked.yml', 'stack: acme/linked\nversion: 1.0.0\ndepends:\n  cache: {stack: acme/redis, variables: {password: x}}\nservices:\n  web: {image: a, links: ["${cache}/redis", "else/web", db]}\n  db: {image: b}\n'));

  test('does not fail for want of what would be declared with it', async () => {
    expect(await run('diff -f linked.yml')).toBe(0);
    expect(links()).toEqual([['linked-cache', true, []], ['linked', true, ['else/web', 'linked/db']]]);
    await run('apply -f linked.yml --no-wait');
    expect(links()).toEqual([['linked-cache', false, []], ['linked', false, ['linked-cache/redis', 'else/web', 'linked/db']]]);
  });

  test('says all that would change where the grid has it', async () => {
    host = new FakeHost({ home, env: { KONTENA_CONFIG: join(home, 'c.yaml') } });
    host.master.resources = [resource('Stack', 'linked-cache', { spec: { parent: 'linked', services: { redis: {} } } })];
    await runCommandLine(['diff', '-f', 'linked.yml'], root, host);
    expect(links()).toEqual([['linked-cache', true, []], ['linked', true, ['linked-cache/redis', 'else/web', 'linked/db']]]);
  });
});

describe('what a stack depends on no longer', () => {
  const again = async (line: string, isThere = ['todo', 'todo-cache', 'todo-old', 'todo-old-disk']): Promise<void> => {
    const parents: Readonly<Record<string, string>> = { 'todo-cache': 'todo', 'todo-old': 'todo', 'todo-old-disk': 'todo-old' };
    host = new FakeHost({ home, env: { KONTENA_CONFIG: join(home, 'c.yaml') } });
    host.master.resources = [...isThere, 'todo-else'].map((name) => resource('Stack', name, { spec: name in parents ? { parent: parents[name] } : {} }));
    expect(await runCommandLine(line.split(' '), root, host)).toBe(line.startsWith('diff') ? 3 : 0);
  };
  const removed = (): readonly string[] => host.master.asked.filter((asked) => asked.startsWith('remove'));

  test.each(['apply -f acme/todo --no-wait', 'stack upgrade todo acme/todo --no-wait'])('%s removes it, and what was installed with it', async (line) => {
    await again(line);
    expect(removed()).toEqual(['remove default stack todo-old-disk', 'remove default stack todo-old']);
    expect(host.stdout).toContain('- stack todo-old-disk\n- stack todo-old\n');
  });

  test.each([['diff -f acme/todo'], ['apply -f acme/todo --dry-run'], ['stack upgrade todo acme/todo --dry-run']])('%s only says so', async (line) => {
    await again(line);
    expect([removed(), host.stdout]).toEqual([[], expect.stringContaining('- stack todo-old\n')]);
  });

  test('--skip-dependencies leaves them all alone', async () => {
    await again('stack upgrade todo acme/todo --no-wait --skip-dependencies');
    expect([removed(), applied()]).toEqual([[], [['todo', '2.0.0', ['nginx:1']]]]);
  });
});

describe('a stack that was installed with others', () => {
  const installed = async (line: string): Promise<void> => {
    host = new FakeHost({ home, env: { KONTENA_CONFIG: join(home, 'c.yaml') } });
    const web = { links: [{ service: 'todo-cache/redis', alias: 'redis' }] };
    host.master.resources = [
      resource('Stack', 'todo', { spec: { services: { web } } }),
      resource('Stack', 'todo-cache', { spec: { parent: 'todo', variables: { password: 'kept', tag: '6' } } }),
    ];
    expect(await runCommandLine(line.split(' '), root, host)).toBe(0);
  };
  const changes = (): readonly string[] => host.master.asked.filter((asked) => asked.startsWith('remove'));

  test('is removed before what it links to', async () => {
    await installed('stack remove todo --yes');
    expect(changes()).toEqual(['remove default stack todo', 'remove default stack todo-cache']);
    await installed('stack remove todo --yes --keep-dependencies');
    expect(changes()).toEqual(['remove default stack todo']);
  });

  test('gives its values to another, and keeps them all with --reuse-values', async () => {
    await installed('stack install acme/todo --name other --no-wait --values-from-stack todo');
    expect(applied()).toEqual([['other-cache', '1.10', ['redis:6']], ['other', '2.0.0', ['nginx:1']]]);
    await installed('stack upgrade todo acme/todo --no-wait --reuse-values');
    expect(host.master.applied[0]?.stack.variables).toEqual({ password: 'kept', tag: '6' });
    await installed('stack upgrade todo acme/todo --no-wait -v cache.tag=8');
    expect(host.master.applied[0]?.stack.variables).toEqual({ password: 'x', tag: '8' });
  });
});
