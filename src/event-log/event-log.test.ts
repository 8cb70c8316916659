import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { EventQuery, Log } from '../ports/index.js';
import { type OpenedApi, openApi, stackSpec } from '../testing/opened-api.js';
import { EventLog } from './event-log.js';

const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let directory: string;
let api: OpenedApi;
let events: EventLog;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'events-'));
  api = await openApi();
  events = await begin();
});
afterEach(async () => {
  await events.close();
  await api.close();
  await rm(directory, { recursive: true, force: true });
});

const begin = (): Promise<EventLog> => EventLog.open({ directory, store: api.store, clock: api.clock, log });

/** What is on disk: written first. */
async function told(query: Partial<EventQuery> = {}): Promise<readonly string[]> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  const found: string[] = [];
  for await (const some of events.read({ follow: false, ...query }, () => true, new AbortController().signal)) {
    found.push(...some.map(({ number, type, name, by, why }) => `${String(number)} ${type} ${name} ${by}: ${why}`));
  }
  return found;
}

const report = { node: 'n1', since: 1_900_000_000_000 as never, restarts: 0 } as const;

test('who declared what, and what agents say of it, in one order', async () => {
  await api.control.stacks.apply({ grid: 'default', stack: stackSpec('todo'), dryRun: false });
  await api.write('Instance', 'todo/web.1@9', { service: 'todo/web', slot: 1, revision: 9, node: 'n1', wanted: 'running', reserves: { cpus: 0, memoryBytes: 0, ports: [] } });
  await api.write('Report', 'todo/web.1@9', { ...report, phase: 'starting' });
  await api.write('Report', 'todo/web.1@9', { ...report, phase: 'running' });
  await api.write('Report', 'todo/web.1@9', { ...report, phase: 'running', address: '10.81.0.2' });
  await api.write('Report', 'todo/web.1@9', { ...report, phase: 'running', health: 'unhealthy', reason: 'GET / answers 500' });
  await api.write('Report', 'todo/web.1@9', { ...report, phase: 'failed', exitCode: 3 });
  await api.write('Pulse', 'n1', { state: 'silent', since: report.since, reason: 'the agent does not answer' });
  await api.write('Source', '/w/todo.yml', { directory: '/w', error: 'no image', at: report.since });
  expect(await told()).toEqual([
    '1 stack.declared todo ada: applied',
    '2 instance.assigned todo/web.1@9 scheduler: said so',
    '3 instance.starting todo/web.1@9 agent of n1: said by its agent',
    '4 instance.running todo/web.1@9 agent of n1: said by its agent',
    '5 instance.unhealthy todo/web.1@9 agent of n1: GET / answers 500',
    '6 instance.failed todo/web.1@9 agent of n1: ended with exit code 3',
    '7 node.silent n1 link: the agent does not answer',
    '8 source.refused /w/todo.yml watched-directory: no image',
  ]);
  expect(await told({ after: 6 })).toHaveLength(2);
  expect(await told({ tail: 1 })).toEqual(['8 source.refused /w/todo.yml watched-directory: no image']);
  expect(await told({ tail: 0 })).toEqual([]);
  expect(await told({ since: '2026-01-01T00:00:00.000Z', tail: 100 })).toHaveLength(8);
  expect(await told({ since: '2027-01-01T00:00:00.000Z' })).toEqual([]);
});

test('another process goes on with its numbers, and takes up what was changed meanwhile, once', async () => {
  await api.write('Node', 'n1', { number: 1, labels: [], availability: 'active', keyFingerprint: 'k' });
  await events.close();
  await api.write('Node', 'n1', { number: 1, labels: [], availability: 'drain', keyFingerprint: 'k' });
  events = await begin();
  await api.write('Report', 'todo/web.1@9', { ...report, since: 0 as never, phase: 'running' });
  await api.erase('Node', 'n1');
  expect(await told()).toEqual(['1 node.declared n1 api: said so', '2 node.draining n1 api: said so', '3 node.removed n1 api: said so']);
});

test('whoever follows hears what comes, after what was', async () => {
  await api.write('Token', 'a', { secretHash: 's', expiresAt: report.since, labels: [], uses: 1, used: 0 });
  const over = new AbortController();
  const heard: string[] = [];
  for await (const some of events.read({ follow: true }, ({ name }) => name !== 'b', over.signal)) {
    heard.push(...some.map(({ type, name }) => `${type} ${name}`));
    if (heard.length === 1) {
      await api.erase('Token', 'a');
      await api.write('Token', 'b', { secretHash: 's', expiresAt: report.since, labels: [], uses: 1, used: 0 });
    } else over.abort();
  }
  expect(heard).toEqual(['token.declared a', 'token.removed a']);
});
