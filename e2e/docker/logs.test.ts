import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LogLine } from '../../src/model/index.js';
import { Cluster, eventually, openBed, type Bed, type Engine } from './harness/index.js';
import { must } from './harness/shell.js';

/** Some 30 MB. */
const FLOOD_LINES = 300_000;
/** For the rings: all that is written here, and little more. */
const DISK_MB = 90;

let bed: Bed;
let cluster: Cluster;
let engine: Engine;
let images: { readonly flood: string; readonly tick: string; readonly hooked: string };

const ringsDirectory = (): string => join(cluster.agentData(engine), 'logs');

beforeAll(async () => {
  bed = await openBed(1);
  engine = bed.engines[0]!;
  const { registry } = bed;
  images = {
    flood: await registry.push(engine, 'flood:1', `trap 'exit 0' TERM\nbusybox seq -w 1 ${String(FLOOD_LINES)} | busybox sed 's/$/ ${'x'.repeat(90)}/'\necho the end\nwhile :; do busybox sleep 3600 & wait; done`),
    tick: await registry.push(engine, 'tick:1', `trap 'exit 0' TERM\ni=0\nwhile :; do i=$((i+1)); echo "tick $i $WORD"; busybox usleep 5000; done`),
    hooked: await registry.push(engine, 'hooked:1', `trap 'exit 0' TERM\nprintf 'a\\033[2Jb\\tc\\n'\nwhile :; do busybox sleep 3600 & wait; done`),
  };
  const data = join(bed.directory, `agent-${engine.name}`);
  const disk = join(bed.directory, 'disk.img');
  mkdirSync(join(data, 'logs'), { recursive: true, mode: 0o700 });
  await must('truncate', ['-s', `${String(DISK_MB)}M`, disk]);
  await must('mkfs.ext4', ['-q', '-m', '0', disk]);
  await must('mount', ['-o', 'loop', disk, join(data, 'logs')]);
  cluster = await Cluster.start(bed);
}, 120_000);
afterAll(() => bed.close(), 60_000);

/** Lines of a log, as the command says them. */
const logs = async (...args: readonly string[]): Promise<readonly LogLine[]> =>
  (await cluster.must(['logs', '-o', 'json', ...args], { timeoutMs: 120_000 })).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as LogLine);

const numbers = (lines: readonly LogLine[]): readonly number[] => lines.filter(({ stream }) => stream === 'stdout').flatMap(({ line }) => /^(?:tick )?(\d+) /.exec(line)?.[1] ?? []).map(Number);

/** Each number once and in order, from 1. */
function expectWhole(found: readonly number[]): void {
  const wrong = found.findIndex((number, index) => number !== index + 1);
  expect({ wrong, around: wrong < 0 ? [] : found.slice(Math.max(0, wrong - 2), wrong + 3) }).toEqual({ wrong: -1, around: [] });
}

test('30 MB as fast as a container can: each line once, though the agent is killed amid it', async () => {
  await cluster.apply({ stack: 'a', services: { flood: { image: images.flood } } });
  await eventually('much of it is kept', async () => (numbers(await logs('a/flood', '--tail', '1')).some((number) => number > 20_000) ? true : undefined), 60_000);
  await cluster.killAgent(engine);
  await cluster.startAgent(engine);
  await eventually('all of it is kept', async () => ((await logs('a/flood', '--tail', '1'))[0]?.line === 'the end' ? true : undefined), 120_000, 500);
  const all = await logs('a/flood');
  expectWhole(numbers(all));
  expect(all.length).toBe(FLOOD_LINES + 1);
  expect(numbers(await logs('a/flood', '--grep', '^2999[0-9]{2} '))).toHaveLength(100);
  await cluster.must(['delete', 'stack', 'a', '--yes']);
}, 300_000);

