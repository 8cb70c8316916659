import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CTRL_C, FakeHost, resource } from '../fake-host.js';
import { runCommandLine } from '../main.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-stacks-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const STACK = 'stack: acme/todo\nvariables:\n  tag: {type: string, default: "7"}\nservices:\n  web:\n    image: redis:${tag}\n';
let home: string;
let host: FakeHost;
beforeEach(() => {
  home = mkdtempSync(join(root, 'h-'));
  writeFileSync(join(home, 'c.yaml'), 'current: dev\ncontexts:\n  - {name: dev, server: "m:1", ca: A, certificate: B, key: C}\n');
  writeFileSync(join(home, 'stack.yml'), STACK);
  host = new FakeHost({ home, env: { KONTENA_CONFIG: join(home, 'c.yaml') }, input: STACK });
});
const run = (line: string): Promise<number> => runCommandLine(line.split(' '), root, host);
const declared = (): unknown => host.master.applied.map(({ stack, dryRun, origin }) => [stack.name, stack.services.web?.image, dryRun, origin]);

describe('apply', () => {
  test('reads a file, stdin, values and a name; user/name is stack name', async () => {
    expect(await run('apply -f stack.yml')).toBe(0);
    await run('apply -f - -v tag=8 --name other --dry-run');
    expect(declared()).toEqual([['todo', 'redis:7', false, undefined], ['other', 'redis:8', true, undefined]]);
    expect(await run('apply -f stack.yml --name a/b')).toBe(1);
    expect(host.stderr).toContain('"a/b" cannot name a stack');
  });

  test('a flag that may be repeated takes one word each time', async () => {
    expect(await run('stack validate -v tag=8 stack.yml --format json')).toBe(0);
    expect(host.stdout).toContain('"image": "redis:8"');
  });

  test('tells every mistake with its place, and nothing leaves the machine', async () => {
    writeFileSync(join(home, 'bad.yml'), 'stack: todo\nservices:\n  web: {imag: redis, instances: many}\n');
    expect(await run('apply -f bad.yml')).toBe(1);
    expect(host.stderr).toMatch(/^error: bad\.yml has 3 mistakes\n(bad\.yml:3:\d+ {2}services\.web.*\n){3}Correct/);
    expect(declared()).toEqual([]);
  });

  test.each(['apply -f', 'stack validate'])('%s: stacks that depend on each other are refused, with the place', async (command) => {
    for (const [name, other] of [['a', 'b'], ['b', 'a']] as const) writeFileSync(join(home, `ring${name}.yml`), `stack: ring${name}\nservices: {web: {image: "b:1"}}\ndepends:\n  ${other}: {stack: ring${other}.yml}\n`);
    expect(await run(`${command} ringa.yml`)).toBe(1);
    expect(host.stderr).toMatch(/^error: ringa\.yml has a mistake\nringb\.yml:4:14 {2}.*depends on itself: ringa\.yml → ringb\.yml → ringa\.yml\nCorrect/);
  });

  test('tells that there are more mistakes than it shows', async () => {
    writeFileSync(join(home, 'bad.yml'), `stack: todo\nservices:\n${Array.from({ length: 300 }, (_none, index) => `  s${String(index)}: {build: .}\n`).join('')}`);
    expect(await run('stack validate bad.yml')).toBe(1);
    expect(host.stderr).toMatch(/^error: bad\.yml has more than 200 mistakes\n/);
    expect(host.stderr).toMatch(/\nand more: 200 are shown\nCorrect/);
  });

  test('volumes go before the stacks of a directory; diff and --dry-run show them and declare none', async () => {
    mkdirSync(join(home, 'both'));
    writeFileSync(join(home, 'both', 'a.yml'), STACK);
    writeFileSync(join(home, 'both', 'volumes.yml'), 'kind: Volume\nname: data\nscope: instance\n---\nkind: Volume\nname: old\nscope: grid\n');
    host.master.known = [resource('Volume', 'old')];
    expect(await run('apply -f both --dry-run')).toBe(0);
    expect(host.stdout).toMatch(/^\+ volume data\nvolume old is declared already\n/);
    expect(host.master.applied[0]?.volumes).toEqual(['data', 'old']);
    expect(await run('diff -f both/volumes.yml')).toBe(3);
    expect(host.master.asked.filter((one) => one.startsWith('declareVolume'))).toEqual([]);
    expect(await run('apply -f both')).toBe(0);
    expect(host.master.asked.filter((one) => one.startsWith('declareVolume'))).toEqual(['declareVolume default data instance local {}', 'declareVolume default old grid local {}']);
    expect(await run('apply -f both/volumes.yml')).toBe(0);
    expect(host.stderr).toBe('');
    writeFileSync(join(home, 'both', 'volumes.yml'), 'kind: Volume\nname: data\n');
    expect(await run('apply -f both')).toBe(1);
    expect(host.stderr).toContain('both/volumes.yml:1:1  scope  scope is missing');
  });

  test('a directory: all files or none, and --prune removes what came from it and is gone', async () => {
    mkdirSync(join(home, 'dir'));
    writeFileSync(join(home, 'dir', 'a.yml'), STACK);
    host.master.known = ['gone', 'elsewhere'].map((name) => resource('Stack', name, { status: { origin: join(home, name === 'gone' ? 'dir' : 'directory', 'x.yml') } }));
    await run('apply -f dir --prune');
    expect(declared()).toEqual([['todo', 'redis:7', false, join(home, 'dir', 'a.yml')]]);
    expect(host.master.asked).toContain('remove default stack gone');
    expect(host.master.asked).not.toContain('remove default stack elsewhere');

    rmSync(join(home, 'dir', 'a.yml'));
    expect([await run('apply -f dir --prune'), host.stderr.includes('confirm it with --allow-empty')]).toEqual([1, true]);
    expect(await run('apply -f dir --prune --allow-empty')).toBe(0);
  });

  test('diff ends with 3 when something would change, and 0 when not', async () => {
    expect(await run('diff -f stack.yml')).toBe(0);
    host.master.answer = { revision: 1, warnings: [], differences: [{ kind: 'Stack', name: 'todo', action: 'create', fields: [], replaces: false }] };
    expect([await run('diff -f stack.yml'), host.stdout]).toEqual([3, '+ stack todo\n']);
  });
});

