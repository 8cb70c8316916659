import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster, eventually, openBed, setCable, sleep, type Bed, type Engine, type Instance } from './harness/index.js';
import { pushImages, type Images } from './images.js';

let bed: Bed;
let cluster: Cluster;
let images: Images;

beforeAll(async () => {
  bed = await openBed(3);
  images = await pushImages(bed);
  cluster = await Cluster.start(bed);
  await declare(30); // an agent that is killed is back before anything moves
}, 120_000);

afterAll(() => bed.close(), 60_000);

/** @param grace of the web, in seconds: how long its instances wait for a silent node; a change of it touches no container */
const declare = (grace: number): Promise<unknown> => cluster.apply({
  stack: 'shop',
  services: {
    web: { image: images.web1, instances: 3, deploy: { grace } },
    db: { image: images.web1, stateful: true, affinity: ['node==n3'], deploy: { grace: 1 } },
  },
});

const all = (): Promise<readonly Instance[]> => cluster.instances('shop/web');
const names = (instances: readonly Instance[]): readonly string[] => instances.map(({ name }) => name);
const engineOf = (instance: Instance): Engine => bed.engines.find(({ name }) => name === instance.spec.node)!;
const containerOf = (instance: Instance): string => instance.name.replace('/', '.').replace(/\.(\d+)@/, '-$1.');

/** Asserts that nothing is done to any engine and no instance is placed anew while `doing` goes on; how many entries the history grew by. */
async function touchesNothing(doing: () => Promise<unknown>): Promise<number> {
  const before = names(await cluster.untilRunning('shop/web', 3));
  const [since, revision] = [Date.now(), await cluster.revision()];
  await doing();
  for (const engine of bed.engines) expect(await engine.writesSince(since)).toEqual([]);
  expect(names(await cluster.untilRunning('shop/web', 3))).toEqual(before);
  return (await cluster.revision()) - revision;
}

describe('what is killed comes back', () => {
  test('a container, within a second, in its own slot', async () => {
    const [first] = await all();
    const engine = engineOf(first!);
    const wasStarted = await engine.docker(['inspect', '-f', '{{.State.StartedAt}}', containerOf(first!)]);
    const killed = Date.now();
    await engine.docker(['kill', containerOf(first!)]);
    await eventually('it runs again', async () => {
      const [state, started] = (await engine.docker(['inspect', '-f', '{{.State.Running}} {{.State.StartedAt}}', containerOf(first!)])).trim().split(' ');
      return state === 'true' && started !== wasStarted.trim() ? true : undefined;
    }, 10_000, 20);
    expect(Date.now() - killed).toBeLessThan(2_000); // the goal is one second; a busy machine gets two
    expect(names(await cluster.untilRunning('shop/web', 3))).toContain(first!.name);
    await eventually('the restart is counted', async () => ((await all())[0]!.status.restarts === 1 ? true : undefined));
  });

  test('an agent, and it touches nothing', async () => {
    const entries = await touchesNothing(async () => {
      const engine = bed.engines[0]!;
      await cluster.killAgent(engine);
      await sleep(1_000);
      await cluster.startAgent(engine);
      await cluster.untilOnline(3);
      await sleep(2_000);
    });
    expect(entries).toBeLessThanOrEqual(2); // that the node was offline, and is online again
  }, 60_000);

  test('the master, and it touches nothing', async () => {
    const entries = await touchesNothing(async () => {
      await cluster.killMaster();
      await sleep(1_000);
      await cluster.startMaster();
      await cluster.untilOnline(3, 45_000);
      await sleep(2_000);
    });
    expect(entries).toBe(0);
  }, 90_000);

  test('a container that is killed while the master is away', async () => {
    await cluster.killMaster();
    const engine = bed.engines[1]!;
    const [name] = await engine.running();
    await engine.docker(['kill', name!]);
    await eventually('it runs again', async () => ((await engine.running()).includes(name!) ? true : undefined), 10_000);
    await cluster.startMaster();
    await cluster.untilOnline(3, 45_000);
  }, 90_000);

  test('engine and agent of a node while the master is away: everything of that node', async () => {
    const engine = bed.engines[0]!;
    const before = await engine.running();
    expect(before.length).toBeGreaterThan(0);
    await cluster.killMaster();
    await cluster.killAgent(engine);
    await engine.stop();
    await engine.up();
    expect(await engine.running()).toEqual([]);

    await cluster.startAgent(engine);
    await eventually('everything runs again', async () => (JSON.stringify(await engine.running()) === JSON.stringify(before) ? true : undefined));

    await cluster.startMaster();
    await cluster.untilOnline(3, 45_000);
    await cluster.untilRunning('shop/web', 3);
    expect(await engine.running()).toEqual(before);
  }, 120_000);
});

describe('an engine that stops', () => {
  beforeAll(() => declare(2), 60_000);

  test('makes its node offline; after their grace its instances run elsewhere, but never a stateful one; what returns is no double', async () => {
    const lost = bed.engines[2]!;
    const moving = (await all()).filter(({ spec }) => spec.node === lost.name);
    expect(moving).toHaveLength(1);
    await lost.stop();

    await eventually('the node is offline', async () => ((await cluster.nodes()).find(({ name }) => name === lost.name)!.status.phase === 'offline' ? true : undefined), 60_000);
    await eventually('three run on the other nodes', async () => {
      const there = (await Promise.all(bed.engines.slice(0, 2).map((engine) => engine.running()))).flat().filter((name) => name.startsWith('shop.web-'));
      return there.length === 3 ? true : undefined;
    }, 60_000);
    expect((await cluster.instances('shop/db')).map(({ spec }) => spec.node)).toEqual([lost.name]);

    await lost.up();
    await cluster.untilOnline(3, 60_000);
    await cluster.untilRunning('shop/db', 1, 60_000);
    await eventually('four containers in all', async () => {
      const everywhere = (await Promise.all(bed.engines.map((engine) => engine.running()))).flat();
      return everywhere.length === 4 && everywhere.filter((name) => name.startsWith('shop.web-')).length === 3 ? true : undefined;
    }, 60_000);
  }, 240_000);
});

describe('a node whose cable is pulled', () => {
  test('goes on running what it ran; what ran elsewhere meanwhile is no double when the cable is back', async () => {
    const cut = bed.engines[1]!;
    await cluster.untilRunning('shop/web', 3);
    const before = (await cut.running()).filter((name) => name.startsWith('shop.web-'));
    await setCable(cut.settings.namespace, false);

    await eventually('the others run what it ran', async () => {
      const elsewhere = [bed.engines[0]!, bed.engines[2]!];
      const found = (await Promise.all(elsewhere.map((engine) => engine.running()))).flat();
      return found.filter((name) => name.startsWith('shop.web-')).length === 3 ? true : undefined;
    }, 60_000);
    expect(await cut.running()).toEqual(before);

    await setCable(cut.settings.namespace, true);
    await cluster.untilOnline(3, 60_000);
    await eventually('three containers in all', async () => {
      const everywhere = (await Promise.all(bed.engines.map((engine) => engine.running()))).flat();
      return everywhere.filter((name) => name.startsWith('shop.web-')).length === 3 ? true : undefined;
    }, 60_000);
  }, 180_000);
});

describe('at rest', () => {
  test('a minute passes without one entry in the history and one write to an engine', async () => {
    await sleep(25_000); // what came back gets its work back after 20 s online
    expect(await touchesNothing(() => sleep(60_000))).toBe(0);
  }, 120_000);
});