describe('a container that writes all the time', () => {
  beforeAll(async () => {
    await cluster.apply({ stack: 'b', services: { tick: { image: images.tick, environment: ['WORD=first'], stateful: true } } });
  }, 60_000);

  const untilTicked = (more: number): Promise<true> =>
    eventually('it writes', async () => ((numbers(await logs('b/tick', '--tail', '1'))[0] ?? 0) >= more ? true : undefined), 60_000);
  const lastTick = async (): Promise<number> => numbers(await logs('b/tick', '--tail', '1'))[0] ?? 0;

  test('loses nothing while the disk of its log is full', async () => {
    await untilTicked(50);
    const filler = join(ringsDirectory(), 'filler');
    await must('sh', ['-c', `dd if=/dev/zero of=${filler} bs=64k 2>/dev/null || true`]);
    await eventually('the agent says that the disk is full', () => (cluster.agentLog(engine).includes('a log is not kept at the moment') ? true : undefined), 60_000);
    const [container = ''] = await engine.running();
    const written = async (): Promise<number> => Number((await engine.docker(['logs', '--tail', '1', container])).split(' ')[1]);
    const atFull = await written();
    await eventually('the container writes on', async () => ((await written()) > atFull + 100 ? true : undefined), 60_000);
    await must('rm', [filler]);
    await untilTicked(atFull + 100);
    expectWhole(numbers(await logs('b/tick')));
  }, 200_000);

  test('loses nothing when the engine restarts; what it wrote before is the previous run', async () => {
    const before = await lastTick();
    await engine.stop();
    await engine.up();
    await eventually('it runs again', async () => ((await logs('b/tick', '--tail', '1'))[0]?.run === 2 ? true : undefined), 90_000);
    const previous = await logs('b/tick', '--previous');
    expectWhole(numbers(previous));
    expect(previous.length).toBeGreaterThanOrEqual(before);
    expect(new Set(previous.map(({ run }) => run))).toEqual(new Set([1]));
    expectWhole(numbers((await logs('b/tick')).filter(({ run }) => run === 2)));
  }, 200_000);

  test('is replaced: its slot has the history of both, and without a master too nothing is lost', async () => {
    const { name: first = '' } = (await cluster.instances('b/tick'))[0] ?? {};
    await cluster.apply({ stack: 'b', services: { tick: { image: images.tick, environment: ['WORD=second'], stateful: true } } });
    await cluster.killMaster();
    await cluster.startMaster();
    await cluster.untilOnline(1);
    await untilTicked(1);
    const all = await logs('b/tick.1');
    const [old, young] = [all.filter(({ instance }) => instance === first), all.filter(({ instance }) => instance !== first)];
    expectWhole(numbers(young));
    expect([old[0]?.line, young[0]?.line]).toEqual(['tick 1 first', 'tick 1 second']);
    const previous = await logs('b/tick.1', '--previous');
    expect(new Set(previous.map(({ instance, run }) => `${instance} ${String(run)}`))).toEqual(new Set([`${first} 2`]));
    expectWhole(numbers(previous));
  }, 200_000);
});

test('hooks stand in the log of their instance, and so does why it did not start; nodes and master have logs of their own', async () => {
  await cluster.apply({ stack: 'c', services: { web: { image: images.hooked, hooks: { pre_start: [{ name: 'prepare', instances: '*', cmd: 'echo all is prepared' }], post_start: [{ name: 'warm', instances: '*', cmd: 'echo warmed; exit 3' }] } } } });
  await eventually('the hooks have run', async () => ((await logs('c/web')).some(({ line }) => line.includes('exit code 3')) ? true : undefined), 30_000);
  const said = (await logs('c/web')).filter(({ stream }) => stream === 'hook').map(({ line }) => line);
  expect(said).toEqual(['preStart prepare: all is prepared', 'postStart warm: warmed', 'postStart warm: hook warm ended with exit code 3: warmed']);
  await cluster.tryApply({ stack: 'd', services: { web: { image: `${bed.registry.address}/nothing:1` } } }, '--timeout', '5s');
  expect((await logs('d/web')).map(({ stream, line }) => `${stream} ${line}`)[0]).toMatch(/^start .*nothing:1/);
  expect((await logs('node/n1', '--grep', 'not kept'))[0]).toMatchObject({ instance: 'node/n1', stream: 'stderr' });
  expect(new Set((await logs('--platform')).map(({ instance }) => instance))).toEqual(new Set(['master', 'node/n1']));
  expect((await cluster.ctl(['logs', 'c/web', '--grep', '('])).stderr).toContain('is no regular expression');
}, 120_000);
