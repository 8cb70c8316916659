import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { extract, type Header, pack } from 'tar-stream';
import { FakeMaster } from '../fake-master.js';
import { copyIn, copyOut, parsePlace } from './index.js';
import { packTree } from './pack-tree.js';
import { unpackTree } from './unpack-tree.js';

const quiet = new AbortController().signal;
let home: string;
let master: FakeMaster;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kontena-copy-'));
  master = new FakeMaster();
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const here = (...parts: readonly string[]): string => join(home, ...parts);

async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces);
}

const tarOf = async (...entries: readonly (readonly [Partial<Header> & Pick<Header, 'name'>, string?])[]): Promise<Buffer> => {
  const tar = pack();
  for (const [header, text] of entries) tar.entry(header, text ?? '');
  tar.finalize();
  return bytesOf(tar as AsyncIterable<Uint8Array>);
};

async function* pieces(bytes: Buffer): AsyncIterable<Uint8Array> {
  for (let from = 0; from < bytes.length; from += 700) yield bytes.subarray(from, from + 700);
}

async function namesIn(tar: Buffer): Promise<readonly string[]> {
  const entries = extract();
  entries.end(tar);
  const names: string[] = [];
  for await (const entry of entries) {
    names.push(`${entry.header.type} ${entry.header.name} ${entry.header.uid}`);
    entry.resume();
  }
  return names;
}

/** A tree with all that may be in one. */
function plant(): void {
  mkdirSync(here('tree', 'deep'), { recursive: true });
  writeFileSync(here('tree', 'deep', 'file'), 'x'.repeat(100_000));
  writeFileSync(here('tree', 'empty'), '');
  writeFileSync(here('tree', 'run'), '#!/bin/sh');
  chmodSync(here('tree', 'run'), 0o755);
  symlinkSync('deep/file', here('tree', 'link'));
}

describe('what is packed', () => {
  test('is unpacked as it was, under another name', async () => {
    plant();
    await unpackTree(packTree(here('tree'), 'tree'), here('copy'));
    expect(readFileSync(here('copy', 'deep', 'file'), 'utf8')).toBe('x'.repeat(100_000));
    expect(readFileSync(here('copy', 'empty'), 'utf8')).toBe('');
    expect(statSync(here('copy', 'run')).mode & 0o777).toBe(0o755);
    expect(readlinkSync(here('copy', 'link'))).toBe('deep/file');
    await unpackTree(packTree(here('tree'), 'tree'), here('copy')); // again, over what is there
    await unpackTree(packTree(here('tree', 'run'), 'run'), here('ran'));
    expect(readFileSync(here('ran'), 'utf8')).toBe('#!/bin/sh');
  });

  test('that cannot be read is named', async () => {
    await expect(bytesOf(packTree(here('nothing'), 'x'))).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE', message: expect.stringContaining(here('nothing')) });
  });
});

describe('a tar that somebody else made', () => {
  test.each<[string, readonly (readonly [Partial<Header> & Pick<Header, 'name'>, string?])[]]>([
    ['goes up', [[{ name: 'etc/../../outside' }, 'evil']]],
    ['goes through a link of its own', [[{ name: 'etc/', type: 'directory' }], [{ name: 'etc/way', type: 'symlink', linkname: '..' }], [{ name: 'etc/way/outside' }, 'evil']]],
    ['goes through the root, which it makes a link', [[{ name: 'etc', type: 'symlink', linkname: '.' }], [{ name: 'etc/outside' }, 'evil']]],
    ['takes what is outside for its own', [[{ name: 'etc/', type: 'directory' }], [{ name: 'etc/taken', type: 'link', linkname: 'etc/../../secret' }]]],
    ['takes what is outside through a link', [[{ name: 'etc/', type: 'directory' }], [{ name: 'etc/way', type: 'symlink', linkname: '..' }], [{ name: 'etc/taken', type: 'link', linkname: 'etc/way/secret' }]]],
  ])('and that %s is refused', async (_how, entries) => {
    writeFileSync(here('secret'), 'mine');
    await expect(unpackTree(pieces(await tarOf(...entries)), here('etc'))).rejects.toMatchObject({ code: 'KON_INVALID' });
    expect(existsSync(here('outside'))).toBe(false);
    expect(existsSync(here('etc', 'taken'))).toBe(false);
  });

  test('writes over a link, and not through it, and makes no directory a file', async () => {
    writeFileSync(here('mine'), 'mine');
    mkdirSync(here('etc', 'kept'), { recursive: true });
    symlinkSync(here('mine'), here('etc', 'hosts'));
    await unpackTree(pieces(await tarOf([{ name: 'etc/', type: 'directory' }], [{ name: 'etc/hosts', mode: 0o4755 }, 'theirs'], [{ name: 'etc/fifo', type: 'fifo' }])), here('etc'));
    expect([readFileSync(here('mine'), 'utf8'), readFileSync(here('etc', 'hosts'), 'utf8'), lstatSync(here('etc', 'hosts')).mode & 0o7777]).toEqual(['mine', 'theirs', 0o755]);
    expect(existsSync(here('etc', 'fifo'))).toBe(false);
    await expect(unpackTree(pieces(await tarOf([{ name: 'etc/kept' }, 'x'])), here('etc'))).rejects.toMatchObject({ code: 'KON_FILE_EXISTS' });
  });

  test('that ends too early is not taken for whole', async () => {
    const tar = await tarOf([{ name: 'file' }, 'x'.repeat(5_000)]);
    await expect(unpackTree(pieces(tar.subarray(0, 3_000)), here('file'))).rejects.toThrow();
  });
});

