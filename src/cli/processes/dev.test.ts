import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readContexts } from '../context/index.js';
import { FakeHost, resource } from '../fake-host.js';
import { runCommandLine } from '../main.js';
import { wantedNodes } from './dev.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-dev-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Stands in for both programs: writes what the master writes, then lives until told to end. */
const PROGRAM = `import { mkdirSync, writeFileSync } from 'node:fs';
const data = process.argv[process.argv.indexOf('--data') + 1];
mkdirSync(data + '/pki', { recursive: true });
writeFileSync(data + '/pki/key', process.env.KONTENA_TOKEN ?? '');
writeFileSync(data + '/admin.json', JSON.stringify({ server: 'x:1', ca: 'CA', certificate: 'CERT', key: 'KEY' }));
console.error('started', process.argv.slice(2).join(' '));
setInterval(() => {}, 1000);
`;

let host: FakeHost;
let data: string;
let engine: Server;
let socket: string;
let removed: string[];

beforeEach(async () => {
  const home = mkdtempSync(join(root, 'h-'));
  data = join(home, 'd');
  socket = join(home, 'docker.sock');
  removed = [];
  mkdirSync(join(home, 'programs'));
  host = new FakeHost({ home });
  Object.assign(host, { programs: join(home, 'programs') });
  for (const name of ['master', 'agent']) writeFileSync(join(home, 'programs', `${name}.mjs`), PROGRAM);
  host.master.resources = ['n1', 'n2'].map((name) => resource('Node', name, { status: { phase: 'online' } }));
  engine = createServer((request, response) => {
    if (request.method === 'DELETE') removed.push(request.url ?? '');
    response.end(request.url?.startsWith('/containers/json') === true ? JSON.stringify([{ Id: 'abc' }]) : 'OK');
  });
  await new Promise<void>((resolve) => void engine.listen(socket, () => resolve()));
});

afterEach(async () => {
  await run(`dev down --data ${data}`);
  await new Promise((resolve) => engine.close(resolve));
});

const run = (line: string): Promise<number> => runCommandLine(line.split(' '), root, host);
const up = (): Promise<number> => run(`dev up --docker unix://${socket} --nodes 2 --data ${data}`);

