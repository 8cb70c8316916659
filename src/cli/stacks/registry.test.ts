import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeHost } from '../fake-host.js';
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
    expect([await run('stack registry push short.yml'), host.stderr]).toEqual([1, expect.stringContaining('"short" names no stack of a registry')]);
  });

  test('is named by the flag before the environment before the file; without one, that is said', async () => {
    await run('stack registry list -q --registry elsewhere');
    expect(host.stderr).toBe('The stack registry is empty.\n');
    await run('stack registry list -q', { KONTENA_STACK_REGISTRY: 'elsewhere' });
    expect(host.stderr).toBe('The stack registry is empty.\n');
    write('none.yaml', '');
    expect(await run('stack registry list', { KONTENA_CONFIG: join(home, 'none.yaml') })).toBe(1);
    expect(host.stderr).toMatch(/no stack registry is named\n.*KONTENA_STACK_REGISTRY/);
    expect([await run('stack registry pull acme/none'), host.stderr]).toEqual([1, expect.stringContaining('there is no stack acme/none')]);
  });
});

describe('installation by name', () => {
  test('installs what it depends on before it, and shows the tree', async () => {
    expect(await run('stack install acme/todo --no-wait')).toBe(0);
    expect(applied()).toEqual([['todo-cache', '1.10', ['redis:7']], ['todo', '2.0.0', ['nginx:1']]]);
    expect(host.stdout).toMatch(/^todo {2}acme\/todo\n└─ todo-cache {2}acme\/redis\n/);
  });

  test('apply takes a version by name; what is not there is a mistake', async () => {
    expect(await run('apply -f acme/base:1.0.0 --no-wait --name other')).toBe(0);
    expect(applied()).toEqual([['other', '1.0.0', ['nginx:1']]]);
    expect([await run('apply -f acme/base:9.0.0'), host.stderr]).toEqual([1, expect.stringContaining('there is no file acme/base:9.0.0, and no such stack in a registry')]);
    expect([await run('apply -f nowhere.yml'), host.stderr]).toEqual([1, expect.stringContaining('nowhere.yml cannot be read')]);
  });
});
