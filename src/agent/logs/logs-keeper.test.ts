import { beforeEach, describe, expect, test } from '@jest/globals';
import { type LogLine, type LogSearch, type LogSubject, later } from '../../model/index.js';
import type { Container, Log, LogEntry, Runtime } from '../../ports/index.js';
import { FakeClock } from '../../testing/fake-clock.js';
import { FakeLogRings, noOwnLog } from '../../testing/fake-log-rings.js';
import { KontenaError } from '../../model/index.js';
import { LogsKeeper } from './index.js';

const A = 'todo/web.1@5';
const DAY_MS = 86_400_000;

/** An engine that keeps entries of containers, and brings what is written later. */
class Engine {
  readonly entries = new Map<string, LogEntry[]>();
  readonly running = new Set<string>();
  readonly asked: string[] = [];
  failure: KontenaError | undefined;
  readonly #wake: (() => void)[] = [];

  write(instance: string, second: number, text: string, over: Partial<LogEntry> = {}): void {
    this.entries.set(instance, [...(this.entries.get(instance) ?? []), { stream: 'stdout', at: at(second), text: Buffer.from(text), isEnd: true, ...over }]);
    this.#tell();
  }

  end(instance: string): void {
    this.running.delete(instance);
    this.#tell();
  }

  readonly runtime = {
    entries: (instance: string, since: string | undefined, signal: AbortSignal) => this.#read(instance, since, signal),
  } as unknown as Runtime;

