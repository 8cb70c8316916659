import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readContexts } from '../context/index.js';
import { FakeHost, resource } from '../fake-host.js';
import { runCommandLine } from '../main.js';
import { wantedNodes } from './dev-state.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-dev-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Stands in for both programs: writes what the master writes, then lives until told to end. */
const PROGRAM = `import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
const data = process.argv[process.argv.indexOf('--data') + 1];
if (process.argv.includes('--reset')) {
  console.log(readFileSync(new URL('./reset.json', import.meta.url), 'utf8'));
  process.exit();
}
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
  resets({ node: 'n', containers: ['a/b.1@1'], network: [], left: [] });
  host.master.known = ['n1', 'n2'].map((name) => resource('Node', name, { status: { phase: 'online' } }));
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
/** What the agent's program says it did. */
const resets = (said: object): void => writeFileSync(join(host.programs, 'reset.json'), JSON.stringify(said));

const up = (): Promise<number> => run(`dev up --docker unix://${socket} --nodes 2 --data ${data}`);

/** A program writes when its turn comes. */
async function written(path: string): Promise<string> {
  for (let tries = 0; tries < 100 && readFileSync(path, 'utf8') === ''; tries += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  return readFileSync(path, 'utf8');
}

const bothJoined = async (): Promise<void> => {
  for (const name of ['n1', 'n2']) await written(join(data, `${name}.log`));
};

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

describe('a cluster whose data was removed while it runs', () => {
  const pids = async (): Promise<readonly (number | undefined)[]> => (await status()).map(({ pid }) => pid);

  test('is not adopted: what lives is named, and what to do', async () => {
    await up();
    await bothJoined();
    const [master, n1, n2] = await pids();
    rmSync(data, { recursive: true });
    host.stderr = '';
    expect(await up()).toBe(1);
    expect(host.stderr).toContain(`error: the data in ${data} was removed while the cluster runs: master (pid ${String(master)}), n1 (pid ${String(n1)}), n2 (pid ${String(n2)}) go on without\n`);
    expect(host.stderr).toContain('`kontenactl dev down`');
    expect(existsSync(data)).toBe(false);
  });

  test('is shown and ended all the same, and then there is room for another', async () => {
    await up();
    await bothJoined();
    const before = await pids();
    rmSync(data, { recursive: true });
    expect(await pids()).toEqual(before);
    host.stdout = '';
    expect(await run(`dev down --data ${data}`)).toBe(0);
    expect(host.stdout).toBe('stopped: n1, n2, master\n');
    expect(await up()).toBe(0);
    expect((await status()).every(({ running }) => running)).toBe(true);
  });

  test('is not adopted either where a node alone lost its data', async () => {
    await up();
    await bothJoined();
    rmSync(join(data, 'n2'), { recursive: true });
    expect(await up()).toBe(1);
    expect(host.stderr).toMatch(/error: the data in \S+ was removed while the cluster runs: n2 \(pid \d+\) goes on without\n/);
  });
});

test('a cluster whose dev.json is lost is known by its programs: adopted with the same nodes and port, and purged', async () => {
  await up();
  await bothJoined();
  const before = await status();
  const { port, nodes } = JSON.parse(readFileSync(join(data, 'dev.json'), 'utf8')) as { port: number; nodes: unknown };
  rmSync(join(data, 'dev.json'));
  expect(await run(`dev up --data ${data}`)).toBe(0);
  expect(await status()).toEqual(before);
  expect(JSON.parse(readFileSync(join(data, 'dev.json'), 'utf8'))).toEqual({ port, nodes, cluster: 'c1' });
  rmSync(join(data, 'dev.json'));
  host.stdout = '';
  expect(await run(`dev down --purge --data ${data}`)).toBe(0);
  expect(host.stdout).toBe(`stopped: n1, n2, master\nremoved: 2 containers, and the data in ${data}\n`);
  expect(existsSync(join(data, 'n1'))).toBe(false);
});

describe('dev down', () => {
  test('stops the processes and leaves the data; --purge removes both', async () => {
    await up();
    await bothJoined();
    host.stdout = '';
    expect(await run(`dev down --data ${data}`)).toBe(0);
    expect(host.stdout).toBe('stopped: n1, n2, master\n');
    expect([existsSync(join(data, 'master', 'admin.json')), removed]).toEqual([true, []]);
    expect((await status()).every(({ running }) => !running)).toBe(true);

    host.stdout = '';
    await run(`dev down --purge --data ${data}`);
    expect(host.stdout).toContain('removed: 3 containers');
    expect(removed).toEqual(['/containers/abc?force=1&v=1']);
    expect([existsSync(join(data, 'master')), (await readContexts(host)).contexts]).toEqual([false, []]);
  });
});

test('dev down --purge says what is left of the networks of nodes', async () => {
  await up();
  const left = [{ what: 'network', reason: 'no right', remedy: 'Be root.' }, { what: 'containers', reason: 'told otherwise', remedy: '' }];
  resets({ node: 'n', containers: [], network: [], left });
  await bothJoined();
  expect(await run(`dev down --purge --data ${data}`)).toBe(1);
  expect(host.stderr).toContain('left: the network of node n1, for no right\n  Be root.\nleft: the network of node n2, for no right\n  Be root.\n');
  expect(host.stderr).not.toContain('told otherwise');
});

describe('agent reset', () => {
  const reset = (said: object): Promise<number> => {
    resets(said);
    return run(`agent reset --data ${data} --docker unix://${socket} --yes`);
  };

  test('says what it removed, and what is left', async () => {
    expect(await reset({ node: 'n1', containers: ['todo/web.1@5'], network: ['tunnel kw-1'], left: [] })).toBe(0);
    expect(host.stdout).toBe('removed of node n1:\n  container of todo/web.1@5\n  tunnel kw-1\n');
    expect(await reset({ node: 'n1', containers: [], network: [], left: [{ what: 'containers', reason: 'no engine', remedy: 'Start it.' }] })).toBe(1);
    expect(host.stdout).toContain('nothing of node n1 was here\n');
    expect(host.stderr).toBe('left: containers, for no engine\n  Start it.\n');
  });

  test('is refused as the agent refuses it', async () => {
    expect(await reset({ error: { code: 'KON_DATA_TAKEN', message: 'an agent is running' } })).toBe(1);
    expect(host.stderr).toMatch(/^error: an agent is running\n./);
  });

  test('asks before', async () => {
    host = new FakeHost({ home: host.home, answer: 'n' });
    expect(await run(`agent reset --data ${data}`)).toBe(1);
    expect(host.questions).toEqual([`Remove the containers and the network of the node whose data is in ${data}? [y/N] `]);
  });
});

test('dev down --purge removes the rest when an engine is gone, and says what is left', async () => {
  await up();
  await bothJoined();
  await new Promise((resolve) => engine.close(resolve));
  host.stderr = '';
  expect(await run(`dev down --purge --data ${data}`)).toBe(1);
  expect(host.stdout).toContain(`removed: 2 containers, and the data in ${data}\n`);
  expect(host.stderr).toMatch(/^left: the containers of unix:.*docker\.sock, for no container engine answers at .*\nIf that engine comes back: docker -H unix:\S+ rm -f -v \$\(docker -H unix:\S+ ps -a -q --filter label=io\.kontena\.cluster=c1\); docker -H unix:\S+ network rm \$\(.*\)\n$/);
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
