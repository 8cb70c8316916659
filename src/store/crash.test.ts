import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Store } from '../ports/index.js';
import { FakeClock } from '../testing/fake-clock.js';
import { FakeRandom } from '../testing/fake-random.js';
import { openStore } from './index.js';

const ROUNDS = 100;
/** A new file now and then: what a round verifies would otherwise grow with every round before it. */
const ROUNDS_PER_FILE = 10;
/** Every so many rounds the writer dies while it starts and makes or reads the file; in the others, under load. */
const START_EVERY = 5;
const LONGEST_START_MS = 100;
const LONGEST_LOAD_MS = 100;

const directory = mkdtempSync(join(tmpdir(), 'kontena-crash-'));
const program = join(directory, 'store-writer.mjs');
const random = new FakeRandom(20);

beforeAll(() => {
  symlinkSync(resolve('node_modules'), join(directory, 'node_modules'));
  execFileSync('node_modules/.bin/esbuild', [resolve('src/testing/store-writer.ts'), '--bundle', '--platform=node', '--format=esm', '--external:better-sqlite3', `--outfile=${program}`, '--log-level=warning']);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Acknowledged {
  readonly writer: number;
  readonly number: number;
  readonly revision: number;
}

/** Lets a writer live for a while from its start or from its first commit, kills it, and returns what it said was written. */
async function writeUntilKilled(file: string, from: 'start' | 'commit', lifeMs: number): Promise<readonly Acknowledged[]> {
  const child = spawn(process.execPath, [program, file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let complaint = '';
  child.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (complaint += piece.toString()));
  const ended = new Promise<NodeJS.Signals | null>((over) => child.on('close', (_code, signal) => over(signal)));
  if (from === 'commit') await new Promise((over) => child.stdout.once('data', over));
  await new Promise((over) => setTimeout(over, lifeMs));
  child.kill('SIGKILL');
  expect([await ended, complaint]).toEqual(['SIGKILL', '']);
  const lines = said.slice(0, said.lastIndexOf('\n') + 1).split('\n').slice(0, -1);
  return lines.map((line) => {
    const [writer, number, revision] = line.split(' ').map(Number) as [number, number, number];
    return { writer, number, revision };
  });
}

function check(store: Store, acknowledged: ReadonlyMap<number, Acknowledged>): void {
  expect(store.verify()).toEqual({ entries: store.revision, revision: store.revision });
  const view = store.view('default');
  const numbers = (writer: number) => ['a', 'b', 'c'].map((part) => view.get('Node', `w${writer}-${part}`)?.body.number ?? 0);
  for (let writer = 0; writer < 6; writer += 1) {
    const [first] = numbers(writer);
    expect(numbers(writer)).toEqual([first, first, first]);
  }
  const found = store.history({}).filter(({ revision, change }) => {
    const said = acknowledged.get(revision);
    return said !== undefined && change.kind === 'Node' && change.name === `w${said.writer}-c` && change.body?.number === said.number;
  });
  expect(found.length).toBe(acknowledged.size);
}

test(`killed ${ROUNDS} times at any moment, it loses nothing acknowledged and keeps no half of a plan`, async () => {
  let acknowledgedInAll = 0;
  const acknowledged = new Map<number, Acknowledged>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const file = join(directory, `store-${Math.floor(round / ROUNDS_PER_FILE)}.sqlite`);
    if (round % ROUNDS_PER_FILE === 0) acknowledged.clear();
    const isStart = round % START_EVERY === 0;
    const now = await writeUntilKilled(file, isStart ? 'start' : 'commit', random.fraction() * (isStart ? LONGEST_START_MS : LONGEST_LOAD_MS));
    for (const one of now) acknowledged.set(one.revision, one);
    acknowledgedInAll += now.length;
    const store = openStore(file, { clock: new FakeClock(), random: new FakeRandom(), onFatal: () => undefined });
    check(store, acknowledged);
    await store.close();
  }
  expect(acknowledgedInAll).toBeGreaterThan(ROUNDS);
}, 120_000);