test.each(['apply --no-wait -f', 'diff -f', 'stack validate', 'stack install --no-wait', 'stack build -f'])('%s --strict refuses what is only warned of', async (command) => {
  writeFileSync(join(home, 'web.env'), 'A="secret"\n');
  writeFileSync(join(home, 'Dockerfile'), 'FROM scratch\n');
  writeFileSync(join(home, 'odd.yml'), 'stack: odd\nservices:\n  web: {image: "a:1", build: ., env_file: web.env}\n');
  expect([await run(`${command} odd.yml`), host.stderr]).toEqual([0, expect.stringContaining('the value of A is passed with the quotation marks')]);
  host.ran.length = 0;
  const before = host.master.applied.length;
  expect([await run(`${command} odd.yml --strict`), host.stderr]).toEqual([1, expect.stringContaining('odd.yml has a mistake')]);
  expect([host.master.applied.length, host.ran]).toEqual([before, []]);
});

describe('a stack file that cannot be read says why', () => {
  const isRoot = process.getuid?.() === 0;
  test.each<[string, (path: string) => void, string]>([
    ['a directory', (path) => mkdirSync(path), 'cannot be read: it is a directory'],
    ['not text', (path) => writeFileSync(path, Buffer.from([0x73, 0xff, 0xfe, 0x00])), 'cannot be read: it is not text in UTF-8'],
    ['empty', (path) => writeFileSync(path, ''), 'the file is empty'],
    ['ten megabytes', (path) => writeFileSync(path, 'a: b\n'.repeat(2_000_000)), 'x.yml cannot be read: it has more than 1024 KiB'],
    ['missing', () => undefined, 'there is no file x.yml, and no such stack in a registry'],
    ['in a file', () => undefined, 'there is no file'],
    ...(isRoot ? [] : [['forbidden', (path: string) => writeFileSync(path, STACK, { mode: 0 }), 'cannot be read: this user may not'] as [string, (path: string) => void, string]]),
  ])('%s', async (title, make, says) => {
    make(join(home, 'x.yml'));
    expect(await run(`stack validate ${title === 'in a file' ? 'stack.yml/x.yml' : 'x.yml'}`)).toBe(1);
    expect(host.stderr).toContain(says);
    expect(host.stderr).not.toMatch(/\bE[A-Z]{4,}\b|has a mistake\nthere/);
  });
});

