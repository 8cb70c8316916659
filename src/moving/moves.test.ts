import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { volume } from '../../controllers/volume/index.js';
import { type EngineVolume, KontenaError, type Millis, type NodeQuestion, put, type TransferBody } from '../model/index.js';
import type { Nodes, Store } from '../ports/index.js';
import { run } from '../reconcile/index.js';
import { openStore } from '../store/index.js';
import { FakeClock, settled } from '../testing/fake-clock.js';
import { FakeRandom } from '../testing/fake-random.js';
import { MortalStore } from '../testing/mortal-store.js';
import { serviceSpec } from '../testing/world.js';
import { keepMoves } from './index.js';

const GRID = 'default';
const SLOT = 'todo/db.1';
const DATA = 'todo.db.data-1';

/** Nodes that have volumes and nothing else. */
class Disks {
  readonly on = new Map<string, Map<string, string>>([['n1', new Map([[DATA, 'all of it'], ['todo.db._kept-1', 'more']])], ['n2', new Map()]]);
  /** Of whom nothing is heard. */
  readonly away = new Set<string>();
  /** What happens to what is written. */
  writes: (text: string, signal: AbortSignal) => Promise<string> = async (text) => text;
  over: Partial<EngineVolume> = {};

  readonly nodes = {
    ask: async ({ name }: { readonly name: string }, question: NodeQuestion) => this.#answer(this.#reach(name), question),
    readVolume: ({ name }: { readonly name: string }, what: string) => pieces(this.#reach(name).get(what) ?? ''),
    writeVolume: async ({ name }: { readonly name: string }, { name: what }: EngineVolume, tar: AsyncIterable<Uint8Array>, signal: AbortSignal) => {
      const disk = this.#reach(name);
      let text = '';
      for await (const piece of tar) text += Buffer.from(piece).toString();
      disk.set(what, text.slice(0, 3));
      disk.set(what, await this.writes(text, signal));
    },
  } as unknown as Nodes;

  #reach(name: string): Map<string, string> {
    if (this.away.has(name)) throw new KontenaError('KON_NODE_UNREACHABLE', `the agent of node ${name} is not connected`);
    return this.on.get(name)!;
  }

  #answer(disk: Map<string, string>, question: NodeQuestion): unknown {
    if (question.kind === 'volumes') return [...disk.keys()].map((name) => ({ name, driver: 'local', driverOpts: {}, slot: SLOT, ...this.over }));
    if (question.kind === 'remove-volumes') return { removed: question.names.filter((name) => disk.delete(name)), left: [] };
    if (question.kind !== 'weigh-volume') throw new Error(`nobody answers ${question.kind}`);
    const text = disk.get(question.name) ?? '';
    return { digest: createHash('sha256').update(text).digest('hex'), files: 1, bytes: text.length };
  }
}

async function* pieces(text: string): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

