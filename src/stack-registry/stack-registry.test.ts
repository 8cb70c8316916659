import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fakeOciRegistry } from '../testing/fake-oci-registry.js';
import { stackRegistryContract } from '../testing/stack-registry-contract.js';
import { readTextFile } from '../stackfile/index.js';
import { isStackReference, openRegistry, parseReference, searchStacks, type StackRegistry } from './index.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-registry-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
/** As a stack file is described, near enough. */
const describeText = (text: string): Promise<string> => Promise.resolve(/^description: (.*)$/m.exec(text)?.[1] ?? '');
const open = (address: string, cache = 'cache', env: Readonly<Record<string, string>> = {}): StackRegistry =>
  openRegistry(address, { directory: root, home: root, env: { PATH: process.env.PATH, XDG_CACHE_HOME: join(root, cache), DOCKER_CONFIG: join(root, 'docker'), ...env }, isInsecure: false, describe: describeText, readFile: readTextFile, mayTell: () => Promise.resolve(false), limitMs: 2000 });
const bare = (name: string): string => {
  execFileSync('git', ['init', '--quiet', '--bare', join(root, name)]);
  return `git+file://${join(root, name)}`;
};
const NAME = { user: 'acme', stack: 'web' };
const version = (number: string): { name: typeof NAME; version: string; text: string } => ({ name: NAME, version: number, text: `version: ${number}\n` });

/** Servers that are no registry. */
const ODD = {
  silent: (): undefined => undefined,
  page: (socket: Socket): unknown => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>'),
  half: (socket: Socket): unknown => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n{"repo'),
};
const hosts = new Map<keyof typeof ODD, string>();
const sockets: Socket[] = [];
const servers: Server[] = [];
beforeAll(async () => {
  for (const [name, answer] of Object.entries(ODD) as [keyof typeof ODD, (socket: Socket) => unknown][]) {
    const server = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      // as a server of plain http does with a word of TLS
      socket.once('data', (piece) => (name !== 'silent' && piece[0] === 22 ? socket.end('HTTP/1.1 400 Bad Request\r\n\r\n') : answer(socket)));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    servers.push(server);
    hosts.set(name, `127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  }
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

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

  test('is served to several at once who share one clone', async () => {
    const shared = bare('busy.git');
    const versions = ['1.0.0', '1.1.0', '1.2.0', '1.3.0'];
    await Promise.all(versions.map((number) => open(shared, 'busy').push(version(number))));
    const seen = await Promise.all(versions.map(() => open(shared, 'busy').versions(NAME)));
    expect(seen).toEqual(versions.map(() => versions.toReversed()));
  });

  test('is cloned anew where the clone is damaged, and where whoever held it was killed', async () => {
    const address = bare('damaged.git');
    await open(address, 'damaged').push(version('1.0.0'));
    const folder = join(root, 'damaged', 'kontena', 'registries');
    const [clone = ''] = readdirSync(folder);
    rmSync(join(folder, clone, '.git', 'objects'), { recursive: true });
    symlinkSync('999999999', join(folder, `${clone}.lock`));
    expect(await open(address, 'damaged').versions(NAME)).toEqual(['1.0.0']);
  });

  test('is told from the repository in whose hook this runs', async () => {
    const other = join(root, 'other');
    execFileSync('git', ['init', '--quiet', other]);
    writeFileSync(join(other, 'precious'), '');
    const address = bare('hooked.git');
    await open(address, 'hooked', { GIT_DIR: join(other, '.git'), GIT_WORK_TREE: other }).push(version('1.0.0'));
    expect([readdirSync(other), await open(address, 'fresh').versions(NAME)]).toEqual([['.git', 'precious'], ['1.0.0']]);
  });

  test('that does not answer is given up', async () => {
    await expect(open(`git+http://${hosts.get('silent')}/stacks.git`).versions(NAME)).rejects.toMatchObject({ code: 'KON_REGISTRY_UNREACHABLE', message: expect.stringContaining('does not answer') });
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
    await expect(open(`oci://${guarded.host}`).versions(NAME)).rejects.toMatchObject({ code: 'KON_REGISTRY_DENIED', message: expect.stringContaining('wants a name and a password') });
    mkdirSync(join(root, 'docker'));
    writeFileSync(join(root, 'docker', 'config.json'), JSON.stringify({ auths: { [guarded.host]: { auth: Buffer.from('me:secret').toString('base64') } } }));
    await open(`oci://${guarded.host}`).push(version('1.0.0+build'));
    expect(await open(`oci://${guarded.host}`).versions(NAME)).toEqual(['1.0.0+build']);
  });

  test('is told from what is none, and given up when it does not answer', async () => {
    await expect(open(`oci://${hosts.get('page')}`).names()).rejects.toMatchObject({ code: 'KON_REGISTRY_FAILED', message: expect.stringContaining('this is no OCI registry') });
    await expect(open(`oci://${hosts.get('silent')}`).names()).rejects.toMatchObject({ code: 'KON_REGISTRY_UNREACHABLE', message: expect.stringContaining('no answer within 2 s') });
    await expect(open(`oci://${hosts.get('half')}`).names()).rejects.toMatchObject({ code: 'KON_REGISTRY_UNREACHABLE' });
  });

  test('whose answer is not what its manifest names is not believed', async () => {
    await open(`oci://${registry.host}/damaged`).push(version('1.0.0'));
    for (const [digest, text] of registry.blobs) if (text === version('1.0.0').text) registry.blobs.set(digest, 'version: 6.6.6\n');
    await expect(open(`oci://${registry.host}/damaged`).pull(NAME, '1.0.0')).rejects.toMatchObject({ code: 'KON_REGISTRY_FAILED', message: expect.stringContaining('came damaged') });
  });

  test('lists stacks without fetching them, and no images', async () => {
    registry.manifests.set('team/stacks/acme/image:1.0.0', JSON.stringify({ layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar' }] }));
    const before = registry.asked.length;
    expect(await searchStacks(open(`oci://${registry.host}/team/stacks`), 'cache')).toMatchObject([{ version: '1.0.0', description: 'A Cache' }]);
    expect(registry.asked.slice(before).filter((asked) => asked.includes('/blobs/'))).toEqual([]);
  });

  test('refuses what it cannot name, and an answer that never was', async () => {
    await expect(open(`oci://${registry.host}`).versions({ user: 'Acme', stack: 'web' })).rejects.toMatchObject({ code: 'KON_INVALID' });
    await expect(open('oci://127.0.0.1:1').versions(NAME)).rejects.toMatchObject({ code: 'KON_REGISTRY_UNREACHABLE' });
  });
});

test('names lead nowhere else', () => {
  expect(parseReference('acme/todo:1.2.0-rc.1')).toEqual({ name: { user: 'acme', stack: 'todo' }, version: '1.2.0-rc.1' });
  expect(['../todo', 'acme/..', 'acme/todo/x', 'acme', 'acme/todo:../../x', './todo'].filter(isStackReference)).toEqual([]);
  expect(() => open('ftp://somewhere')).toThrow('no stack registry');
});
