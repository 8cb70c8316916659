import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { InstanceChecks } from '../../model/index.js';
import { Node } from '../../testing/agent-node.js';
import { minimalService } from '../../testing/runtime-contract.js';

let node: Node;
beforeEach(() => {
  node = new Node();
});
afterEach(() => {
  node.kill();
});

const A = 'todo/web.1@5';
const asked = { protocol: 'tcp', port: 80, timeoutSeconds: 1, intervalSeconds: 5, initialDelaySeconds: 0, retries: 3 } as const;
const checks = (): Promise<InstanceChecks> => node.agent.answer({ kind: 'checks', instance: A }, new AbortController().signal);
const starts = (): number => node.done().filter((write) => write.startsWith('start')).length;

describe('an instance that is unhealthy', () => {
  test('and never was healthy starts again later each time', async () => {
    node.spec = minimalService('web:1', { healthCheck: { ...asked, initialDelaySeconds: 10 } });
    node.runtime.answer = () => 'nothing listens';
    await node.start();
    await node.assign([A]);
    await node.pass(300_000);
    expect(starts()).toBe(9); // every 20 s by its checks alone, which would be fifteen times
    expect(node.report(A)?.report.restarts).toBeGreaterThanOrEqual(8);
  });

  test('after it was healthy starts again at once', async () => {
    node.spec = minimalService('web:1', { healthCheck: asked });
    await node.start();
    await node.assign([A]);
    for (let round = 0; round < 3; round += 1) {
      await node.pass(20_000);
      node.runtime.answer = () => 'nothing listens';
      node.done();
      await node.pass(15_000);
      expect(node.done()).toEqual([`stop ${A}`, `start ${A}`]);
      node.runtime.answer = () => undefined;
    }
  });

  test('runs on where its service says so, and is healthy again when it answers', async () => {
    node.spec = minimalService('web:1', { healthCheck: { ...asked, restart: false } });
    node.runtime.answer = () => 'nothing listens';
    await node.start();
    await node.assign([A]);
    await node.pass(60_000);
    expect(node.report(A)?.report).toMatchObject({ phase: 'running', health: 'unhealthy', reason: 'unhealthy: nothing listens', restarts: 0 });
    node.runtime.answer = () => undefined;
    await node.pass(5_000);
    expect(node.report(A)?.report).toMatchObject({ phase: 'running', health: 'healthy' });
    expect(node.report(A)?.report).not.toHaveProperty('reason');
  });
});

describe('the check that an image declares', () => {
  const answer = (isGood: boolean, said: string) => ({ isGood, said, atMs: 999_000, tookMs: 20 });

  beforeEach(async () => {
    await node.start();
    await node.assign([A]);
    node.done();
  });

  test('counts where the service declares none', async () => {
    expect(node.report(A)?.report).not.toHaveProperty('health');
    node.runtime.setHealth(A, { state: 'starting', answers: [] });
    await node.pass(0);
    expect(node.report(A)?.report).toMatchObject({ phase: 'running', health: 'starting' });
    node.runtime.setHealth(A, { state: 'healthy', answers: [answer(true, 'well')] });
    await node.pass(0);
    expect(node.report(A)?.report).toMatchObject({ phase: 'running', health: 'healthy' });
    node.runtime.setHealth(A, { state: 'unhealthy', answers: [answer(false, 'no database')] });
    node.news();
    await node.pass(0);
    expect(node.news()).toContain(`${A} failed (unhealthy: no database)`);
    expect(node.done()).toEqual([`stop ${A}`, `start ${A}`]);
  });

  test('only takes it out of names where the service says so, and is nothing where it says that', async () => {
    node.spec = minimalService('web:1', { healthCheck: { protocol: 'engine', restart: false } });
    await node.assign([A]);
    node.runtime.setHealth(A, { state: 'unhealthy', answers: [answer(false, 'no database')] });
    await node.pass(0);
    expect(node.report(A)?.report).toMatchObject({ phase: 'running', health: 'unhealthy', reason: 'unhealthy: no database' });
    node.spec = minimalService('web:1', { healthCheck: { protocol: 'none' } });
    await node.assign([A]);
    expect(node.report(A)?.report).not.toHaveProperty('health');
    expect(node.done()).toEqual([]);
  });

  test('is told to those who ask', async () => {
    node.runtime.setHealth(A, { state: 'unhealthy', answers: [answer(false, 'no database')] });
    expect(await checks()).toEqual({ answers: [{ of: 'health', isGood: false, said: 'no database', agoMs: 1_000, tookMs: 20 }] });
  });
});

describe('what an instance last answered', () => {
  test('is told, of a life before too', async () => {
    node.spec = minimalService('web:1', { healthCheck: { ...asked, retries: 1 } });
    node.runtime.answer = () => 'nothing listens';
    await node.start();
    await node.assign([A]);
    expect(node.report(A)?.report.restarts).toBe(2); // the first time at once
    node.runtime.answer = () => undefined;
    await node.pass(3_000);
    const { answers } = await checks();
    expect(answers.map(({ isGood, said }) => [isGood, said])).toEqual([[false, 'nothing listens'], [false, 'nothing listens'], [true, 'it answered']]);
  });

  test('is refused where there is no container', async () => {
    await node.start();
    await expect(checks()).rejects.toMatchObject({ code: 'KON_CONTAINER_MISSING' });
  });
});

test('an instance in the network of another is asked there', async () => {
  node.spec = minimalService('web:1', { network: 'container:db-%s', healthCheck: asked });
  const asks: (string | undefined)[] = [];
  node.runtime.answer = (instance) => void asks.push(instance);
  await node.start();
  await node.assign([A, 'todo/db.1@4'], {
    containers: {
      services: { 'todo/web@4': node.spec, 'todo/db@4': minimalService('web:1') },
      instances: [{ name: A, service: 'todo/web@4', wanted: 'running' }, { name: 'todo/db.1@4', service: 'todo/db@4', wanted: 'running' }],
    },
  });
  await node.pass(5_000);
  expect(new Set(asks)).toEqual(new Set(['todo/db.1@4']));
  expect(node.report(A)?.report.health).toBe('healthy');
});
