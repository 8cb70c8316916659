import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../clock.js';
import { type Instant, KontenaError } from '../model/index.js';
import type { Clock } from '../ports/index.js';
import { collect, openApi, type OpenedApi, stackSpec } from '../testing/opened-api.js';
import { FakeRandom } from '../testing/fake-random.js';
import { stackReader, type WatchedDirectory, watchDirectory } from './index.js';
import type { WatchOptions } from './watch-directory.js';

let api: OpenedApi;
let directory: string;
let watched: WatchedDirectory | undefined;
let said: string[] = [];

beforeEach(async () => {
  api = await openApi();
  directory = await mkdtemp(join(tmpdir(), 'kontena-sources-'));
  said = [];
});
afterEach(async () => {
  await watched?.close();
  await api.close();
  await rm(directory, { recursive: true, force: true });
});

/** A file here is `name image`, or `broken`, which is a mistake, or `volume name`. */
async function readStack(file: string): ReturnType<ReturnType<WatchOptions['openReader']>> {
  const [name = '', image = '', link] = (await readFile(file, 'utf8')).trim().split(' ');
  if (name === 'broken') throw new KontenaError('KON_STACK_INVALID', 'broken', { mistakes: [{ severity: 'error', line: 3, column: 5, path: 'services', message: 'no' }] });
  if (name === 'volume') return { volumes: [{ name: image, scope: 'stack', driver: 'local', driverOpts: {} }], stacks: [] };
  return { volumes: [], stacks: [{ file, secrets: { [`${name}-pw`]: image }, stack: stackSpec(name, { web: { image, instances: 2, links: link === undefined ? [] : [{ service: link, alias: 'it' }] } }) }] };
}

const log = (message: string, facts: object = {}): void => void said.push(`${message} ${JSON.stringify(facts)}`);
/** Time that goes five times as fast, for what takes seconds. */
const FAST = 5;
const began = Date.now();
const fastClock: Clock = {
  now: () => (began + (Date.now() - began) * FAST) as Instant,
  wall: () => systemClock.wall(),
  neverBefore: (moment) => systemClock.neverBefore(moment),
  at: (when, wake) => systemClock.at((began + (when - began) / FAST) as Instant, wake),
  soon: (run) => systemClock.soon(run),
};

const start = async (over: Partial<Pick<WatchOptions, 'allowEmpty' | 'clock' | 'openReader'>> = {}): Promise<void> => {
  watched = await watchDirectory({ directory, control: api.control, grid: 'default', clock: systemClock, log: { info: log, warn: log, error: log }, openReader: () => readStack, allowEmpty: false, ...over });
};
const write = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text);
const images = (): readonly string[] => api.store.view('default').list('Stack').map(({ name, body }) => `${name} ${body.spec.services.web?.image ?? ''}`);

