import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { descriptionOf, readTextFile } from '../../src/stackfile/index.js';
import { openRegistry, type StackRegistry } from '../../src/stack-registry/index.js';
import { stackRegistryContract } from '../../src/testing/stack-registry-contract.js';
import { environment, type Ended, kontenactl } from './harness/index.js';
import { certificateIn, logIn, type RunningRegistry, startDockerRegistry, startTokenServer, type TokenServer, USER } from './registries/index.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-oci-'));
const registries = {} as Record<'open' | 'basic' | 'token' | 'tls', RunningRegistry>;
let tokens: TokenServer;
let ca: string;

beforeAll(async () => {
  for (const folder of ['tls', 'tokens']) mkdirSync(join(root, folder));
  const certificate = await certificateIn(join(root, 'tls'));
  ca = certificate.ca;
  tokens = await startTokenServer(await certificateIn(join(root, 'tokens')));
  writeFileSync(join(root, 'htpasswd'), USER.htpasswd);
  const htpasswd = { htpasswd: { realm: 'stacks', path: join(root, 'htpasswd') } };
  registries.open = await startDockerRegistry(join(root, 'open'));
  registries.basic = await startDockerRegistry(join(root, 'basic'), { auth: htpasswd });
  registries.token = await startDockerRegistry(join(root, 'token'), { auth: tokens.auth });
  registries.tls = await startDockerRegistry(join(root, 'tls-registry'), { auth: htpasswd, tls: certificate });
}, 60_000);

afterAll(() => {
  tokens.close();
  for (const { stop } of Object.values(registries)) stop();
  rmSync(root, { recursive: true, force: true });
});

/** @param who folder of docker's config.json */
const open = (name: keyof typeof registries, who: string): StackRegistry =>
  openRegistry(`oci://${registries[name].host}/team/stacks`, { directory: root, home: root, env: { DOCKER_CONFIG: join(root, who) }, isInsecure: false, describe: (text) => Promise.resolve(descriptionOf(text)), readFile: readTextFile, mayTell: (_registry, server) => Promise.resolve(server === tokens.address) });
const NAME = { user: 'acme', stack: 'many' };

describe('the registry of Debian, open to all', () => {
  stackRegistryContract(() => open('open', 'nobody'));

  test('puts twelve versions in the order of their numbers', async () => {
    const versions = Array.from({ length: 12 }, (_, index) => `1.${String(index)}.0`);
    for (const version of versions) await open('open', 'nobody').push({ name: NAME, version, text: `version: ${version}\n` });
    expect(await open('open', 'nobody').versions(NAME)).toEqual(versions.toReversed());
  });
});

describe.each(['basic', 'token'] as const)('one that asks for a password, in the way %s', (way) => {
  beforeAll(() => {
    logIn(join(root, `${way}-me`), registries[way].host);
    logIn(join(root, `${way}-wrong`), registries[way].host, 'wrong');
  });
  stackRegistryContract(() => open(way, `${way}-me`));

  test('refuses a wrong password, and whoever has none', async () => {
    await expect(open(way, `${way}-wrong`).versions(NAME)).rejects.toMatchObject({ code: 'KON_REGISTRY_DENIED', message: expect.stringContaining('the name or the password') });
    await expect(open(way, 'nobody').push({ name: NAME, version: '1.0.0', text: 'a' })).rejects.toMatchObject({ code: 'KON_REGISTRY_DENIED' });
  });
});

test('a token is asked for each repository, with the rights that the work needs', () => {
  expect(tokens.given).toEqual(expect.arrayContaining(['registry:catalog:*', 'repository:team/stacks/acme/todo:pull', 'repository:team/stacks/acme/todo:pull,push']));
});

describe('kontenactl with a registry behind TLS', () => {
  const stack = (name: string, version: string, rest: string): void =>
    writeFileSync(join(root, `${name}-${version}.yml`), `stack: acme/${name}\nversion: ${version}\ndescription: The ${name}\n${rest}`);
  const run = (line: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
    kontenactl(root, line.split(' '), { cwd: root, env: { ...environment(root), NODE_EXTRA_CA_CERTS: ca, DOCKER_CONFIG: join(root, 'tls-me'), KONTENA_STACK_REGISTRY: `oci://${registries.tls.host}/stacks`, ...env } });

  beforeAll(() => {
    logIn(join(root, 'tls-me'), registries.tls.host);
    stack('redis', '9.0.0', 'services:\n  redis: {image: "redis:9"}\n');
    stack('redis', '10.0.0', 'services:\n  redis: {image: "redis:10"}\n');
    stack('todo', '1.0.0', 'depends:\n  cache: {stack: acme/redis}\n  old: {stack: "acme/redis:9.0.0"}\nservices:\n  web: {image: "web:1"}\n');
  });

  test('pushes, searches, shows and reads a tree of stacks by name, the newest where none is named', async () => {
    for (const file of ['redis-9.0.0', 'redis-10.0.0', 'todo-1.0.0']) expect(await run(`stack registry push ${file}.yml`)).toMatchObject({ code: 0, stderr: '' });
    expect((await run('stack registry search THE')).stdout).toBe('NAME         VERSION   DESCRIPTION\nacme/redis   10.0.0    The redis\nacme/todo    1.0.0     The todo\n');
    expect((await run('stack registry show acme/redis')).stdout).toBe('name: acme/redis\ndescription: The redis\nnewest: 10.0.0\nversions:\n  - 10.0.0\n  - 9.0.0\n');
    expect((await run('stack registry pull acme/redis:9.0.0')).stdout).toContain('redis:9');
    const { stdout } = await run('stack validate acme/todo');
    expect(stdout.match(/image: .*/g)).toEqual(['image: redis:10', 'image: redis:9', 'image: web:1']);
  }, 60_000);

  test('does not trust a certificate of an unknown CA, and names the variable that makes it known', async () => {
    const { code, stderr } = await run('stack registry list', { NODE_EXTRA_CA_CERTS: undefined });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: the stack registry https:\S+ cannot be used: its TLS certificate is not trusted here: .*\n.*NODE_EXTRA_CA_CERTS/);
  });
});
