import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { openBed, processesWith, run, type Bed } from './harness/index.js';

let bed: Bed;
beforeAll(async () => {
  bed = await openBed(3);
}, 60_000);
afterAll(() => bed.close(), 60_000);

describe('the bed that the other tests lie in', () => {
  test('has engines that pull from its registry and run what they pulled', async () => {
    const image = await bed.registry.push(bed.engines[0]!, 'hello:1', 'echo hello');
    for (const engine of bed.engines) expect(await engine.docker(['run', '--rm', image])).toBe('hello\n');
  }, 60_000);

  test('has engines that keep apart and reach each other', async () => {
    const [first, second] = bed.engines;
    expect((await first!.inside('ip', ['-brief', 'address', 'show', 'docker0'])).stdout).toContain('172.31.1.1/24');
    expect((await second!.inside('busybox', ['ping', '-c', '1', '-W', '2', first!.address])).code).toBe(0);
  });

  test('leaves nothing behind, even when a container runs and an engine was killed', async () => {
    const other = await openBed(1);
    const image = await other.registry.push(other.engines[0]!, 'stay:1', 'while true; do busybox sleep 1; done');
    await other.engines[0]!.docker(['run', '-d', image]);
    process.kill(Number(readFileSync(`${other.directory}/n1/dockerd.pid`, 'utf8')), 'SIGKILL');

    await other.close();

    expect(existsSync(other.directory)).toBe(false);
    expect(processesWith(other.id)).toEqual([]);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(other.id);
    for (const list of [['netns', 'list'], ['link', 'show']]) expect((await run('ip', list)).stdout).not.toContain(other.id);
    expect((await run('iptables', ['-S', 'FORWARD'])).stdout).not.toContain(other.id);
    expect((await run('find', ['/sys/fs/cgroup', '-maxdepth', '2', '-name', other.id])).stdout).toBe('');
  }, 60_000);
});
