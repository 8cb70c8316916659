import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeHost, resource } from '../fake-host.js';
import { runCommandLine } from '../main.js';
import { type Image, keepForDocker, pruningOf, usedBy } from './index.js';

const STACK = resolve(dirname(fileURLToPath(import.meta.url)), '../../../stacks/registry/kontena.yml');
const root = mkdtempSync(join(tmpdir(), 'kontena-registry-'));
afterAll(() => rmSync(root, { recursive: true }));
let home: string;
let host: FakeHost;
beforeEach(() => {
  home = mkdtempSync(join(root, 'h-'));
  writeFileSync(join(home, 'c.yaml'), 'current: dev\ncontexts:\n  - {name: dev, server: "m:1", ca: A, certificate: B, key: C}\n');
  host = new FakeHost({ home, env: { KONTENA_CONFIG: join(home, 'c.yaml') } });
});
const run = (line: string): Promise<number> => runCommandLine(line.split(' '), root, host);

const image = (repository: string, tag: string, day: number, digest = `sha256:${repository}${tag}`): Image => ({ repository, tag, digest, sizeBytes: 1, createdAt: new Date(Date.UTC(2026, 0, day)).toISOString() });
const tags = (images: readonly Image[]): string[] => images.map(({ repository, tag }) => `${repository}:${tag}`);

describe('pruning', () => {
  test('the newest of each repository stay, whatever their names', () => {
    const { gone } = pruningOf([image('a', '1', 3), image('a', '2', 1), image('a', '10', 2), image('b', '1', 1)], 1, () => false);
    expect(tags(gone)).toEqual(['a:10', 'a:2']);
  });

  test('what services run stays, and what is the same image as one that stays', () => {
    const all = [image('a', 'latest', 5, 'sha256:x'), image('a', '5', 5, 'sha256:x'), image('a', '4', 4), image('a', '3', 3)];
    const { gone, used } = pruningOf(all, 1, usedBy([resource('Service', 't/w', { spec: { image: 'registry/a:4' } })], 'default'));
    expect([tags(gone), tags(used)]).toEqual([['a:3'], ['a:4']]);
  });

  test.each([['registry/a:4', true], ['registry.default.kontena.local/a:4', true], ['registry/a@sha256:a4', true], ['registry/a', false], ['other/a:4', false], ['registry/a:44', false]])('a service that runs %s: %p', (name, isUsed) => {
    expect(usedBy([resource('Service', 't/w', { spec: { image: name } })], 'default')(image('a', '4', 1))).toBe(isUsed);
  });

  test('how many stay is to be said, and at least one', async () => {
    expect([await run('registry prune'), await run('registry prune --keep 0')]).toEqual([2, 2]);
  });
});

describe('what docker is told', () => {
  const login = { registry: 'registry.g.kontena.local', user: 'admin', password: 'p:w' };

  test('stands in its file beside what else is there, for its owner alone', async () => {
    mkdirSync(join(home, '.docker'));
    writeFileSync(join(home, '.docker', 'config.json'), '{"auths":{"other":{"auth":"x"}},"proxies":{}}');
    const path = await keepForDocker(host, login);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ auths: { other: { auth: 'x' }, [login.registry]: { auth: Buffer.from('admin:p:w').toString('base64') } }, proxies: {} });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('is left alone where its file is damaged, and told to its helper where it has one', async () => {
    mkdirSync(join(home, '.docker'));
    writeFileSync(join(home, '.docker', 'config.json'), '{"auths":');
    await expect(keepForDocker(host, login)).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE' });
    expect(readFileSync(join(home, '.docker', 'config.json'), 'utf8')).toBe('{"auths":');
    writeFileSync(join(home, '.docker', 'config.json'), '{"credsStore":"kontena-none"}');
    await expect(keepForDocker(host, login)).rejects.toMatchObject({ code: 'KON_PROGRAM_MISSING' });
  });
});

describe('the stack that ships with the program', () => {
  const VALUES = '-v host=registry.default.kontena.local -v password=x -v htpasswd=admin:y';
  const STORED = { s3: '-v bucket=b -v region=r -v endpoint=http://s3 -v access_key=a -v secret_key=s', azure: '-v account=a -v container=c -v account_key=k', filesystem: '-v node=n1' };

  test.each(['filesystem', 's3', 'azure'] as const)('is valid with images in %s', async (storage) => {
    expect([await run(`stack validate ${STACK} ${VALUES} -v storage=${storage} ${STORED[storage]} --strict --format json`), host.stderr]).toEqual([0, '']);
    const { services: { api } } = JSON.parse(host.stdout) as { services: { api: { stateful?: boolean; affinity?: string[] } } };
    expect(JSON.stringify(api)).toContain(`"REGISTRY_STORAGE":"${storage}"`);
    expect(api.stateful).toBe(storage === 'filesystem' ? true : undefined);
    expect(api.affinity ?? []).toEqual(storage === 'filesystem' ? ['node==n1'] : []);
  });
});

test('an image of the grid\'s registry is built and pushed under its whole name', async () => {
  writeFileSync(join(home, 'kontena.yml'), 'stack: todo\nservices:\n  web: {image: "registry/todo:1.4", build: .}\n  db: {image: "acme/db:1", build: .}\n');
  writeFileSync(join(home, 'Dockerfile'), 'FROM scratch\n');
  expect(await run('stack build --grid Shop')).toBe(0);
  expect(host.ran.map((line) => line.replace(home, '.'))).toEqual([
    'docker build -t registry.shop.kontena.local/todo:1.4 --pull .', 'docker build -t acme/db:1 --pull .', 'docker push registry.shop.kontena.local/todo:1.4', 'docker push acme/db:1',
  ]);
});

test.each([
  ['registry create --node n1 --s3-bucket b --s3-access-key a --s3-secret-key s', 2, '--node'],
  ['registry create --s3-bucket b', 2, '--s3-access-key'],
  ['registry create --s3-bucket b --s3-access-key a --s3-secret-key s --s3-endpoint minio:9000', 2, 'an address is wanted, like https://minio.example.com'],
  ['registry create --azure-account-name a', 2, '--azure-container-name'],
])('%s ends with %i', async (line, code, words) => {
  expect(await run(line)).toBe(code);
  expect(host.stderr).toContain(words);
});
