import { KontenaError } from '../../src/model/index.js';
import type { SimCluster } from '../../src/testing/cluster.js';
import type { FakeRandom } from '../../src/testing/fake-random.js';
import type { SimNode } from '../../src/testing/sim-node.js';
import type { Wishes } from './wishes.js';

const SECOND = 1_000;

/** Where something happens: at a node of chance's choosing. */
export interface Scene {
  readonly node: SimNode;
  readonly cluster: SimCluster;
  readonly random: FakeRandom;
  /** Of the node's grid. */
  readonly wishes: Wishes;
  readonly pass: (byMs: number) => Promise<void>;
  readonly backUp: () => Promise<void>;
  readonly restore: () => void;
}

/** How long an engine takes that nothing is wrong with; all else is quick. */
const TAKES_MS: Readonly<Partial<Record<string, number>>> = { start: 250, stop: 400 };
export const SOUND = { takesMs: (call: string) => TAKES_MS[call] ?? 10 };

/** What may happen. What of it lasts is mended when all is. */
const HAPPENINGS = {
  apply: ({ wishes }) => wishes.apply(),
  'kill container': ({ node, random }) => onLiveContainer(node, random, (instance) => node.runtime.exit(instance, 137)),
  'remove container': ({ node, random }) => onLiveContainer(node, random, (instance) => node.runtime.removeByHand(instance)),
  'kill agent': ({ node }) => node.killAgent(),
  'kill master': ({ cluster }) => cluster.endMaster('killed'),
  'kill master later': ({ cluster, random }) => cluster.killMasterAfter(random.below(6) + 1),
  'power cut': ({ cluster }) => cluster.endMaster('power cut'),
  'back up': ({ backUp }) => backUp(),
  restore: async ({ node, wishes, restore, random, pass }) => {
    await wishes.apply(); // nodes run what the restored master has never heard of
    await pass(random.below(20 * SECOND));
    if (random.fraction() < 0.5) letFail(node, random);
    restore();
  },
  'master pauses': async ({ cluster, random, pass }) => {
    cluster.pauseMaster();
    await pass(random.below(40 * SECOND));
    cluster.masterGoesOn();
  },
  'agent pauses': async ({ node, random, pass }) => {
    node.pause.stand();
    await pass(random.below(60 * SECOND));
    node.pause.goOn();
  },
  partition: ({ node }) => node.partition(),
  'engine away': ({ node }) => node.runtime.setAway(true),
  'engine restarts': async ({ node, random, pass }) => {
    node.runtime.setAway(true);
    node.runtime.reboot();
    await pass(random.below(5 * SECOND));
    node.runtime.setAway(false);
  },
  reboot: ({ node }) => {
    node.turnOff();
    node.startAgent();
  },
  'crash while it remembers': async ({ node, wishes, random, pass }) => {
    await wishes.apply();
    await pass(random.below(200));
    node.killAgent();
    node.startAgent();
  },
  'memory fails': ({ node }) => {
    node.memory.isFailing = true;
  },
  'memory lost': ({ node }) => {
    node.loseMemory();
    node.startAgent();
  },
  drain: ({ node, cluster }) => cluster.ask((control) => control.nodes.update(node.grid, node.name, { availability: 'drain' })),
  activate: ({ node, cluster }) => cluster.ask((control) => control.nodes.update(node.grid, node.name, { availability: 'active' })),
  'remove node': async ({ node, cluster, pass }) => {
    node.turnOff();
    await pass(SECOND);
    if (cluster.isMember(node)) await cluster.ask((control) => control.resources.remove(node.grid, 'node', node.name));
  },
  rejoin: async ({ node, cluster, pass }) => {
    node.turnOff();
    await pass(SECOND);
    await cluster.join(node);
    node.startAgent();
  },
  lie: async ({ node, cluster, random, pass }) => {
    const others = cluster.grid(node.grid).view?.list('Instance').filter(({ body }) => body.node !== node.name) ?? [];
    if (others.length === 0 || node.pause.isStanding) return;
    const { name } = random.pick(others);
    node.lieAbout(name);
    await pass(100);
    if (cluster.grid(node.grid).view?.get('Report', name)?.body.reason === 'a lie') cluster.broke(`what ${node.name} said of ${name} was believed`);
  },
  'an old master speaks': ({ node, random }) => node.hearAgain(random),
  compact: ({ cluster }) => cluster.compact(),
  'clock is set': ({ node, random }) => node.machine.set(someHours(random)),
  "master's clock is set": ({ cluster, random }) => cluster.machine.set(someHours(random)),
  late: ({ cluster, random }) => {
    cluster.lateMs = random.below(3_000);
  },
  'failing engine': ({ node, random }) => letFail(node, random),
} as const satisfies Readonly<Record<string, (scene: Scene) => unknown>>;

export type Happening = keyof typeof HAPPENINGS;

/** Up to two hours, either way. */
const someHours = (random: FakeRandom): number => random.below(4 * 3600 * SECOND) - 2 * 3600 * SECOND;

/** People apply more often than any one thing breaks. */
const EVENTS: readonly Happening[] = [...(Object.keys(HAPPENINGS) as Happening[]), 'apply', 'apply', 'apply', 'an old master speaks', 'restore', 'failing engine', 'partition'];

/** Something of chance's choosing happens. */
export async function happen(scene: Scene): Promise<void> {
  const what = scene.random.pick(EVENTS);
  scene.cluster.tell(`${what} (${scene.node.name})`);
  await HAPPENINGS[what](scene);
}

function onLiveContainer(node: SimNode, random: FakeRandom, run: (instance: string) => void): void {
  const live = node.runtime.containers.filter(({ state }) => state === 'running');
  if (live.length > 0) run(random.pick(live).instance);
}

/** From now on the engine is slow, and refuses some of what it is told. */
function letFail({ runtime }: SimNode, random: FakeRandom): void {
  runtime.faults = {
    takesMs: () => random.below(2_000),
    fails: (call) => (call !== 'info' && call !== 'list' && random.fraction() < 0.3 ? new KontenaError('KON_ENGINE_REFUSED', `${call} failed by chance`) : undefined),
  };
}
