import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
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
    write('taking.yml', 'stack: acme/taking\nvariables: {key: {type: string, from: {file: ./near.yml}}}\nservices:\n  web: {image: a}\n');
    expect([await run('stack registry push taking.yml'), host.stderr]).toEqual([1, expect.stringContaining('./near.yml')]);
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
    host.master.known = upgrades ? [resource('Stack', 'todo')] : [];
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
    host.master.known = [resource('Stack', 'linked-cache', { spec: { parent: 'linked', services: { redis: {} } } })];
    await runCommandLine(['diff', '-f', 'linked.yml'], root, host);
    expect(links()).toEqual([['linked-cache', true, []], ['linked', true, ['linked-cache/redis', 'else/web', 'linked/db']]]);
  });
});

describe('what a stack depends on no longer', () => {
  const again = async (line: string, isThere = ['todo', 'todo-cache', 'todo-old', 'todo-old-disk']): Promise<void> => {
    const parents: Readonly<Record<string, string>> = { 'todo-cache': 'todo', 'todo-old': 'todo', 'todo-old-disk': 'todo-old' };
    host = new FakeHost({ home, env: { KONTENA_CONFIG: join(home, 'c.yaml') } });
    host.master.known = [...isThere, 'todo-else'].map((name) => resource('Stack', name, { spec: name in parents ? { parent: parents[name] } : {} }));
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
    host.master.known = [
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

describe('a stack of the registry that wants files of whoever installs it', () => {
  /** As somebody puts it there who does not use kontenactl. */
  const plant = (name: string, services: string): void => {
    mkdirSync(join(home, 'kept', 'acme', name, '1.0.0'), { recursive: true });
    write(`kept/acme/${name}/1.0.0/kontena.yml`, `stack: acme/${name}\nversion: 1.0.0\nservices:\n  web:\n    image: a:1\n${services}`);
  };
  beforeEach(() => write('vault.key', 'c2VjcmV0IG9mIGEgcGVyc29u\n'));

  test.each(['apply -f', 'diff -f', 'stack install', 'stack validate', 'stack upgrade evil', 'stack build -f'])('%s gives it none', async (command) => {
    plant('evil', '    env_file: vault.key\n    build: .\n');
    expect(await run(`${command} acme/evil --allow-files /`)).toBe(1);
    expect(host.stderr).toMatch(/acme\/evil did not bring \S*vault.key with it|there is no stack evil/);
    expect([host.stderr.includes('c2Vj'), applied(), host.ran]).toEqual([false, [], []]);
  });

  test('runs no hook of it and builds nothing from it', async () => {
    plant('evil', '    build: .\n    hooks: {pre_build: [{name: steal, cmd: "cat vault.key"}]}\n');
    write('Dockerfile', 'FROM scratch\n');
    write('own.yml', 'stack: acme/own\nservices:\n  web: {extends: {stack: acme/evil, service: web}}\n');
    for (const file of ['acme/evil', 'own.yml']) expect([await run(`stack build -f ${file}`), host.ran]).toEqual([1, []]);
    expect(await run('stack validate own.yml')).toBe(0);
  });

  test('a link in the registry leads to nothing outside of it', async () => {
    plant('linked', '');
    rmSync(join(home, 'kept', 'acme', 'linked', '1.0.0', 'kontena.yml'));
    symlinkSync(join(home, 'vault.key'), join(home, 'kept', 'acme', 'linked', '1.0.0', 'kontena.yml'));
    expect(await run('stack registry pull acme/linked:1.0.0')).toBe(1);
    expect([host.stdout, host.stderr]).toEqual(['', expect.stringContaining('is a link that leads out of')]);
  });
});

test('--allow-files names a folder whose files a stack file may refer to, for every command that reads one', async () => {
  mkdirSync(join(home, 'near'));
  write('near/stack.yml', `stack: s\nservices:\n  web: {image: "a:1", env_file: ${join(root, 'common.env')}}\n`);
  writeFileSync(join(root, 'common.env'), 'A=1\n');
  for (const command of ['apply -f', 'diff -f', 'stack validate', 'stack install']) {
    expect([await run(`${command} near/stack.yml`), host.stderr]).toEqual([1, expect.stringContaining('allow its own with --allow-files DIR')]);
    expect([await run(`${command} near/stack.yml --allow-files ..`), host.stderr]).toEqual([0, expect.not.stringContaining('not under')]);
  }
});

describe('a token server of another name', () => {
  const settings = (): string => readFileSync(join(home, 'c.yaml'), 'utf8');

  test('is remembered by a command, beside all else that is in the settings', async () => {
    expect([await run('stack registry trust oci://r.example:5000/x https://auth.example/'), host.stdout]).toEqual([0, 'https://auth.example may be told what is kept for the stack registry r.example:5000\n']);
    await run('stack registry trust r.example:5000 https://auth.example');
    await run('stack registry trust other.example https://auth.example:8443');
    await run('context use dev');
    expect(settings()).toContain('tokenServers:\n  r.example:5000:\n    - https://auth.example\n  other.example:\n    - https://auth.example:8443\n');
    expect([await run('stack registry list -q'), host.stdout]).toEqual([0, 'acme/base\nacme/redis\nacme/todo\n']);
  });

  test('is asked about once on a terminal, and never told without a yes', async () => {
    const told: string[] = [];
    const [tokens, registry] = [createServer(), createServer()];
    for (const server of [tokens, registry]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const [to, from] = [tokens, registry].map((server) => `127.0.0.1:${String((server.address() as AddressInfo).port)}`);
    tokens.on('request', (request: IncomingMessage, response: ServerResponse) => {
      told.push(request.headers.authorization ?? '-');
      response.end('{"token":"t"}');
    });
    registry.on('request', ({ headers }: IncomingMessage, response: ServerResponse) => {
      if (headers.authorization === 'Bearer t') response.end('{"repositories":[]}');
      else response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${to ?? ''}/t"` }).end();
    });
    write('config.json', JSON.stringify({ auths: { [from ?? '']: { auth: Buffer.from('me:secret').toString('base64') } } }));
    const list = async (answer?: string): Promise<readonly unknown[]> => {
      host = new FakeHost({ home, env: { KONTENA_CONFIG: join(home, 'c.yaml'), DOCKER_CONFIG: home }, ...(answer === undefined ? {} : { answer }) });
      return [await runCommandLine(['stack', 'registry', 'list', '--registry', `oci://${from ?? ''}`], root, host), host.questions.length, told.length];
    };
    expect(await list()).toEqual([1, 0, 0]);
    expect(host.stderr).toContain(`\`kontenactl stack registry trust ${from ?? ''} http://${to ?? ''}\``);
    expect([await list('n'), await list('y'), await list('y'), await list()]).toEqual([[1, 1, 0], [0, 1, 1], [0, 0, 2], [0, 0, 3]]);
    for (const server of [tokens, registry]) server.close().closeAllConnections();
  });

  test.each(['auth.example', 'https://auth.example/token', 'ftp://x', 'https://u:p@x'])('is no %s', async (server) => {
    expect(await run(`stack registry trust r.example ${server}`)).toBe(2);
  });
});
