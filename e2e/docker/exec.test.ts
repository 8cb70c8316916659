import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { KEY, Terminal } from '../terminal/terminal.js';
import { Cluster, environment, eventually, KONTENACTL, openBed, run, type Bed } from './harness/index.js';
import { pushImages } from './images.js';

let bed: Bed;
let cluster: Cluster;
let terminal: Terminal | undefined;

beforeAll(async () => {
  bed = await openBed(2);
  const images = await pushImages(bed);
  cluster = await Cluster.start(bed);
  await cluster.apply({ stack: 'todo', services: { web: { image: images.web1, instances: 2 }, worker: { image: images.web2 } } });
}, 120_000);
afterEach(() => terminal?.close());
afterAll(() => bed.close(), 60_000);

const exec = (name: string, text: string, ...flags: readonly string[]) => cluster.ctl(['exec', name, ...flags, '--', 'busybox', 'sh', '-c', text]);
const shellLine = (line: string) => run('bash', ['-c', `kontenactl() { '${process.execPath}' '${KONTENACTL}' "$@"; }; ${line}`], { env: environment(cluster.home), cwd: cluster.home, timeoutMs: 40_000 });
const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('a command in an instance', () => {
  test('has its outputs apart and its exit code', async () => {
    expect(await exec('todo/web.1', 'echo out; echo err >&2; exit 42')).toEqual({ code: 42, stdout: 'out\n', stderr: 'err\n' });
    expect(await exec('todo/web', 'echo $KONTENA_SERVICE_INSTANCE_NUMBER')).toMatchObject({ code: 0, stdout: '1\n' });
    expect(await cluster.ctl(['exec', 'todo/web.1', '--', 'nonsense'])).toMatchObject({ code: 127, stdout: '', stderr: expect.stringContaining('executable file not found') });
    expect(await cluster.ctl(['exec', 'todo/web.1', '--', '/etc'])).toMatchObject({ code: 126, stderr: expect.stringContaining('permission denied') });
    expect(await exec('todo/none', 'true')).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no instance, service or stack todo/none') });
    expect((await cluster.ctl(['exec', 'todo/web.1', '-it', '--', 'true'])).code).toBe(2);
  }, 60_000);

  test('in all of them, each line with its instance', async () => {
    const { code, stdout } = await exec('todo/web', 'echo $KONTENA_SERVICE_INSTANCE_NUMBER; exit $((KONTENA_SERVICE_INSTANCE_NUMBER - 1))', '--all');
    expect(stdout.split('\n').sort()).toEqual(['', expect.stringMatching(/^todo\/web\.1@\d+ \| 1$/), expect.stringMatching(/^todo\/web\.2@\d+ \| 2$/)]);
    expect(code).toBe(1);
  });

  test('takes bytes as they are, and hears that they ended', async () => {
    const bytes = randomBytes(20_000_000);
    writeFileSync(join(cluster.home, 'bytes'), bytes);
    const { stdout } = await shellLine('kontenactl exec todo/web.2 -i -- busybox cat < bytes | sha256sum');
    expect(stdout).toContain(sha(bytes));
    expect((await shellLine('kontenactl exec todo/web.2 -i -- busybox sh -c "busybox wc -c; echo then; exit 3" < bytes; echo $?')).stdout).toBe('20000000\nthen\n3\n');
  }, 60_000);

  test('ends when nobody reads it any more, or when kontenactl is told to end', async () => {
    const { stdout } = await shellLine('kontenactl exec todo/web.1 -- busybox yes endless | head -n 1; echo "${PIPESTATUS[0]}"');
    expect(stdout).toBe('endless\n141\n');
    const told = await shellLine(`'${process.execPath}' '${KONTENACTL}' exec todo/web.1 -- busybox sh -c 'trap "echo told; exit 9" TERM; echo ready; while :; do busybox sleep 0.1; done' > said & pid=$!; until grep -q ready said; do sleep 0.1; done; kill -TERM $pid; wait $pid; echo $?; cat said`);
    expect(told.stdout).toBe('9\nready\ntold\n');
    await eventually('nothing of it is left', async () => ((await exec('todo/web.1', 'busybox ps | busybox grep -v grep | busybox grep -c "yes endless"')).stdout === '0\n' ? true : undefined), 10_000);
  }, 60_000);

  test('on a terminal has its size and every key, and leaves it as it was', async () => {
    terminal = new Terminal('kontenactl exec todo/web.1 -it -- busybox sh; echo "ended with $?"; stty -a', { home: cluster.home, columns: 99 });
    await terminal.shows('#');
    terminal.type(`busybox stty size${KEY.enter}`);
    await terminal.shows('40 99');
    terminal.type(`busybox sleep 100${KEY.enter}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    terminal.type(KEY.ctrlC);
    terminal.type(`echo "after $((40 + 2))"; exit 5${KEY.enter}`);
    await terminal.shows('after 42');
    await terminal.shows('ended with 5');
    expect(await terminal.ends()).toBe(0);
    expect(terminal.text).toMatch(/ icanon /);
  });
});

test('files are copied in, and out again', async () => {
  const bytes = randomBytes(3_000_000);
  mkdirSync(join(cluster.home, 'tree', 'deep'), { recursive: true });
  writeFileSync(join(cluster.home, 'tree', 'deep', 'bytes'), bytes);
  await cluster.must(['cp', join(cluster.home, 'tree'), 'todo/web.1:/tree']);
  await cluster.must(['cp', 'todo/web.1:/tree', join(cluster.home, 'back')]);
  expect(readFileSync(join(cluster.home, 'back', 'deep', 'bytes')).equals(bytes)).toBe(true);
  expect((await exec('todo/web.1', 'busybox sha256sum < /tree/deep/bytes')).stdout).toContain(sha(bytes));
  expect((await shellLine('kontenactl cp todo/web.1:/tree - | tar t')).stdout).toBe('tree/\ntree/deep/\ntree/deep/bytes\n');
  expect((await shellLine('tar c tree | kontenactl cp - todo/web.2:/ && kontenactl exec todo/web.2 -- busybox ls /tree/deep')).stdout).toBe('bytes\n');
  expect(await cluster.ctl(['cp', 'todo/web.1:/nothing', 'x'])).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no /nothing in todo/web.1') });
}, 60_000);

test('the program of an instance is listened to, and left with Ctrl-C', async () => {
  terminal = new Terminal('trap : INT; kontenactl attach todo/worker; echo "ended with $?"', { home: cluster.home });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect((await exec('todo/worker', 'echo heard > /proc/1/fd/1')).code).toBe(0);
  await terminal.shows('heard');
  terminal.type(KEY.ctrlC);
  await terminal.shows('todo/worker was left; it goes on');
  await terminal.shows('ended with 0');
});

test('an agent that dies ends what is spoken with it, with the reason', async () => {
  const node = (await cluster.instances('todo/worker'))[0]!.spec.node;
  const speaking = exec('todo/worker', 'busybox sleep 100');
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await cluster.killAgent(bed.engines.find(({ name }) => name === node)!);
  expect(await speaking).toMatchObject({ code: 1, stderr: expect.stringContaining(`the connection to the agent of node ${node} ended`) });
}, 40_000);