/** One life of a master: what says where data lies, and what carries it. */
class Life {
  readonly store: MortalStore;
  isDead = false;
  #die: () => void = () => undefined;
  readonly #death = new Promise<void>((resolve) => {
    this.#die = () => {
      this.isDead = true;
      resolve();
    };
  });
  readonly #inner: Store;
  readonly #loops: readonly { idle(): Promise<void>; stop(): Promise<void> }[];

  constructor(file: string, clock: FakeClock, disks: Disks) {
    const random = new FakeRandom(7);
    const fail = (subject: unknown, error?: unknown): void => void errors.push(subject, error);
    this.#inner = openStore(file, { clock, random, onFatal: fail });
    this.store = new MortalStore(this.#inner, () => this.#die());
    const log = { info: () => undefined, warn: fail, error: fail };
    this.#loops = [run(volume, { store: this.store, clock, random, onError: fail }), keepMoves({ store: this.store, nodes: disks.nodes, clock, random, log })];
  }

  async idle(): Promise<void> {
    for (let rounds = 0; rounds < 6; rounds += 1) {
      for (let turns = 0; turns < 4; turns += 1) await settled();
      if (!this.isDead) await Promise.race([Promise.all(this.#loops.map((loop) => loop.idle())), this.#death]);
    }
  }

  async end(): Promise<void> {
    this.store.die();
    for (const loop of this.#loops) void loop.stop();
    await this.#inner.close();
  }

  get transfer(): TransferBody | undefined {
    return this.store.view(GRID).get('Transfer', SLOT)?.body;
  }

  get place(): string | undefined {
    return this.store.view(GRID).get('Binding', SLOT)?.body.node;
  }
}

let directory: string;
let clock: FakeClock;
let disks: Disks;
let life: Life;
let errors: unknown[];
const begin = (): Life => new Life(join(directory, 'store.db'), clock, disks);
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kontena-moving-'));
  clock = new FakeClock(Date.UTC(2026, 0, 1));
  disks = new Disks();
  errors = [];
  life = begin();
  const node = { labels: [], availability: 'active', keyFingerprint: '' } as const;
  await life.store.update({ writer: 'api', grid: GRID }, () => ({ steps: [put('Node', 'n1', { ...node, number: 1 }, 'joined'), put('Node', 'n2', { ...node, number: 2 }, 'joined')] }));
  await life.store.update({ writer: 'stack', grid: GRID }, () => ({ steps: [put('Service', 'todo/db@3', { isCurrent: true, spec: serviceSpec({ stateful: true }) }, 'declared')] }));
  await instance('running');
  await life.idle();
});
afterEach(async () => {
  await life.end();
  rmSync(directory, { recursive: true });
  expect(errors).toEqual([]);
});

async function instance(wanted: 'running' | 'stopped'): Promise<void> {
  await life.store.update({ writer: 'scheduler', grid: GRID }, () => ({ steps: [put('Instance', `${SLOT}@4`, { service: 'todo/db', slot: 1, revision: 3, node: 'n1', wanted, reserves: { cpus: 0, memoryBytes: 0, ports: [] } }, 'so')] }));
}
const stopped = async (): Promise<void> => {
  await instance('stopped');
  life.store.observe({ writer: 'link', grid: GRID }, [put('Report', `${SLOT}@4`, { node: 'n1', phase: 'stopped', since: clock.now(), restarts: 0 }, 'said')]);
};
const move = (to = 'n2'): Promise<unknown> => life.store.update({ writer: 'api', grid: GRID }, (view) => ({ steps: [put('Move', SLOT, { from: view.get('Binding', SLOT)?.body.node ?? '', to, times: (view.get('Move', SLOT)?.body.times ?? 0) + 1 }, 'asked for')] }));
const callOff = (): Promise<unknown> => life.store.update({ writer: 'api', grid: GRID }, () => ({ steps: [{ kind: 'Move', name: SLOT, body: undefined, why: 'called off' }] }));
const contents = (node: string): Readonly<Record<string, string>> => Object.fromEntries(disks.on.get(node)!);
const WHOLE = { [DATA]: 'all of it', 'todo.db._kept-1': 'more' };
async function pass(ms: Millis): Promise<void> {
  clock.advance(ms);
  await life.idle();
}

test('the data of a slot is carried once nothing runs there, compared, and then removed where it was', async () => {
  await move();
  await pass(60_000);
  expect([life.transfer, contents('n2')]).toEqual([undefined, {}]);
  await stopped();
  await pass(0);
  expect(life.transfer).toMatchObject({ phase: 'done', bytes: 13 });
  expect([life.place, contents('n1'), contents('n2')]).toEqual(['n2', {}, WHOLE]);
});

test.each([1, 2, 3, 4, 5, 6])('a master that ends after %i commits of it loses nothing, and the next one goes on', async (commits) => {
  await stopped();
  await life.idle();
  life.store.dieAfter(commits);
  void move();
  for (let tries = 0; tries < 3; tries += 1) {
    await pass(10_000);
    const [one, other] = [contents('n1'), contents('n2')];
    expect(life.place === 'n2' ? other : one).toEqual(WHOLE);
    if (!life.isDead) continue;
    await life.end();
    life = begin();
    await stopped();
  }
  expect([life.transfer?.phase, life.place, contents('n1'), contents('n2')]).toEqual(['done', 'n2', {}, WHOLE]);
});

describe('a node that is away', () => {
  test.each(['n1', 'n2'])('is waited for, be it %s, and it is said', async (away) => {
    await stopped();
    disks.away.add(away);
    await move();
    await pass(0);
    expect(life.transfer).toMatchObject({ phase: 'waiting', reason: `the agent of node ${away} is not connected` });
    const { revision } = life.store;
    for (let times = 0; times < 5; times += 1) await pass(5_000);
    expect(life.store.revision).toBe(revision);
    disks.away.clear();
    await pass(5_000);
    expect([life.transfer?.phase, contents('n2')]).toEqual(['done', WHOLE]);
  });

  test('in the middle of it, it begins again, over what it had written', async () => {
    await stopped();
    disks.writes = async () => {
      throw new KontenaError('KON_NODE_UNREACHABLE', 'node n2 did not answer');
    };
    await move();
    await pass(0);
    expect([life.transfer?.phase, contents('n1'), life.place]).toEqual(['copying', WHOLE, 'n1']);
    disks.writes = async (text) => text;
    await pass(5_000);
    expect([life.transfer, contents('n2')]).toEqual([expect.not.objectContaining({ reason: expect.anything() }), WHOLE]);
  });

  test('when the data is to be removed there, does not keep it from its new place', async () => {
    await stopped();
    disks.writes = async (text) => {
      disks.away.add('n1');
      disks.on.get('n1')!.set('unheard', ''); // from here on
      return text;
    };
    const weigh = disks.nodes.ask.bind(disks.nodes);
    disks.nodes.ask = (async (node: { readonly grid: string; readonly name: string }, question: NodeQuestion, signal: AbortSignal) => {
      if (question.kind === 'weigh-volume') disks.away.clear();
      const answer = await weigh(node, question as never, signal);
      if (question.kind === 'weigh-volume') disks.away.add('n1');
      return answer;
    }) as Nodes['ask'];
    disks.on.get('n1')!.delete('todo.db._kept-1');
    await move();
    await pass(0);
    expect([life.transfer?.phase, life.transfer?.reason, life.place]).toEqual(['copied', 'the agent of node n1 is not connected', 'n2']);
    disks.away.clear();
    await pass(5_000);
    expect([life.transfer?.phase, contents('n1')]).toEqual(['done', { unheard: '' }]);
  });
});

describe('what cannot be moved stays, and nothing of it is left elsewhere', () => {
  beforeEach(stopped);

  test('when the other disk is full; it may be asked for again', async () => {
    disks.writes = async () => {
      throw new KontenaError('KON_ENGINE_REFUSED', 'no space left on device');
    };
    await move();
    await pass(0);
    expect([life.transfer, life.place, contents('n1'), contents('n2')]).toEqual([expect.objectContaining({ phase: 'failed', reason: 'no space left on device' }), 'n1', WHOLE, {}]);
    disks.writes = async (text) => text;
    await move();
    await pass(0);
    expect([life.transfer?.phase, contents('n2')]).toEqual(['done', WHOLE]);
  });

  test('when what is read back is not what was sent', async () => {
    disks.writes = async (text) => text.toUpperCase();
    await move();
    await pass(0);
    expect([life.transfer?.phase, life.transfer?.reason, contents('n1'), contents('n2')]).toEqual(['failed', `volume ${DATA} of n2 does not hold what that of n1 holds`, WHOLE, {}]);
  });

  test('when there is such a volume already, which stays too', async () => {
    disks.on.set('n2', new Map([[DATA, 'of before']]));
    await move();
    await pass(0);
    expect([life.transfer?.phase, life.transfer?.reason, contents('n2')]).toEqual(['failed', expect.stringContaining(`n2 has a volume ${DATA} already`), { [DATA]: 'of before' }]);
  });

  test('when its driver says where it lies', async () => {
    disks.over = { driverOpts: { type: 'nfs' } };
    await move();
    await pass(0);
    expect(life.transfer).toMatchObject({ phase: 'failed', reason: `the data of volume ${DATA} lies where its driver says` });
  });

  test('when it is called off while it is copied', async () => {
    disks.writes = (_text, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('called off'))));
    await move();
    await settled();
    for (let turns = 0; turns < 50 && disks.on.get('n2')!.size === 0; turns += 1) await settled();
    expect(contents('n2')).toEqual({ [DATA]: 'all' });
    await callOff();
    await pass(0);
    expect([life.transfer, life.place, contents('n1'), contents('n2')]).toEqual([undefined, 'n1', WHOLE, {}]);
  });
});
