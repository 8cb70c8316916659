import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { environment, eventually, KONTENACTL, openBed, processesWith, run, type Bed, type Ended } from './harness/index.js';
import { pushImages, type Images } from './images.js';

let bed: Bed;
let images: Images;
beforeAll(async () => {
  bed = await openBed(2);
  images = await pushImages(bed);
}, 90_000);
afterAll(() => bed.close(), 60_000);

describe('kontenactl dev', () => {
  /** As someone whose machine is the first node: its own network, home and cluster. */
  const here = (...args: readonly string[]): Promise<Ended> =>
    bed.engines[0]!.inside(process.execPath, [KONTENACTL, ...args], { env: environment(home()), timeoutMs: 90_000 });
  const home = (): string => join(bed.directory, 'dev-home');
  const data = (): string => join(bed.directory, 'dev-data');
  const up = (): Promise<Ended> => here('dev', 'up', '--data', data(), ...bed.engines.flatMap(({ socket }) => ['--docker', socket]));
  const containers = async (): Promise<readonly string[]> => (await Promise.all(bed.engines.map((engine) => engine.running()))).flat();
  const ours = () => processesWith(`--data ${data()}`);

  test('up starts a master and an agent per engine, and returns when every node is online', async () => {
    mkdirSync(home());
    const { code, stderr } = await up();
    expect(stderr).not.toMatch(/error/i);
    expect(code).toBe(0);
    const nodes = JSON.parse((await here('get', 'nodes', '-o', 'json')).stdout) as { items: readonly { status: { phase: string } }[] };
    expect(nodes.items.map(({ status }) => status.phase)).toEqual(['online', 'online']);
  }, 90_000);

  test('up again adopts what lives and starts what is missing', async () => {
    const applied = await bed.engines[0]!.inside(process.execPath, [KONTENACTL, 'apply', '-f', '-'], {
      env: environment(home()), input: JSON.stringify({ stack: 'local', services: { web: { image: images.web1, instances: 2 } } }), timeoutMs: 90_000,
    });
    expect(applied.code).toBe(0);
    const [before, running] = [ours().map(({ pid }) => pid), await containers()];
    expect(before.length).toBeGreaterThanOrEqual(3);
    expect((await up()).code).toBe(0);
    expect(ours().map(({ pid }) => pid)).toEqual(before);

    process.kill(before.at(-1)!, 'SIGKILL');
    expect((await up()).code).toBe(0);
    expect(ours()).toHaveLength(before.length);
    expect(await containers()).toEqual(running);
  }, 120_000);

  test('status says what runs', async () => {
    const { code, stdout } = await here('dev', 'status', '--data', data());
    expect(code).toBe(0);
    expect(stdout).toMatch(/master/);
    expect(stdout.match(/\bonline\b/g)).toHaveLength(2);
  });

  test('down ends the processes and leaves the containers; purge leaves nothing', async () => {
    const running = await containers();
    expect((await here('dev', 'down', '--data', data())).code).toBe(0);
    await eventually('the processes are gone', () => (ours().length === 0 ? true : undefined));
    expect(await containers()).toEqual(running);

    expect((await here('dev', 'down', '--data', data(), '--purge')).code).toBe(0);
    expect(await containers()).toEqual([]);
    for (const look of [['ip', '-br', 'link'], ['nft', 'list', 'tables'], ['ip', 'rule'], ['iptables', '-S']] as const) {
      expect((await bed.engines[0]!.inside(look[0], look.slice(1))).stdout).not.toMatch(/k[bw]-|kontena|lookup 81/);
    }
    for (const engine of bed.engines) expect(await engine.docker(['network', 'ls', '--format', '{{.Name}}'])).not.toContain('kontena');
    expect((await run('ls', ['-A', data()])).stdout).toBe('');
  }, 120_000);
});

describe('make demo', () => {
  /** In a network of its own, and with a /run of its own, so that no engine of this machine answers: the demo must start one. */
  const demo = (verb: string): Promise<Ended> => {
    const home = join(bed.directory, 'demo-home');
    mkdirSync(home, { recursive: true });
    const env = { ...environment(home), KONTENA_CONFIG: undefined, KONTENA_DEMO_DIR: join(bed.directory, 'demo') };
    return bed.engines[1]!.inside('unshare', ['--mount', 'sh', '-c', `mount -t tmpfs tmpfs /run && exec bash scripts/demo.sh ${verb}`], { env, timeoutMs: 240_000 });
  };

  test('goes from nothing to three instances and a shop behind a balancer that answer, twice, and away again', async () => {
    for (const time of ['first', 'second']) {
      const { code, stdout, stderr } = await demo('up');
      expect({ time, code, stderr: code === 0 ? '' : stderr }).toEqual({ time, code: 0, stderr: '' });
      for (const number of [1, 2, 3]) expect(stdout).toContain(`Hello from instance ${number} of hello`);
      expect(stdout).toMatch(/^\* +\/ +shop\/web +shop\/lb +3\/3 /m);
      expect(stdout).toMatch(/\/cgi-bin\/shop\nweb: .*\napi: .*\ndb: .* orders$/m);
    }
    const page = await bed.engines[1]!.inside('curl', ['-fsS', 'localhost:8082']);
    expect(page.stdout).toContain('instance 2');

    expect((await demo('down')).code).toBe(0);
    await eventually('nothing of it runs', () => {
      const left = processesWith(join(bed.directory, 'demo'));
      if (left.length === 0) return true;
      throw new Error(left.map(({ commandLine }) => commandLine).join('\n'));
    });
  }, 600_000);
});