async function until(isSo: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not so within ${withinMs} ms; there is: ${images().join(', ')}; said: ${said.join(' | ')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('a file that is there, one that is saved, and one that is replaced by renaming are applied within a second', async () => {
  await write('todo.yml', 'todo web:1');
  await start();
  await until(() => images().join() === 'todo web:1', 1000);
  await write('todo.yml', 'todo web:2');
  await until(() => images().join() === 'todo web:2', 1000);
  await write('new.tmp', 'todo web:3');
  await rename(join(directory, 'new.tmp'), join(directory, 'todo.yml'));
  await until(() => images().join() === 'todo web:3', 1000);
  expect(api.store.view('default').get('Stack', 'todo')?.body.origin).toBe(join(directory, 'todo.yml'));
});

test('a broken file changes nothing, is shown, and is forgiven', async () => {
  await write('todo.yml', 'todo web:1');
  await start();
  await until(() => images().length === 1, 1000);
  await write('todo.yml', 'broken');
  const error = async (): Promise<unknown> => (await collect(api.control.resources.list({ grid: 'default', kind: 'stack', name: 'todo' })))[0]?.status.sourceError;
  await until(async () => (await error()) === 'line 3:5 services: no', 1000);
  expect(said.join()).toContain('line 3:5 services: no');
  expect(images()).toEqual(['todo web:1']);
  await write('todo.yml', 'todo web:2');
  await until(async () => (await error()) === undefined && images().join() === 'todo web:2', 1000);
});

test('a stack is removed 5 s after its file has gone; what comes back in time stays', async () => {
  await write('a.yml', 'a web:1');
  await write('b.yml', 'b web:1');
  await write('c.yml', 'c web:1');
  await start({ clock: fastClock });
  await until(() => images().length === 3, 1000);
  const goneAt = Date.now();
  await rm(join(directory, 'a.yml'));
  await rm(join(directory, 'b.yml'));
  await pause(400);
  await write('b.yml', 'b web:1');
  await until(() => images().length < 3, 2000);
  expect(Date.now() - goneAt).toBeGreaterThanOrEqual(5000 / FAST);
  await pause(1200);
  expect(images()).toEqual(['b web:1', 'c web:1']);
});

test('an emptied directory, or one that is gone, removes nothing, and says so', async () => {
  await write('a.yml', 'a web:1');
  await write('b.yml', 'b web:1');
  await start({ clock: fastClock });
  await until(() => images().length === 2, 1000);
  await rm(directory, { recursive: true });
  await pause(1300);
  expect(images()).toHaveLength(2);
  expect(said.join()).toContain('cannot be read');
  await mkdir(directory);
  await until(() => said.join().includes('--allow-empty'), 2000);
  await pause(300);
  for (const once of ['cannot be read', '--allow-empty']) expect(said.filter((line) => line.includes(once))).toEqual([expect.stringContaining('a watched directory changes nothing')]);
  await write('a.yml', 'a web:2');
  await until(() => images().join() === 'a web:2,b web:1', 2000);
  await until(() => images().join() === 'a web:2', 3000);
});

test('a confirmed one removes them all', async () => {
  await api.control.stacks.apply({ grid: 'default', stack: stackSpec('old'), dryRun: false, origin: join(directory, 'old.yml') });
  await api.control.stacks.apply({ grid: 'default', stack: stackSpec('by-hand'), dryRun: false });
  await start({ allowEmpty: true, clock: fastClock });
  await until(() => images().length === 1, 3000);
  expect(images()).toEqual(['by-hand web:1']);
});

test('what a person scaled stays through a restart of the watching, until the file is saved', async () => {
  await write('todo.yml', 'todo web:1');
  await start();
  await until(() => images().length === 1, 1000);
  await api.control.services.scale('default', 'todo/web', 5);
  const scaled = (): unknown => api.store.view('default').get('Stack', 'todo')?.body.scaled;
  await watched?.close();
  await start();
  await pause(600);
  expect(scaled()).toEqual({ web: 5 });
  await write('todo.yml', 'todo web:1');
  await until(() => JSON.stringify(scaled()) === '{}', 1000);
});

test('stacks that need each other are applied whatever the order of their files; two files of one stack are told apart', async () => {
  await write('a.yml', 'front web:1 back/web');
  await write('b.yml', 'back web:1');
  await write('c.yml', 'back web:9');
  await start();
  await until(() => images().length === 2, 1500);
  expect(images()).toEqual(['back web:1', 'front web:1']);
  await until(() => said.some((line) => line.includes('c.yml') && line.includes('declared by')), 1000);
  await rm(join(directory, 'b.yml'));
  await until(() => images().includes('back web:9'), 1000);
});

test('a directory that is not there is refused', async () => {
  await rm(directory, { recursive: true });
  await expect(start()).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE' });
  watched = undefined;
});

test('when watching ends, its files are no longer shown', async () => {
  await write('a.yml', 'broken');
  await start();
  const sources = async (): Promise<number> => (await collect(api.control.resources.list({ grid: 'default', kind: 'source' }))).length;
  await until(async () => (await sources()) === 1, 1000);
  await watched?.close();
  expect(await sources()).toBe(0);
});

describe('files that depend on others', () => {
  const stackFile = (name: string, service: string): string => `stack: acme/${name}\nversion: 1.0.0\nservices:\n  web: ${service}\n`;
  const parent = (...dependencies: readonly string[]): string => `${stackFile('shop', '{image: "web:1"}')}depends:\n${dependencies.map((dependency) => `  ${dependency}\n`).join('')}`;
  /** A registry that may be away. */
  const online = new Map<string, string>();
  const openReader: WatchOptions['openReader'] = () =>
    stackReader({ grid: 'default', environment: {}, random: new FakeRandom(), fetchStack: (name) => (name === 'acme/never' ? new Promise(() => undefined) : Promise.resolve(online.get(name))) });
  const sourceError = async (): Promise<unknown> => (await collect(api.control.resources.list({ grid: 'default', kind: 'source' })))[0]?.status.error;
  beforeEach(async () => {
    online.clear();
    await mkdir(join(directory, 'deps'));
    await write('deps/db.yml', stackFile('db', '{image: "db:1"}'));
    await write('z.yml', stackFile('z', '{image: "z:1"}'));
  });

  test('a file of volumes declares them; they stay when it goes', async () => {
    await write('v.yml', 'volume data');
    await start();
    await until(() => api.store.view('default').get('Volume', 'data') !== undefined, 1000);
    await rm(join(directory, 'v.yml'));
    await write('a.yml', 'todo web:1');
    await until(() => images().includes('todo web:1'), 1000);
    expect(api.store.view('default').get('Volume', 'data')?.body.scope).toBe('stack');
  });

  test('are declared after them, follow what those say, and take them along', async () => {
    await write('shop.yml', parent('db: {stack: deps/db.yml}'));
    await start({ openReader, clock: fastClock });
    await until(() => images().join() === 'shop web:1,shop-db db:1,z z:1', 1000);
    await write('deps/db.yml', stackFile('db', '{image: "db:2"}'));
    await until(() => images().includes('shop-db db:2'), 3000);
    await rm(join(directory, 'shop.yml'));
    await until(() => images().join() === 'z z:1', 3000);
    expect(said.filter((line) => line.startsWith('removed')).map((line) => /"stack":"([^"]*)"/.exec(line)?.[1])).toEqual(['shop', 'shop-db']);
  });

  test('are read again when one that they are made of changes, and no other is', async () => {
    online.set('acme/db', stackFile('db', '{image: "db:1"}'));
    await write('shop.yml', parent('db: {stack: acme/db}'));
    await write('base.yml', stackFile('base', '{image: "base:1"}'));
    await write('made.yml', stackFile('made', '{extends: {file: base.yml, service: web}}'));
    await start({ openReader });
    await until(() => images().length === 5, 1500);
    online.set('acme/db', stackFile('db', '{image: "db:2"}'));
    await write('base.yml', stackFile('base', '{image: "base:2"}'));
    await until(() => images().includes('made base:2') && images().includes('base base:2'), 1500);
    expect(images()).toEqual(['base base:2', 'made base:2', 'shop web:1', 'shop-db db:1', 'z z:1']);
    await write('shop.yml', `${parent('db: {stack: acme/db}')}\n`);
    await until(() => images().includes('shop-db db:2'), 1500);
  });

  test('change nothing while the master refuses one of those, and say where', async () => {
    await write('deps/db.yml', stackFile('db', '{image: "db:1", secrets: [{secret: NONE, name: A, type: env}]}'));
    await write('shop.yml', parent('db: {stack: deps/db.yml}'));
    await start({ openReader });
    await until(async () => String(await sourceError()).startsWith('deps/db.yml line 4:34 services.web.secrets[0]: secret NONE'), 1500);
    await until(() => images().length > 0, 1500);
    expect(images()).toEqual(['z z:1']);
  });

  test('are read again until the registry has what they depend on, and not without a pause', async () => {
    let rounds = 0;
    await write('shop.yml', parent('db: {stack: acme/db}'));
    await start({ openReader: () => { rounds += 1; return openReader(); }, clock: fastClock });
    await until(async () => String(await sourceError()).includes('cannot find the stack acme/db'), 1500);
    const before = rounds;
    await pause(400);
    expect(rounds).toBe(before);
    online.set('acme/db', stackFile('db', '{image: "db:3"}'));
    await until(() => images().join() === 'shop web:1,shop-db db:3,z z:1', 3000);
  });

  test('do not keep the watching from ending while the registry is silent', async () => {
    await write('shop.yml', parent('db: {stack: acme/never}'));
    await start({ openReader });
    await pause(500);
    const began = Date.now();
    await watched?.close();
    expect(Date.now() - began).toBeLessThan(1000);
    watched = undefined;
  });
});