describe('apply once more', () => {
  const DRAWN = 'stack: acme/todo\nvariables:\n  password: {type: string, from: {random_string: 20}}\n  tag: {type: string, default: "7"}\nservices:\n  web:\n    image: redis:${tag}\n    environment: ["P=${password}"]\n';
  /** What the grid has after the last apply. */
  const settle = (): void => void (host.master.known = [resource('Stack', 'todo', { spec: { ...host.master.applied.at(-1)?.stack } })]);
  const last = (): unknown => {
    const web = host.master.applied.at(-1)?.stack.services.web;
    return [web?.image, web?.env[0]];
  };

  test('keeps what was drawn by lot and what was given, until it is given anew or forgotten', async () => {
    writeFileSync(join(home, 'drawn.yml'), DRAWN);
    await run('apply -f drawn.yml -v tag=8');
    const [, password] = last() as [string, string];
    expect(password).toMatch(/^P=\w{20}$/);
    settle();
    for (const again of ['apply -f drawn.yml', 'stack upgrade todo drawn.yml']) {
      writeFileSync(join(home, 'drawn.yml'), DRAWN.replace('default: "7"', 'default: "9"'));
      await run(again);
      expect(last()).toEqual(['redis:8', password]);
      await run(`${again} -v tag= -v password=other`);
      expect(last()).toEqual(['redis:9', 'P=other']);
    }
    await run('apply -f drawn.yml --name another');
    expect(last()).not.toContain(password);
  });

  test('takes a default that the file has now, where nobody gave a value', async () => {
    writeFileSync(join(home, 'drawn.yml'), DRAWN);
    await run('apply -f drawn.yml');
    settle();
    writeFileSync(join(home, 'drawn.yml'), DRAWN.replace('default: "7"', 'default: "9"'));
    for (const again of ['apply -f drawn.yml', 'stack upgrade todo drawn.yml']) {
      await run(again);
      expect(last()).toEqual(['redis:9', expect.stringMatching(/^P=\w{20}$/)]);
    }
  });

  test('does not ask again, and warns of a value for nothing', async () => {
    writeFileSync(join(home, 'asking.yml'), DRAWN.replace('default: "7"', 'from: prompt'));
    host = new FakeHost({ home, env: { KONTENA_CONFIG: join(home, 'c.yaml') }, answer: '8' });
    await run('apply -f asking.yml');
    expect([last(), host.questions]).toEqual([['redis:8', expect.anything()], ['Enter tag :']]);
    settle();
    await run('apply -f asking.yml -v tga=9');
    expect([last(), host.questions]).toEqual([['redis:8', expect.anything()], ['Enter tag :']]);
    expect(host.stderr).toMatch(/there is no variable "tga"[^]*did you mean tag\?/);
  });
});

describe('stack validate', () => {
  test('needs no master', async () => {
    expect(await run('stack validate stack.yml --format api-json -v tag=9')).toBe(0);
    expect(JSON.parse(host.stdout)).toMatchObject({ name: 'todo', services: [{ name: 'web', image: 'redis:9' }] });
    expect(host.connected).toEqual([]);
  });

  test('gives mistakes as data', async () => {
    writeFileSync(join(home, 'bad.yml'), 'stack: todo\nservices:\n  web: {imag: redis}\n');
    expect(await run('stack validate bad.yml -o json')).toBe(1);
    expect(JSON.parse(host.stdout)).toMatchObject({ kind: 'MistakeList', items: expect.arrayContaining([expect.objectContaining({ file: 'bad.yml', line: 3 })]) });
  });
});

describe('stack init and convert', () => {
  test('what init writes is valid and is never written over', async () => {
    expect(await run('stack init new.yml')).toBe(0);
    expect(await run('stack validate new.yml --strict')).toBe(0);
    const written = readFileSync(join(home, 'new.yml'), 'utf8');
    expect([await run('stack init new.yml'), readFileSync(join(home, 'new.yml'), 'utf8')]).toEqual([1, written]);
  });

  test('convert puts a valid stack file on stdout and each thing without a counterpart on stderr', async () => {
    writeFileSync(join(home, 'compose.yml'), 'services:\n  web:\n    image: redis:7\n    container_name: web\nnetworks:\n  front: {}\n');
    expect(await run('stack convert compose.yml --name shop')).toBe(0);
    expect(host.stdout).toMatch(/^stack: shop\n[^]*image: redis:7\n/);
    expect(host.stderr).toMatch(/compose\.yml:4:5 [^\n]*container_name[^]*compose\.yml:5:1 [^\n]*networks/);
    writeFileSync(join(home, 'made.yml'), host.stdout);
    expect(await run('stack validate made.yml')).toBe(0);
    expect(await run('stack convert nowhere.yml')).toBe(1);
  });
});