  async *#read(instance: string, since: string | undefined, signal: AbortSignal): AsyncGenerator<readonly LogEntry[]> {
    this.asked.push(`${instance} ${since ?? ''}`);
    signal.addEventListener('abort', () => this.#tell());
    for (let read = 0; !signal.aborted; ) {
      if (this.failure !== undefined) throw this.failure;
      const all = this.entries.get(instance);
      if (all === undefined) throw new KontenaError('KON_CONTAINER_MISSING', `${instance} has no container`);
      const news = all.slice(read).filter((entry) => since === undefined || entry.at >= since);
      read = all.length;
      if (news.length > 0) yield news;
      else if (!this.running.has(instance)) return;
      else await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  #tell(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

const at = (second: number): string => new Date(second * 1000).toISOString().replace('Z', '000000Z');

let engine: Engine;
let rings: FakeLogRings;
let clock: FakeClock;
let keeper: LogsKeeper;
let warnings: string[];

beforeEach(() => {
  engine = new Engine();
  rings = new FakeLogRings();
  clock = new FakeClock(1_000_000);
  warnings = [];
  keeper = begin();
});

function begin(): LogsKeeper {
  const log: Log = { info: () => undefined, warn: (message, facts) => void warnings.push(`${message} ${JSON.stringify(facts)}`), error: () => undefined };
  return new LogsKeeper({ rings, runtime: engine.runtime, clock, log, own: noOwnLog, maxBytes: 1000 });
}

/** The container as the engine says it is; its times are seconds. */
function found(instance: string, started: number, finished?: number): void {
  const isRunning = finished === undefined || finished <= started;
  if (isRunning) engine.running.add(instance);
  if (!engine.entries.has(instance)) engine.entries.set(instance, []);
  keeper.found({ instance, id: `c-${instance}`, state: isRunning ? 'running' : 'exited', startedAtMs: started * 1000, finishedAtMs: finished === undefined ? undefined : finished * 1000 } as Container);
  if (!isRunning) engine.end(instance);
}

async function read(subject: LogSubject, search: Partial<LogSearch> = {}): Promise<readonly string[]> {
  const said: LogLine[] = [];
  for await (const { lines } of keeper.read(subject, { follow: false, ...search }, new AbortController().signal)) said.push(...lines);
  return said.map(({ instance, run, stream, line }) => `${instance}.${String(run)} ${stream} ${line}`);
}

const slot: LogSubject = { kind: 'slot', name: 'todo/web.1' };

describe('what a container writes', () => {
  test('is kept, and outlives its container', async () => {
    found(A, 10);
    engine.write(A, 11, 'one');
    await clock.run(100);
    engine.write(A, 12, 'two', { stream: 'stderr' });
    await clock.run(100);
    found(A, 10, 13);
    await clock.run(100);
    keeper.gone(A);
    engine.entries.delete(A);
    expect(await read(slot)).toEqual([`${A}.1 stdout one`, `${A}.1 stderr two`]);
  });

  test('is joined where the engine cuts it, and kept where it never ends', async () => {
    found(A, 10);
    engine.write(A, 11, 'a long ', { isEnd: false });
    engine.write(A, 11, 'between', { stream: 'stderr' });
    engine.write(A, 11, 'line');
    engine.write(A, 12, 'a prompt> ', { isEnd: false });
    found(A, 10, 13);
    await clock.run(100);
    expect(rings.said('todo/web.1')).toEqual(['5.1 stderr between', '5.1 stdout a long line', '5.1 stdout a prompt> ']);
  });

  test('is read on after the agent was away: nothing twice, nothing lost, not even of one moment', async () => {
    found(A, 10);
    for (const text of ['a', 'b']) engine.write(A, 11, text);
    engine.write(A, 11, 'e', { stream: 'stderr' });
    await clock.run(100);
    await keeper.stop();
    engine.write(A, 11, 'c');
    engine.write(A, 11, 'f', { stream: 'stderr' });
    engine.write(A, 12, 'd');
    keeper = begin();
    found(A, 10);
    await clock.run(100);
    expect(engine.asked).toEqual([`${A} `, `${A} ${at(11)}`]);
    expect(rings.said('todo/web.1').map((said) => said.at(-1)).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  test('goes on when the clock of the machine is set back', async () => {
    found(A, 100);
    engine.write(A, 101, 'before');
    await clock.run(100);
    engine.write(A, 50, 'set back');
    await clock.run(100);
    expect(rings.said('todo/web.1')).toEqual(['5.1 stdout before', '5.1 stdout set back']);
  });

  test('waits on the engine for a full disk, and is there afterwards', async () => {
    found(A, 10);
    engine.write(A, 11, 'one');
    await clock.run(100);
    rings.failure = new Error('ENOSPC: no space left on device');
    engine.write(A, 12, 'two');
    await clock.run(5_000);
    expect(warnings).toEqual([`a log is not kept at the moment {"instance":"${A}","reason":"ENOSPC: no space left on device"}`]);
    engine.write(A, 13, 'three');
    rings.failure = undefined;
    await clock.run(60_000);
    expect(rings.said('todo/web.1')).toEqual(['5.1 stdout one', '5.1 stdout two', '5.1 stdout three']);
  });

  test('waits for an engine that is away', async () => {
    found(A, 10);
    await clock.run(100);
    engine.failure = new KontenaError('KON_ENGINE_UNREACHABLE', 'the engine is away');
    engine.write(A, 11, 'meanwhile');
    await clock.run(2_000);
    engine.failure = undefined;
    await clock.run(60_000);
    expect(rings.said('todo/web.1')).toEqual(['5.1 stdout meanwhile']);
  });

  test('of two rounds at a time is kept of both', async () => {
    const B = 'todo/web.1@6';
    found(A, 10);
    found(B, 11);
    engine.write(B, 12, 'new');
    await clock.run(100);
    engine.write(A, 13, 'old');
    await clock.run(100);
    expect(await read(slot)).toEqual([`${B}.1 stdout new`, `${A}.1 stdout old`]);
    expect(await read({ kind: 'instance', name: A })).toEqual([`${A}.1 stdout old`]);
  });
});

describe('runs', () => {
  test('are told apart, though lines come a little before the start that they belong to', async () => {
    found(A, 10);
    engine.write(A, 11, 'first');
    found(A, 10, 12);
    await clock.run(100);
    engine.write(A, 15.99, 'second');
    found(A, 16, 12);
    await clock.run(100);
    found(A, 16, 17);
    await clock.run(100);
    engine.write(A, 19, 'third');
    found(A, 18, 20); // it had ended before it was seen to run
    await clock.run(100);
    expect(await read(slot)).toEqual([`${A}.1 stdout first`, `${A}.2 stdout second`, `${A}.3 stdout third`]);
    expect(await read(slot, { isPrevious: true })).toEqual([`${A}.2 stdout second`]);
  });

  test('are known to the next agent, also one that began while it was away', async () => {
    found(A, 10);
    engine.write(A, 11, 'first');
    await clock.run(100);
    await keeper.stop();
    engine.write(A, 12, 'last words');
    engine.write(A, 21, 'again');
    keeper = begin();
    found(A, 20, 13);
    await clock.run(100);
    expect(rings.said('todo/web.1')).toEqual(['5.1 stdout first', '5.1 stdout last words', '5.2 stdout again']);
    expect(await read(slot, { isPrevious: true })).toEqual([`${A}.1 stdout first`, `${A}.1 stdout last words`]);
  });

  test('before the first of a round is the last of the round before', async () => {
    found(A, 10);
    engine.write(A, 11, 'of round 5');
    found(A, 10, 12);
    await clock.run(100);
    found('todo/web.1@6', 20);
    await clock.run(100);
    expect(await read(slot, { isPrevious: true })).toEqual([`${A}.1 stdout of round 5`]);
    engine.write('todo/web.1@6', 21, 'of round 6');
    await clock.run(100);
    expect(await read(slot, { isPrevious: true })).toEqual([`${A}.1 stdout of round 5`]);
  });
});

describe('whoever reads', () => {
  test('a stack or a service has all of its slots, in the order of time, and those that come', async () => {
    found(A, 10);
    engine.write(A, 12, 'second');
    found('todo/db.1@6', 10);
    engine.write('todo/db.1@6', 11, 'first');
    found('shop/web.1@7', 10);
    engine.write('shop/web.1@7', 11, 'other');
    await clock.run(100);
    expect(await read({ kind: 'stack', name: 'todo' })).toEqual(['todo/db.1@6.1 stdout first', `${A}.1 stdout second`]);
    expect(await read({ kind: 'service', name: 'todo/db' })).toEqual(['todo/db.1@6.1 stdout first']);
    const over = new AbortController();
    const said: string[] = [];
    const ended = (async () => {
      for await (const { lines } of keeper.read({ kind: 'stack', name: 'todo' }, { follow: true }, over.signal)) said.push(...lines.map(({ line }) => line));
    })();
    await clock.run(100);
    found('todo/web.2@8', 20);
    engine.write('todo/web.2@8', 21, 'new');
    await clock.run(100);
    expect(said).toEqual(['first', 'second', 'new']);
    over.abort();
    await ended;
  });

  test('finds what hooks said and what kept it from starting', async () => {
    keeper.note(A, 'start', ['cannot pull']);
    found(A, 10);
    keeper.note(A, 'hook', ['postStart warm: done']);
    keeper.note(A, 'hook', []);
    await clock.run(100);
    expect(await read(slot)).toEqual([`${A}.1 start cannot pull`, `${A}.1 hook postStart warm: done`]);
  });
});

test('a removal waits for what is yet to be read, but not for ever', async () => {
  found(A, 10);
  await clock.run(100);
  let isSettled = false;
  void keeper.settled(A).then(() => (isSettled = true));
  await clock.run(5_000);
  expect(isSettled).toBe(false);
  found(A, 10, 12);
  await clock.run(100);
  expect(isSettled).toBe(true);
  found('todo/web.1@6', 20);
  isSettled = false;
  await clock.run(100);
  void keeper.settled('todo/web.1@6').then(() => (isSettled = true));
  await clock.run(10_001);
  expect(isSettled).toBe(true);
});

test('the log of a slot that is gone is kept for a week, the log of one that is here for good', async () => {
  clock = new FakeClock(Date.UTC(2026, 0, 20));
  keeper = begin();
  const week = 7 * DAY_MS;
  const writtenAgo = async (name: string, agoMs: number): Promise<void> => {
    await rings.open(name);
    Object.assign(rings.rings.get(name) ?? {}, { writtenMs: later(clock.wall(), -agoMs) });
  };
  for (const name of ['todo/web.1', 'todo/web.2', 'platform']) await writtenAgo(name, week + 1);
  await writtenAgo('todo/web.3', week - 7_200_000);
  found(A, 10);
  await keeper.start();
  expect([...rings.rings.keys()].sort()).toEqual(['platform', 'todo/web.1', 'todo/web.3']);
  await clock.run(3 * 3_600_000);
  expect([...rings.rings.keys()].sort()).toEqual(['platform', 'todo/web.1']);
  await keeper.stop();
});