describe('copying', () => {
  const web = (path: string) => ({ grid: 'default', name: 'todo/web.1', path });

  test('goes into a directory that is there, or to the path that is named', async () => {
    plant();
    master.paths = { 'todo/web.1:/data': { kind: 'directory' }, 'todo/web.1:/link': { kind: 'link', target: 'data' }, 'todo/web.1:/': { kind: 'directory' }, 'todo/web.1:/data/file': { kind: 'file' } };
    await copyIn(master.instances, here('tree', 'run'), web('/data'), quiet);
    expect(await namesIn(master.tars.get('todo/web.1:/data')!)).toEqual(['file run 0']);
    await copyIn(master.instances, here('tree', 'run'), web('/link'), quiet);
    expect(await namesIn(master.tars.get('todo/web.1:/link')!)).toEqual(['file run 0']);
    await copyIn(master.instances, here('tree', 'run'), web('/new'), quiet);
    expect(await namesIn(master.tars.get('todo/web.1:/')!)).toEqual(['file new 0']);
    await copyIn(master.instances, `${here('tree', 'deep')}/.`, web('/data'), quiet);
    expect(await namesIn(master.tars.get('todo/web.1:/data')!)).toEqual(['directory ./ 0', 'file ./file 0']);

    await expect(copyIn(master.instances, here('tree'), web('/data/file'), quiet)).rejects.toMatchObject({ code: 'KON_CONFLICT' });
    await expect(copyIn(master.instances, here('tree'), web('/no/where'), quiet)).rejects.toMatchObject({ code: 'KON_NOT_FOUND', message: 'there is no directory /no in todo/web.1' });
    await expect(copyIn(master.instances, here('none'), web('/data'), quiet)).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE' });
  });

  test('comes out into a directory that is there, or to the path that is named', async () => {
    master.paths = { 'todo/web.1:/etc': { kind: 'directory' }, 'todo/web.1:/etc/.': { kind: 'directory' } };
    const tar = await tarOf([{ name: 'etc/', type: 'directory' }], [{ name: 'etc/hosts' }, 'localhost']);
    master.tars.set('todo/web.1:/etc', tar).set('todo/web.1:/etc/.', tar);
    await copyOut(master.instances, web('/etc'), home, quiet);
    await copyOut(master.instances, web('/etc'), here('other'), quiet);
    await copyOut(master.instances, web('/etc/.'), home, quiet);
    for (const path of [here('etc', 'hosts'), here('other', 'hosts'), here('hosts')]) expect(readFileSync(path, 'utf8')).toBe('localhost');
    await expect(copyOut(master.instances, web('/none'), home, quiet)).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
    await expect(copyOut(master.instances, web('/etc'), here('hosts'), quiet)).rejects.toMatchObject({ code: 'KON_FILE_EXISTS' });
    await expect(copyOut(master.instances, web('/etc'), here('a', 'b'), quiet)).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE' });
  });
});

test.each([
  ['todo/web.1:/etc', { kind: 'inside', name: 'todo/web.1', path: '/etc' }],
  ['instance/todo/web.1@57:/a:b', { kind: 'inside', name: 'instance/todo/web.1@57', path: '/a:b' }],
  ['./todo/web.1:/etc', { kind: 'here', path: './todo/web.1:/etc' }],
  ['/tmp/x:/y', { kind: 'here', path: '/tmp/x:/y' }],
  ['file', { kind: 'here', path: 'file' }],
  ['-', { kind: 'tar' }],
])('%s is %j', (text, place) => {
  expect(parsePlace(text)).toEqual(place);
});

test('A path of a container begins with /', () => {
  expect(() => parsePlace('todo/web.1:etc')).toThrow('begins with /');
});
