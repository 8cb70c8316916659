import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
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
  }, 30_000); // a dozen runs of git, one after the other

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

  test('in which a link leads elsewhere is neither read nor written through it', async () => {
    const address = bare('linking.git');
    await open(address, 'linking').push(version('1.0.0'));
    const work = join(root, 'linking-work');
    execFileSync('git', ['clone', '--quiet', join(root, 'linking.git'), work]);
    mkdirSync(join(root, 'linked-to'));
    writeFileSync(join(root, 'linked-to', 'kontena.yml'), 'a secret');
    symlinkSync(join(root, 'linked-to'), join(work, 'acme', 'evil'));
    symlinkSync(join(root, 'linked-to'), join(work, 'acme', 'web', '2.0.0'));
    execFileSync('git', ['-C', work, 'add', '--all']);
    execFileSync('git', ['-C', work, '-c', 'user.name=x', '-c', 'user.email=x@x', 'commit', '--quiet', '-m', 'links']);
    execFileSync('git', ['-C', work, 'push', '--quiet']);
    expect(await open(address, 'linking').pull(NAME, '2.0.0')).toBeUndefined();
    await open(address, 'linking').push({ name: { user: 'acme', stack: 'evil' }, version: '1.0.0', text: 'x' }).catch(() => undefined);
    expect(readdirSync(join(root, 'linked-to'))).toEqual(['kontena.yml']);
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

  describe('that means ill', () => {
    /** Servers that answer as they are told, and remember what they were asked with which credentials. */
    const ill = async (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<{ readonly host: string; readonly asked: readonly string[] }> => {
      const asked: string[] = [];
      const server = createHttpServer((request, response) => {
        asked.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.authorization ?? '-'}`);
        answer(request, response);
      });
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      servers.push(server);
      return { host: `127.0.0.1:${String((server.address() as AddressInfo).port)}`, asked };
    };
    const loggedIn = (host: string): string => {
      const folder = mkdtempSync(join(root, 'login-'));
      writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [host]: { auth: Buffer.from('me:secret').toString('base64') } } }));
      return folder;
    };
    const as = (host: string, mayTell: (registry: string, server: string) => Promise<boolean> = () => Promise.resolve(false)): StackRegistry =>
      openRegistry(`oci://${host}`, { directory: root, home: root, env: { DOCKER_CONFIG: loggedIn(host) }, isInsecure: false, describe: describeText, readFile: readTextFile, mayTell, limitMs: 5000 });
    const BASIC = `Basic ${Buffer.from('me:secret').toString('base64')}`;

    test.each([
      ['a list', (registry: StackRegistry) => registry.versions(NAME)],
      ['a manifest', (registry: StackRegistry) => registry.pull(NAME, '1.0.0')],
    ])('is not listened to for ever: %s', async (_title, ask) => {
      let [sent, isOver] = [0, false];
      const { host } = await ill((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const piece = Buffer.alloc(64 * 1024, 32);
        const more = (): void => {
          while (!isOver && sent < 64 * 1024 * 1024 && response.write(piece)) sent += piece.length;
          if (!isOver) response.once('drain', more);
        };
        response.once('close', () => (isOver = true));
        more();
      });
      await expect(ask(open(`oci://${host}`))).rejects.toMatchObject({ code: 'KON_REGISTRY_FAILED', message: expect.stringContaining('more than 4 MiB') });
      expect(sent).toBeLessThan(16 * 1024 * 1024);
    });

    test('has no stack file that is large once it is unpacked, and no long sentence', async () => {
      const { host } = await ill((request, response) => {
        if (request.url?.includes('/manifests/') === true) response.writeHead(200).end(JSON.stringify({ layers: [{ mediaType: 'application/vnd.kontena.stack.v1+yaml', digest: `sha256:${'0'.repeat(64)}` }] }));
        else if (request.url?.includes('/blobs/') === true) response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(20 * 1024 * 1024)));
        else response.writeHead(500).end(Buffer.alloc(1024 * 1024));
      });
      await expect(open(`oci://${host}`).pull(NAME, '1.0.0')).rejects.toMatchObject({ code: 'KON_REGISTRY_FAILED', message: expect.stringContaining('more than 1 MiB') });
      await expect(open(`oci://${host}`).versions(NAME)).rejects.toMatchObject({ code: 'KON_REGISTRY_FAILED', message: expect.stringContaining('more than 64 KiB') });
    });

    test('has no list without end, nor one that goes on elsewhere', async () => {
      const endless = await ill((_request, response) => response.writeHead(200, { link: '</v2/acme/web/tags/list?last=x>; rel="next"' }).end('{"tags":["1.0.0"]}'));
      await expect(open(`oci://${endless.host}`).versions(NAME)).rejects.toMatchObject({ message: expect.stringContaining('more than 100 pages') });
      expect(endless.asked).toHaveLength(100);
      const other = await ill((_request, response) => response.writeHead(200).end('{"tags":[]}'));
      const leading = await ill((_request, response) => response.writeHead(200, { link: `<http://${other.host}/x>; rel="next"` }).end('{"tags":["1.0.0"]}'));
      await expect(open(`oci://${leading.host}`).versions(NAME)).rejects.toMatchObject({ message: expect.stringContaining('on another server') });
      expect(other.asked).toEqual([]);
    });

    test('is not given the password for another server, unless that is allowed', async () => {
      const thief = await ill((_request, response) => response.writeHead(200).end('{"token":"t"}'));
      const registry = await ill((request, response) => {
        if (request.headers.authorization === 'Bearer t') response.writeHead(200).end('{"tags":["1.0.0"]}');
        else response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${thief.host}/token",service="s"` }).end();
      });
      await expect(as(registry.host).versions(NAME)).rejects.toMatchObject({ code: 'KON_TOKEN_SERVER_UNKNOWN', message: expect.stringContaining(`kontenactl stack registry trust ${registry.host} http://${thief.host}`) });
      expect(thief.asked).toEqual([]);
      expect(await as(registry.host, (name, server) => Promise.resolve(name === registry.host && server === `http://${thief.host}`)).versions(NAME)).toEqual(['1.0.0']);
      expect(thief.asked).toEqual([`GET /token?service=s ${BASIC}`]);
      expect(await open(`oci://${registry.host}`).versions(NAME)).toEqual(['1.0.0']); // whoever has no password has nothing to lose
      expect(thief.asked.at(-1)).toBe('GET /token?service=s -');
    });

    test('sends nobody on with the password, nor what is pushed', async () => {
      const elsewhere = await ill((_request, response) => response.writeHead(200).end('{"tags":["1.0.0"]}'));
      const registry = await ill((request, response) => {
        if (request.headers.authorization !== BASIC) response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
        else if (request.url?.includes('/manifests/') === true) response.writeHead(404).end();
        else response.writeHead(307, { location: `http://${elsewhere.host}${request.url ?? ''}` }).end();
      });
      expect(await as(registry.host).versions(NAME)).toEqual(['1.0.0']);
      expect(elsewhere.asked).toEqual(['GET /v2/acme/web/tags/list -']);
      const around = await ill((request, response) => response.writeHead(302, { location: request.url ?? '' }).end());
      await expect(open(`oci://${around.host}`).versions(NAME)).rejects.toMatchObject({ message: expect.stringContaining('after too many others') });
      const taking = await ill((request, response) => response.writeHead(request.method === 'POST' ? 307 : 404, { location: `http://${elsewhere.host}/x` }).end());
      await expect(open(`oci://${taking.host}`).push(version('1.0.0'))).rejects.toMatchObject({ code: 'KON_REGISTRY_FAILED', message: expect.stringContaining('that is not followed') });
      expect(elsewhere.asked).toHaveLength(1);
    });
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