describe('questions', () => {
  const ASKING = 'stack: todo\nvariables:\n  password: {type: string, from: {prompt: The password}}\nservices:\n  web:\n    image: redis:7\n    environment: ["P=${password}"]\n';
  beforeEach(() => writeFileSync(join(home, 'asking.yml'), ASKING));
  const person = (answer: string): FakeHost => new FakeHost({ home, env: { KONTENA_CONFIG: join(home, 'c.yaml') }, answer });

  test('are put to a person; in a pipe the missing value is a mistake that names the variable and the flag', async () => {
    expect(await run('apply -f asking.yml')).toBe(1);
    expect(host.stderr).toMatch(/variables\.password .*"password".*-v password=VALUE/);
    const { questions, master } = (host = person('secret'));
    expect([await run('apply -f asking.yml'), questions, master.applied[0]?.stack.services.web?.env]).toEqual([0, ['The password :'], ['P=secret']]);
  });

  test('Ctrl-C at one ends with 130, and nothing is declared', async () => {
    host = person(CTRL_C);
    expect([await run('stack install asking.yml'), host.master.applied]).toEqual([130, []]);
    expect(host.stderr).toBe('the question was left without an answer; nothing was changed\n');
  });
});

describe('stack build', () => {
  beforeEach(() => {
    mkdirSync(join(home, 'web'));
    writeFileSync(join(home, 'web', 'Docker.web'), 'FROM scratch\n');
    writeFileSync(join(home, 'build.yml'), [
      'stack: todo', 'services:', '  base:', '    image: acme/base:1', '    build: {context: web, dockerfile: Docker.web, args: {VERSION: 3, TOKEN: null}}',
      '    hooks: {pre_build: [{name: compile, cmd: make all}]}', '  web:', '    extends: base', '    image: acme/web:2', '  plain: {image: redis}', '  words:', '    image: acme/words:1', '    build: web', '    hooks: {pre_build: [{name: check, cmd: [make, "$$all checks"]}]}', '',
    ].join('\n'));
  });

  test('runs the hooks, builds each image with what it extends, and pushes at the end', async () => {
    expect(await run('stack build base web -f build.yml --no-cache')).toBe(0);
    const build = (image: string): string => `docker build -t ${image} -f ${join(home, 'web', 'Docker.web')} --no-cache --pull --build-arg=VERSION=3 --build-arg=TOKEN ${join(home, 'web')}`;
    expect(host.ran).toEqual(['/bin/sh -c make all', build('acme/base:1'), '/bin/sh -c make all', build('acme/web:2'), 'docker push acme/base:1', 'docker push acme/web:2']);
    host.ran.length = 0;
    writeFileSync(join(home, 'web', 'Dockerfile'), 'FROM scratch\n');
    expect(await run('stack build words -f build.yml --no-push')).toBe(0);
    expect(host.ran[0]).toBe('make $all checks');
    host.ran.length = 0;
    await run('stack build web -f build.yml --no-push --no-pull --sudo');
    expect(host.ran[1]).toBe(`sudo docker build -t acme/web:2 -f ${join(home, 'web', 'Docker.web')} --build-arg=VERSION=3 --build-arg=TOKEN ${join(home, 'web')}`);
    expect(host.ran).toHaveLength(2);
  });

  test('ends with 1 when something fails or there is nothing to build, and pushes nothing', async () => {
    host.exitCodes = { docker: 17 };
    expect([await run('stack build base -f build.yml'), host.ran.length]).toEqual([1, 2]);
    expect(host.stderr).toContain('the image acme/base:1 of service base was not built: docker ended with exit code 17');
    host.exitCodes = { '/bin/sh': 2 };
    expect([await run('stack build base -f build.yml'), host.ran.length]).toEqual([1, 3]);
    expect([await run('stack build plain -f build.yml'), host.stderr.includes('nothing to build')]).toEqual([1, true]);
    expect(await run('stack build wbe -f build.yml')).toBe(2);
    rmSync(join(home, 'web', 'Docker.web'));
    expect([await run('stack build base -f build.yml'), host.stderr.includes('there is no Docker.web in web')]).toEqual([1, true]);
  });
});

test('every file of a directory that is wrong is told of at once, and a key among them without a word of it', async () => {
  mkdirSync(join(home, 'many'));
  writeFileSync(join(home, 'many', 'keys.yml'), 'password: hunter2\n- broken: [\n');
  writeFileSync(join(home, 'many', 'bad.yml'), 'stack: bad\nservices: {web: {imag: a}}\n');
  symlinkSync(join(home, 'stack.yml'), join(home, 'many', 'near.yml'));
  expect(await run('apply -f many')).toBe(1);
  expect(host.stderr).toContain('many/keys.yml  is no stack file');
  expect(host.stderr).toContain('"imag" is not a key of a service');
  expect(host.stderr).not.toMatch(/hunter2|near\.yml/);
});