/** A program writes when its turn comes. */
async function written(path: string): Promise<string> {
  for (let tries = 0; tries < 100 && readFileSync(path, 'utf8') === ''; tries += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  return readFileSync(path, 'utf8');
}

async function status(): Promise<readonly { name: string; pid?: number; running: boolean; phase?: string }[]> {
  host.stdout = '';
  await run(`dev status --data ${data} -o json`);
  return (JSON.parse(host.stdout) as { items: readonly { name: string; pid?: number; running: boolean; phase?: string }[] }).items;
}

describe('dev up', () => {
  test('starts a master and agents, gives tokens in the environment, and chooses the context', async () => {
    expect(await up()).toBe(0);
    expect((await status()).map(({ name, running, phase }) => [name, running, phase])).toEqual([['master', true, undefined], ['n1', true, 'online'], ['n2', true, 'online']]);
    const { contexts, current } = await readContexts(host);
    expect([current, contexts]).toEqual(['dev', [{ name: 'dev', credential: join(data, 'master', 'admin.json') }]]);
    const { port } = JSON.parse(readFileSync(join(data, 'dev.json'), 'utf8')) as { port: number };
    expect(await written(join(data, 'n2.log'))).toBe(`started --data ${join(data, 'n2')} --master 127.0.0.1:${String(port)} --name n2 --docker unix://${socket}\n`);
    expect(readFileSync(join(data, 'n2', 'pki', 'key'), 'utf8')).toBe('t1.secret.fingerprint');
  });

  test('adopts what lives, even without its pid file, and starts what is missing', async () => {
    await up();
    const before = await status();
    await written(join(data, 'n2.log'));
    rmSync(join(data, 'n1.pid'));
    process.kill(before[2]?.pid ?? 0, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await run(`dev up --data ${data}`)).toBe(0);
    const after = await status();
    expect(after.map(({ pid }) => pid).slice(0, 2)).toEqual(before.map(({ pid }) => pid).slice(0, 2));
    expect([after[2]?.running, after[2]?.pid === before[2]?.pid]).toEqual([true, false]);
    expect(host.master.asked.filter((line) => line.startsWith('createToken'))).toHaveLength(2);
  });

  test('an engine that is not there is told before anything starts', async () => {
    expect(await run(`dev up --docker unix://${data}-none.sock --data ${data}`)).toBe(1);
    expect(host.stderr).toContain(`error: no container engine answers at unix://${data}-none.sock`);
    expect(existsSync(data)).toBe(false);
  });

  test('a program that ends by itself is told with its last lines', async () => {
    writeFileSync(join(host.programs, 'master.mjs'), 'console.error("error: two masters"); process.exit(1)');
    expect(await up()).toBe(1);
    expect(host.stderr).toContain('error: the master ended by itself:\n  | error: two masters\nlog: ');
  });
});

describe('dev down', () => {
  test('stops the processes and leaves the data; --purge removes both', async () => {
    await up();
    host.stdout = '';
    expect(await run(`dev down --data ${data}`)).toBe(0);
    expect(host.stdout).toBe('stopped: n1, n2, master\n');
    expect([existsSync(join(data, 'master', 'admin.json')), removed]).toEqual([true, []]);
    expect((await status()).every(({ running }) => !running)).toBe(true);

    await run(`dev down --purge --data ${data}`);
    expect(removed).toEqual(['/containers/abc?force=1&v=1']);
    expect([existsSync(join(data, 'master')), (await readContexts(host)).contexts]).toEqual([false, []]);
  });

  test('--purge takes away the network of every node that had joined', async () => {
    await up();
    mkdirSync(join(data, 'n2', 'pki'), { recursive: true });
    await run(`dev down --purge --data ${data}`);
    expect(host.ran.filter((line) => line.includes('--reset'))).toEqual([`${process.execPath} ${join(host.programs, 'agent.mjs')} --reset --data ${join(data, 'n2')} --docker unix://${socket}`]);
  });
});

test('dev down --purge removes the rest when an engine is gone, and says what is left', async () => {
  await up();
  await new Promise((resolve) => engine.close(resolve));
  host.stderr = '';
  expect(await run(`dev down --purge --data ${data}`)).toBe(1);
  expect(host.stdout).toContain(`removed: 0 containers, and the data in ${data}\n`);
  expect(host.stderr).toMatch(/^left: the containers of unix:.*docker\.sock, for no container engine answers at .*\nIf that engine comes back: docker -H unix:\S+ rm -f -v \$\(docker -H unix:\S+ ps -aq --filter label=io\.kontena\.cluster=c1\)\n$/);
  expect([existsSync(join(data, 'master')), existsSync(join(data, 'dev.json')), (await readContexts(host)).contexts]).toEqual([false, false, []]);
});

describe('wantedNodes', () => {
  const a = { name: 'n1', docker: 'unix:///a' };
  test.each([
    ['one on the local engine', [], { docker: [], nodes: undefined }, [{ name: 'n1', docker: 'unix:///l' }]],
    ['one per engine', [], { docker: ['unix:///a', 'unix:///b'], nodes: undefined }, [a, { name: 'n2', docker: 'unix:///b' }]],
    ['engines in turn', [], { docker: ['unix:///a'], nodes: 2 }, [a, { name: 'n2', docker: 'unix:///a' }]],
    ['those that were there', [a], { docker: [], nodes: undefined }, [a]],
    ['those that were there, and more', [a], { docker: [], nodes: 2 }, [a, { name: 'n2', docker: 'unix:///a' }]],
  ])('%s', (_title, before, wish, expected) => {
    expect(wantedNodes(before, wish, 'unix:///l')).toEqual(expected);
  });

  test('a node keeps its engine', () => {
    expect(() => wantedNodes([a], { docker: ['unix:///b'], nodes: undefined }, 'unix:///l')).toThrow('node n1 uses the engine at unix:///a');
  });
});

test('An engine that is too old is refused before anything is started', async () => {
  engine.prependListener('request', (_request, response: { setHeader(name: string, value: string): void }) => response.setHeader('Api-Version', '1.40'));
  expect(await up()).toBe(1);
  expect(host.stderr).toContain(`error: the container engine at unix://${socket} speaks API 1.40; 1.41 is needed\nInstall Docker Engine 20.10`);
  expect(existsSync(data)).toBe(false);
});
