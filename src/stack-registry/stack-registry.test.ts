import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fakeOciRegistry } from '../testing/fake-oci-registry.js';
import { stackRegistryContract } from '../testing/stack-registry-contract.js';
import { isStackReference, openRegistry, parseReference, type StackRegistry } from './index.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-registry-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const open = (address: string, cache = 'cache'): StackRegistry =>
  openRegistry(address, { directory: root, home: root, env: { PATH: process.env.PATH, XDG_CACHE_HOME: join(root, cache), DOCKER_CONFIG: join(root, 'docker') }, isInsecure: false });
const bare = (name: string): string => {
  execFileSync('git', ['init', '--quiet', '--bare', join(root, name)]);
  return `git+file://${join(root, name)}`;
};
const NAME = { user: 'acme', stack: 'web' };
const version = (number: string): { name: typeof NAME; version: string; text: string } => ({ name: NAME, version: number, text: `version: ${number}\n` });

describe('a directory', () => {
  stackRegistryContract(() => open('stacks'));

  test('that cannot be read is a failure, not an empty registry', async () => {
    writeFileSync(join(root, 'file'), '');
    mkdirSync(join(root, 'odd', 'acme', 'web', '1.0.0', 'kontena.yml'), { recursive: true });
    await expect(open('odd').pull(NAME, '1.0.0')).rejects.toMatchObject({ code: 'KON_REGISTRY_FAILED' });
  });
});

describe('a git repository', () => {
  const address = bare('bare.git');
  stackRegistryContract(() => open(address));

  test('two machines push in turn, each seeing what the other did', async () => {
    const shared = bare('shared.git');
    await open(shared, 'one').push(version('1.0.0'));
    await open(shared, 'two').push(version('1.1.0'));
    await open(shared, 'one').push(version('1.2.0'));
    expect(await open(shared, 'two').versions(NAME)).toEqual(['1.2.0', '1.1.0', '1.0.0']);
    expect(execFileSync('git', ['-C', join(root, 'shared.git'), 'log', '--format=%s'], { encoding: 'utf8' })).toBe('Publish acme/web:1.2.0\nPublish acme/web:1.1.0\nPublish acme/web:1.0.0\n');
  });

  test('that is not there is named with what git said', async () => {
    await expect(open(`git+file://${join(root, 'nowhere.git')}`).versions(NAME)).rejects.toMatchObject({ code: 'KON_REGISTRY_FAILED', message: expect.stringContaining('nowhere.git') });
  });
});

describe('an OCI registry', () => {
  let registry: Awaited<ReturnType<typeof fakeOciRegistry>>;
  let guarded: typeof registry;
  beforeAll(async () => {
    registry = await fakeOciRegistry();
    guarded = await fakeOciRegistry(`Basic ${Buffer.from('me:secret').toString('base64')}`);
  });
  afterAll(() => {
    registry.close();
    guarded.close();
  });
  stackRegistryContract(() => open(`oci://${registry.host}/team/stacks`));

  test('is given a manifest that says what it holds', () => {
    expect(JSON.parse(registry.manifests.get('team/stacks/acme/todo:1.9.0') ?? '')).toMatchObject({
      artifactType: 'application/vnd.kontena.stack.v1+yaml',
      layers: [{ mediaType: 'application/vnd.kontena.stack.v1+yaml', size: 37 }],
      annotations: { 'org.opencontainers.image.title': 'acme/todo', 'org.opencontainers.image.version': '1.9.0' },
    });
  });

  test('knows who asks by what docker login kept', async () => {
    await expect(open(`oci://${guarded.host}`).versions(NAME)).rejects.toMatchObject({ code: 'KON_REGISTRY_FAILED', message: expect.stringContaining('401') });
    mkdirSync(join(root, 'docker'));
    writeFileSync(join(root, 'docker', 'config.json'), JSON.stringify({ auths: { [guarded.host]: { auth: Buffer.from('me:secret').toString('base64') } } }));
    await open(`oci://${guarded.host}`).push(version('1.0.0+build'));
    expect(await open(`oci://${guarded.host}`).versions(NAME)).toEqual(['1.0.0+build']);
  });

  test('refuses what it cannot name, and an answer that never was', async () => {
    await expect(open(`oci://${registry.host}`).versions({ user: 'Acme', stack: 'web' })).rejects.toMatchObject({ code: 'KON_INVALID' });
    await expect(open('oci://127.0.0.1:1').versions(NAME)).rejects.toMatchObject({ code: 'KON_REGISTRY_FAILED' });
  });
});

test('names lead nowhere else', () => {
  expect(parseReference('acme/todo:1.2.0-rc.1')).toEqual({ name: { user: 'acme', stack: 'todo' }, version: '1.2.0-rc.1' });
  expect(['../todo', 'acme/..', 'acme/todo/x', 'acme', 'acme/todo:../../x', './todo'].filter(isStackReference)).toEqual([]);
  expect(() => open('ftp://somewhere')).toThrow('no stack registry');
});
