import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { KontenaError } from '../model/index.js';
import { minimalService } from '../testing/runtime-contract.js';
import { FakeHost, resource } from './fake-host.js';
import { runCommandLine } from './main.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-cli-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(root, 'home-'));
  mkdirSync(join(home, '.config', 'kontena'), { recursive: true });
  writeFileSync(
    join(home, '.config', 'kontena', 'config.yaml'),
    'current: dev\ncontexts:\n  - {name: dev, server: "127.0.0.1:9292", ca: CA, certificate: CERT, key: KEY}\n  - {name: prod, server: "prod:9292", grid: shop, ca: CA, certificate: CERT, key: KEY}\n',
  );
});

async function run(line: string, host: FakeHost = new FakeHost({ home })): Promise<{ code: number; host: FakeHost }> {
  const code = await runCommandLine(line.split(' '), root, host);
  return { code, host };
}

const service = resource('Service', 'todo/web', {
  spec: { image: 'redis:7', ports: [{ ip: '0.0.0.0', nodePort: 80, containerPort: 8080, protocol: 'tcp' }], deploy: { strategy: 'ha' } },
  status: { state: 'running', instances: { wanted: 3, running: 3 }, declared: 41, running: [41] },
});

describe('get', () => {
  test('prints a table', async () => {
    const host = new FakeHost({ home });
    host.master.known = [service, resource('Service', 'todo/worker', { spec: { image: 'todo-worker:latest' }, status: { state: 'failed', instances: { wanted: 1, running: 0 }, reason: 'no node fits' } })];
    expect((await run('get services', host)).code).toBe(0);
    expect(host.stdout.replaceAll(/\d+d /g, 'AGE ')).toBe(
      'NAME          STATE     RUNNING   IMAGE                PORTS            AGE    REASON\n' +
      'todo/web      running   3/3       redis:7              *:80->8080/tcp   AGE   -\n' +
      'todo/worker   failed    0/1       todo-worker:latest   -                AGE   no node fits\n',
    );
    expect(host.master.isClosed).toBe(true);
  });

  test('takes any form of the kind, and what it prints itself as a name', async () => {
    const host = new FakeHost({ home });
    host.master.known = [service];
    for (const line of ['get service todo/web -o name', 'get svc service/todo/web -o name', 'get service/todo/web -o name', 'get Services -o name']) await run(line, host);
    expect(host.stdout).toBe('service/todo/web\n'.repeat(4));
    expect(host.master.asked.slice(0, 3)).toEqual(Array.from({ length: 3 }, () => 'list default service todo/web'));
  });

  test('prints lists and records in the shape that scripts rely on', async () => {
    const host = new FakeHost({ home });
    host.master.known = [service];
    await run('get services -o json', host);
    expect(JSON.parse(host.stdout)).toEqual({ kind: 'ServiceList', items: [service] });
    host.stdout = '';
    await run('get service todo/web -o json', host);
    expect(JSON.parse(host.stdout)).toEqual(service);
    host.stdout = '';
    await run('get service todo/web -o yaml', host);
    expect(host.stdout).toContain('kind: Service\ngrid: default\nname: todo/web\n');
  });

  test('an empty list is said on stderr, so that a pipe reads nothing', async () => {
    const { host, code } = await run('get stacks');
    expect([code, host.stdout, host.stderr]).toEqual([0, '', 'There are no stacks.\n']);
  });

  test('cuts the widest column to the terminal', async () => {
    const host = new FakeHost({ home, columns: 80, env: { NO_COLOR: '1' } });
    host.master.known = [resource('Instance', 'todo/web.1@42', { spec: { node: 'n1' }, status: { phase: 'failed', restarts: 3, reason: 'x'.repeat(200) } })];
    await run('get instances', host);
    expect(Math.max(...host.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(host.stdout).toContain('xxx…');
  });

  test('watches: what there is, then what changes', async () => {
    const host = new FakeHost({ home });
    const instance = resource('Instance', 'todo/web.1@42', { spec: { node: 'n1' }, status: { phase: 'pulling', restarts: 0 } });
    host.master.known = [instance];
    host.master.changes = [{ resource: instance, isGone: false }, { resource: { ...instance, status: { phase: 'running', restarts: 0 } }, isGone: false }, { resource: instance, isGone: true }];
    await run('get instances -w', host);
    expect(host.stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
      'NAME PHASE NODE HEALTH RESTARTS SINCE REASON', 'todo/web.1@42 pulling n1 - 0 - -', 'todo/web.1@42 running n1 - 0 - -', 'todo/web.1@42 pulling n1 - 0 - - gone', '',
    ]);
  });
});

test('what is watched fits a narrow terminal', async () => {
  const host = new FakeHost({ home, columns: 60, env: { NO_COLOR: '1' } });
  const instance = resource('Instance', 'todo/web.1@42', { spec: { node: 'n1' }, status: { phase: 'pulling', restarts: 0 } });
  host.master.known = [instance];
  host.master.changes = [{ resource: { ...instance, status: { phase: 'failed', restarts: 0, reason: 'x'.repeat(100) } }, isGone: false }];
  await run('get instances -w', host);
  expect(host.stdout.split('\n').map(({ length }) => length)).toEqual([60, 60, 60, 0]);
});

describe('what goes wrong', () => {
  test('a refusal names the thing and the remedy, with exit code 1 and no stack trace', async () => {
    const { host, code } = await run('get stack nope');
    expect(code).toBe(1);
    expect(host.stderr).toBe('error: there is no stack nope in grid default\nSee what there is with `kontenactl get` and its kind, as in `kontenactl get secrets`.\n');
  });

  test('a master that is away is told with the context', async () => {
    const host = new FakeHost({ home });
    host.refusal = new KontenaError('KON_MASTER_UNREACHABLE', 'no master answers at 127.0.0.1:9292');
    expect((await run('get nodes', host)).code).toBe(1);
    expect(host.stderr).toBe(
      'error: no master answers at 127.0.0.1:9292\ncontext: dev (127.0.0.1:9292)\nCheck that the master is running and that the context names it: `kontenactl context list`.\n',
    );
  });

  test('with --debug there is the stack trace', async () => {
    const { host } = await run('get stack nope --debug');
    expect(host.stderr).toMatch(/\n {4}at .*fake-master/);
  });

  test.each([
    ['aply -f x', 'there is no command "aply"; did you mean "apply"?'],
    ['stak validate', 'there is no command "stak validate"; did you mean "stack validate"?'],
    ['stack registry pussh x.yml', 'there is no command "stack registry pussh"; did you mean "stack registry push"?'],
    ['gte nodes', 'there is no command "gte"; did you mean "get"?'],
    ['stack xyzzy', 'there is no command "stack xyzzy"'],
    ['xyzzy nodes', 'there is no command "xyzzy"'],
    ['help xyzzy', 'there is no command "xyzzy"'],
    ['--context dev get nodes', '"--context" stands before the command: flags come after it'],
    ['get nodess', 'there is no kind "nodess"; did you mean nodes?'],
    ['get nodes --contxt x', 'there is no flag --contxt; did you mean --context?'],
    ['get nodes --out json', 'there is no flag --out; did you mean --output?'],
    ['apply', 'the flag --file is missing'],
    ['stack upgrade', 'NAME is missing: Name of the stack.'],
    ['scale', 'SERVICE and INSTANCES are missing'],
    ['logs todo --since yesterday', '--since: "yesterday" is no moment: write it like 2026-01-31T12:00:00Z, or how long ago: 10m'],
    ['dev up --docker tcp://x', '--docker tcp://x: a socket is wanted'],
    ['context add x', 'a context needs a credential'],
    ['get', 'KIND is missing: grids, nodes, stacks'],
    ['get nodes --foo', 'there is no flag --foo'],
    ['get nodes -o xml', 'Expected --output=xml to be one of: table, wide, json, yaml, name'],
    ['scale todo/web many', 'Expected an integer but received: many'],
    ['scale todo/web 18446744073709551616', 'Expected an integer less than or equal to'],
    ['scale todo/web 3 --timeout soon', '--timeout: "soon" is not a length of time'],
    ['apply -f x -v tag', '-v tag: a name and a value are wanted'],
    ['get things', 'there is no kind "things"'],
    ['get nodes --of todo', '--of: nodes belong to no stack or service'],
    ['describe stack', '"stack" does not say which one'],
    ['scale web 3', '"web" is not a service: write STACK/SERVICE'],
    ['master start --listen nowhere', '--listen nowhere: HOST:PORT is wanted'],
    ['agent start --master m --docker tcp://x', '--docker tcp://x: a socket is wanted'],
    ['agent start --master m --tunnel-port 70000', '--tunnel-port: Expected an integer less than or equal to 65520'],
    ['agent start --master m --tunnel-key-age 1s', '--tunnel-key-age: a minute is the least'],
  ])('wrong usage is exit code 2: %s', async (line, says) => {
    const { host, code } = await run(line);
    expect(code).toBe(2);
    expect(host.stderr).toContain(`error: ${says}`);
    expect(host.stderr).toMatch(/See: kontenactl.* --help\n$/);
  });

  test.each([
    ['get nodes --context nope', 'the context "nope" is not in'],
    ['context add x --from nothing.json', 'nothing.json cannot be read'],
  ])('a bad word is exit code 1: %s', async (line, says) => {
    const { host, code } = await run(line);
    expect([code, host.stdout]).toEqual([1, '']);
    expect(host.stderr).toContain(`error: ${says}`);
  });
});

describe('commands that change something', () => {
  test('delete does it in a pipe, and asks on a terminal', async () => {
    const piped = await run('delete stack/todo');
    expect(piped.host.master.asked).toEqual(['list default stack', 'remove default stack todo']);
    expect(piped.host.stdout).toBe('stack/todo is removed; its containers are being stopped\n');

    const asked = await run('delete stack todo', new FakeHost({ home, answer: 'n' }));
    expect([asked.code, asked.host.master.asked]).toEqual([1, []]);
    expect(asked.host.questions).toEqual(['Remove stack todo of grid default? [y/N] ']);
    expect((await run('delete stack todo --yes', new FakeHost({ home, answer: 'n' }))).code).toBe(0);

    const family = new FakeHost({ home });
    family.master.known = ['todo', 'todo-db', 'other'].map((name) => resource('Stack', name, { spec: name === 'todo-db' ? { parent: 'todo' } : {} }));
    await run('delete stack todo', family);
    expect(family.stderr).toBe('What was installed with it stays: kontenactl stack remove todo-db\n');
  });

  test('the grid of the context, and --grid before it', async () => {
    const { host } = await run('rm stack todo --context prod');
    await run('rm stack todo --context prod --grid test', host);
    expect(host.master.asked).toEqual(['list shop stack', 'remove shop stack todo', 'list test stack', 'remove test stack todo']);
    expect(host.connected[0]?.server).toBe('prod:9292');
  });

  test('token create prints the token alone on stdout', async () => {
    const { host } = await run('token create --ttl 1h -l ssd');
    expect(host.stdout).toBe('t1.secret.fingerprint\n');
    expect(host.stderr).toContain('  KONTENA_TOKEN=t1.secret.fingerprint kontenactl agent install --master 127.0.0.1:9292');
    expect(host.stderr).toMatch(/^It may be used once, until /);
    await run('token create --uses 3', host);
    await run('token create --node n1', host);
    expect(host.master.asked).toEqual(['createToken default 3600 ssd 1', 'createToken default 3600  3', 'createToken default 3600  n1']);
    expect(host.stderr).toContain('--name n1\n');
  });

  test('token create --role makes one for a program, and nothing of machines goes with it', async () => {
    const { host } = await run('token create --role developer --for 30d --name ci');
    expect(host.stdout).toBe('ci.secret.fingerprint\n');
    expect(host.stderr).toContain('`kontenactl token revoke ci` takes it back');
    expect(host.stderr).toContain('export KONTENA_MASTER=127.0.0.1:9292 KONTENA_TOKEN=<the token>');
    await run('token create --role viewer --grid shop', host);
    expect(host.master.asked).toEqual(['createRobot default ci developer 2592000', 'createRobot shop  viewer 7776000']);
    for (const wrong of ['--role viewer --uses 3', '--role viewer --node n1', '--role viewer -l ssd', '--name ci', '--for 1d']) expect((await run(`token create ${wrong}`)).code).toBe(2);
  });

  test('a program needs nothing but a master and a token in its environment', async () => {
    const empty = mkdtempSync(join(root, 'empty-'));
    const host = new FakeHost({ home: empty, env: { KONTENA_MASTER: 'master.example.com', KONTENA_TOKEN: 'ci.secret.fingerprint' } });
    expect((await run('get stacks', host)).code).toBe(0);
    expect(host.connected).toEqual([{ server: 'master.example.com:9292', token: 'ci.secret.fingerprint' }]);
    expect((await run('credential renew', host)).code).toBe(1);
    expect(host.stderr).toContain('a token is not renewed');
    expect(host.stdout + host.stderr).not.toContain('secret');
  });

  test('node label sets, replaces and removes', async () => {
    const host = new FakeHost({ home });
    host.master.known = [resource('Node', 'n1', { spec: { labels: ['region=eu', 'ssd'] } })];
    expect((await run('node label n1 region=us ssd- new', host)).code).toBe(0);
    expect(host.master.asked.at(-1)).toBe('setNode default n1 {"labels":["region=us","new"]}');
    expect((await run('node label n1 nope-', host)).code).toBe(1);
    await run('node drain node/n1', host);
    expect(host.master.asked.at(-1)).toBe('setNode default n1 {"availability":"drain"}');
  });

  test('scale waits until it is so', async () => {
    const host = new FakeHost({ home });
    host.master.answer = { revision: 50, differences: [{ kind: 'Service', name: 'todo/web', action: 'update', replaces: false, fields: [{ path: 'instances', from: 3, to: 5 }] }], warnings: [] };
    host.master.progress = [
      { type: 'service', service: 'todo/web', wanted: 5, running: 3, older: 0 }, { type: 'instance', service: 'todo/web', instance: 'todo/web.4@50', node: 'n1', phase: 'running' },
      { type: 'service', service: 'todo/web', wanted: 5, running: 5, older: 0 }, { type: 'done' },
    ];
    expect((await run('scale service/todo/web 5', host)).code).toBe(0);
    expect(host.master.asked).toEqual(['scale default todo/web 5', 'follow todo 50']);
    expect(host.stdout).toBe(
      '~ service todo/web\n    instances: 3 → 5\nstack todo is declared at revision 50\ntodo/web 3 of 5 running\ntodo/web.4@50 running on n1\ntodo/web 5 of 5 running\ntodo runs as declared\n',
    );
  });

  test('a failure is told with the last lines of the container, and ends with 1', async () => {
    const host = new FakeHost({ home });
    host.master.progress = [{ type: 'failed', service: 'todo/web', instance: 'todo/web.1@50', reason: 'it ended with code 3', output: ['no such file'], isReverted: false }];
    expect((await run('scale todo/web 5', host)).code).toBe(1);
    expect(host.stderr).toContain('error: todo/web.1@50: it ended with code 3\nits last lines:\n  | no such file\nNothing was taken back: correct it');
  });

  test('what another declared meanwhile is told, by whom and at which revision, and ends with 1', async () => {
    const host = new FakeHost({ home });
    host.master.progress = [{ type: 'overtaken', stack: 'todo', revision: 57, by: 'ada' }];
    expect((await run('scale todo/web 5', host)).code).toBe(1);
    expect(host.stderr).toBe('error: stack todo was declared otherwise by ada at revision 57, before all ran that this command declared\nWhat runs follows the later one. See both with: kontenactl history stack todo\n');
    host.stdout = '';
    expect((await run('scale todo/web 5 -o json', host)).code).toBe(1);
    expect(JSON.parse(host.stdout)).toMatchObject({ name: 'todo', revision: 41, result: 'overtaken', failures: [], overtaken: { revision: 57, by: 'ada' } });
  });

  test('during a rollout the new ones are told from all that run; what went back is told as such', async () => {
    const host = new FakeHost({ home });
    host.master.progress = [
      { type: 'service', service: 'todo/web', wanted: 3, running: 1, older: 2 },
      { type: 'service', service: 'todo/web', wanted: 3, running: 0, older: 3, reason: 'declared 57, running 41 (reverted)' },
      { type: 'failed', service: 'todo/web', instance: 'todo/web.1@58', reason: 'ended with exit code 3; declared 57, running 41 (reverted)', output: [], isReverted: true },
    ];
    expect((await run('scale todo/web 3', host)).code).toBe(1);
    expect(host.stdout).toContain('todo/web 1 of 3 new, 3 running\ntodo/web 0 of 3 new, 3 running: declared 57, running 41 (reverted)\n');
    expect(host.stderr).toContain('error: todo/web.1@58: ended with exit code 3; declared 57, running 41 (reverted)\nWhat ran before runs again: correct it');
  });

  test('Ctrl-C leaves the work going on and says how to follow it; so does the end of the time', async () => {
    const host = new FakeHost({ home });
    Object.assign(host.master, { progress: [], hangs: true });
    const waiting = run('scale todo/web 5', host);
    setTimeout(() => host.interrupt(), 50);
    expect((await waiting).code).toBe(130);
    expect(host.stderr).toBe('It goes on without this command. Follow it with: kontenactl get instances --of todo -w\n');
    expect((await run('scale todo/web 5 --timeout 20ms', host)).code).toBe(1);
    expect(host.stderr).toContain('error: todo did not come up in time\n');
    expect((await run('scale todo/web 5 --no-wait', host)).code).toBe(0);
  });
});

describe('other commands', () => {
  test('logs name the instance where there is more than one', async () => {
    const host = new FakeHost({ home });
    host.master.lines = [{ instance: 'todo/web.1@42', stream: 'stdout', at: '2026-01-01T00:00:00Z', line: 'hello' }];
    await run('logs todo/web -f --tail 2', host);
    await run('logs todo/web.1@42', host);
    expect(host.stdout).toBe('todo/web.1@42 | hello\nhello\n');
    await run('logs todo/web --since 2026-01-31', host);
    expect(host.master.asked.splice(2)).toEqual(['logs default todo/web {"follow":false,"since":"2026-01-31T00:00:00.000Z"}']);
    await run('logs todo/web --since 10m', host);
    const { since } = JSON.parse(host.master.asked.pop()?.replace('logs default todo/web ', '') ?? '{}') as { since: string };
    expect(Math.abs(Date.now() - 600_000 - Date.parse(since))).toBeLessThan(5_000);
    expect(host.master.asked).toEqual(['logs default todo/web {"follow":true,"tail":2}', 'logs default todo/web.1@42 {"follow":false}']);
  });

  test('logs of nodes, of the platform, of what ran before, and what is wrong to ask for', async () => {
    const host = new FakeHost({ home });
    host.master.lines = [{ instance: 'node/n1', stream: 'stderr', at: '2026-01-01T00:00:00Z', line: 'warn: x' }];
    await run('logs node/n1', host);
    await run('logs --platform --tail 3 -t', host);
    await run('logs todo/web.1 -p --grep 5..', host);
    expect(host.stdout).toBe('warn: x\n2026-01-01T00:00:00Z node/n1 | warn: x\nnode/n1 | warn: x\n');
    expect(host.master.asked).toEqual(['logs default node n1 {"follow":false}', 'logs default platform {"follow":false,"tail":3}', 'logs default todo/web.1 {"follow":false,"grep":"5..","isPrevious":true}']);
    for (const wrong of ['logs', 'logs --platform todo', 'logs todo -f -p']) expect((await run(wrong, host)).code).toBe(2);
  });

  test('logs are marked where no container wrote them; on a terminal they cannot drive it', async () => {
    const line = 'a\u001b[2Jb\tc\u009b31m';
    const lines = [{ instance: 'todo/web.1@42', stream: 'hook', at: 't', line: 'preStart migrate: done' }, { instance: 'todo/web.1@42', stream: 'stdout', at: 't', line, run: 1 }] as const;
    const [pipe, terminal] = [new FakeHost({ home }), new FakeHost({ home, columns: 80 })];
    for (const host of [pipe, terminal]) {
      host.master.lines = lines;
      await run('logs todo/web.1@42', host);
    }
    expect(pipe.stdout).toBe(`[hook] preStart migrate: done\n${line}\n`);
    expect(terminal.stdout).toContain('a\\u001b[2Jb\tc\\u009b31m\n');
    await run('logs todo/web -o json', pipe);
    expect(pipe.stdout.trimEnd().split('\n').slice(-2).map((text) => JSON.parse(text) as object)).toEqual(lines);
  });

  test('events say what happened to what, by whom, and why', async () => {
    const host = new FakeHost({ home });
    const happened = { number: 7, at: '2026-01-01T00:00:00Z', grid: 'default', type: 'instance.failed', name: 'todo/web.1@42', by: 'agent of n1', why: 'ended with exit code 3' };
    host.master.happened = [happened];
    await run('events --for st/todo --after 6 -f', host);
    expect(host.stdout).toBe('7 2026-01-01T00:00:00Z instance.failed todo/web.1@42 (agent of n1): ended with exit code 3\n');
    await run('events -o json --tail 3', host);
    expect(JSON.parse(host.stdout.split('\n')[1] ?? '')).toEqual(happened);
    await run('events', host);
    expect(host.master.asked).toEqual(['events default {"follow":true,"after":6,"of":{"kind":"stack","name":"todo"}}', 'events default {"follow":false,"tail":3}', 'events default {"follow":false,"tail":100}']);
  });

  test('history', async () => {
    const host = new FakeHost({ home });
    host.master.changesOf = [{ revision: 41, at: '2026-01-01T00:00:00Z', actor: 'admin', action: 'create', reason: 'applied', spec: {} }];
    await run('history stack todo', host);
    expect(host.stdout).toBe('REVISION   AT                     BY      ACTION   REASON\n41         2026-01-01T00:00:00Z   admin   create   applied\n');
  });

  test('describe shows what one came for, what it consists of, and what was declared in the words of the stack file', async () => {
    const host = new FakeHost({ home });
    const web = { ...minimalService('web:1'), deploy: { ...minimalService('web:1').deploy, minHealth: 0.5 } };
    host.master.known = [
      resource('Stack', 'todo', { spec: { name: 'todo', services: { web }, labels: [], metadata: {}, volumes: {} }, status: { state: 'running', instances: { wanted: 1, running: 1 } } }),
      resource('Instance', 'todo/web.1@42', { spec: { node: 'n1' }, status: { phase: 'running', restarts: 0 } }),
    ];
    await run('describe stack/todo', host);
    expect(host.stdout).toMatch(/^stack todo: running, 1 of 1 instances run\nlast: .*\n\nNAME .*\ntodo\/web\.1@42 +running +n1/);
    expect(host.stdout).toMatch(/\ndeclared \(revision 41, by admin, \d+d ago\):\n {2}stack: todo\n {2}services:\n {4}web:\n {6}image: web:1\n {6}deploy:\n {8}min_health: 0.5\n {8}settle: 0\n\nstatus:\n/);
  });

  test('describe shows what an instance last answered, or why that is not known', async () => {
    const host = new FakeHost({ home });
    host.master.known = [resource('Instance', 'todo/web.1@42', { spec: { node: 'n1' }, status: { phase: 'failed', restarts: 1, exitCode: 3, output: ['no database', 'bye'] } })];
    host.master.checks = [{ of: 'port', isGood: true, said: 'port 80 takes connections', agoMs: 61_000, tookMs: 1 }, { of: 'health', isGood: false, said: 'GET :80/ answered 500', agoMs: 2_000, tookMs: 7 }];
    await run('describe instance todo/web.1@42', host);
    expect(host.stdout).toMatch(/\nlast checks:\n {2}AGO +CHECK +RESULT +TOOK +ANSWER\n {2}2s +health_check +bad +7 ms +GET :80\/ answered 500\n {2}1m +wait_for_port +good +1 ms +port 80 takes connections\n\nlast words:\n {2}no database\n {2}bye\n/);
    host.master.checks = undefined;
    await run('describe instance todo/web.1@42', host);
    expect(host.stdout).toContain('last checks: not known, as node n1 is not connected\n');
  });

  test('describe of a node shows what its packet filter kept out', async () => {
    const host = new FakeHost({ home });
    host.master.known = [resource('Node', 'n1', { spec: {}, status: { phase: 'online' } })];
    host.master.networks = [{ type: 'node', node: 'n1', network: { tunnels: [], drops: { 'denied-shop': 3, spoofed: 0 }, problems: [] } }];
    await run('describe node n1', host);
    expect(host.stdout).toContain('\nn1 dropped 3 packets (denied-shop)\n');
  });

  test('version says why the master says nothing', async () => {
    const host = new FakeHost({ home });
    host.refusal = new KontenaError('KON_MASTER_UNREACHABLE', 'no master answers');
    expect((await run('version', host)).code).toBe(0);
    expect([host.stdout, host.stderr]).toEqual(['client: 0.1.0\n', 'master: no master answers\n']);
  });

  test('master and agent start hand the process over, with whole paths and without the token in the arguments of others', async () => {
    const { host } = await run('master start --data m --listen :9000 --watch-dir stacks --allow-empty --keep-decisions 7d --balancer-image lb:9 --advertise a --advertise b');
    await run('master start --data m --watch-dir stacks --registry reg --insecure-http', host);
    await run('master start --data m --watch-dir stacks --registry git+ssh://git@example.com/s.git', host);
    await run('agent start --master m1 --data a --name n2 -l ssd', host);
    await run('agent start --master m1 --data a --tunnel-port 51900 --tunnel-key-age 7d --log-size 2', host);
    await run('restore b.tar --data new', host);
    await run('restore b.tar --data new --passphrase words --identity one --identity two --vault-passphrase v', host);
    expect(host.became).toEqual([
      `master --data ${home}/m --listen :9000 --advertise a --advertise b --watch-dir ${home}/stacks --allow-empty --balancer-image lb:9 --keep-decisions-ms 604800000`,
      `master --data ${home}/m --listen 0.0.0.0:9292 --watch-dir ${home}/stacks --registry ${home}/reg --insecure-http`,
      `master --data ${home}/m --listen 0.0.0.0:9292 --watch-dir ${home}/stacks --registry git+ssh://git@example.com/s.git`,
      `agent --data ${home}/a --master m1:9292 --name n2 --label ssd`,
      `agent --data ${home}/a --master m1:9292 --tunnel-port 51900 --tunnel-key-age-ms 604800000 --log-bytes 2097152`,
      `master --restore ${home}/b.tar --data ${home}/new`,
      `master --restore ${home}/b.tar --data ${home}/new --passphrase ${home}/words --vault-passphrase ${home}/v --identity ${home}/one --identity ${home}/two`,
    ]);
  });

  test('backup appears whole', async () => {
    const { host } = await run('backup b.tar');
    expect(host.stdout).toBe('b.tar: 6 bytes\n');
  });

  test('backup is sealed when asked to be', async () => {
    writeFileSync(join(home, 'words'), 'open sesame\n');
    writeFileSync(join(home, 'nothing'), '\n');
    expect((await run('backup b.tar --passphrase words')).code).toBe(0);
    expect(readFileSync(join(home, 'b.tar'), 'latin1')).toMatch(/^age-encryption\.org\/v1\n/);
    expect((await run('backup c.tar --recipient nobody')).host.stderr).toContain('a recipient of age is wanted');
    expect((await run('backup c.tar --passphrase nothing')).host.stderr).toContain('nothing holds no passphrase: it is empty');
    expect((await run('backup c.tar --passphrase words --recipient age1x')).code).toBe(2);
    expect(existsSync(join(home, 'c.tar'))).toBe(false);
  }, 60_000);
});

test('The list of contexts names each master, also where only the credential file does; one whose file is gone has none', async () => {
  writeFileSync(join(home, 'admin.json'), JSON.stringify({ server: 'far:9292', ca: 'CA', certificate: 'CERT', key: 'KEY' }));
  await run(`context add far --from ${join(home, 'admin.json')}`);
  const { host } = await run('context list -o json');
  const { items } = JSON.parse(host.stdout) as { items: { name: string; server?: string }[] };
  expect(items.map(({ name, server }) => [name, server])).toEqual([['dev', '127.0.0.1:9292'], ['prod', 'prod:9292'], ['far', 'far:9292']]);
  rmSync(join(home, 'admin.json'));
  expect((await run('context list')).host.stdout).toMatch(/far +- /);
});
