import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Applied, Verb } from '../ports/index.js';
import { openApi, type OpenedApi, stackSpec } from '../testing/opened-api.js';

let api: OpenedApi;
beforeEach(async () => {
  api = await openApi();
  await apply();
});
afterEach(() => api.close());

const apply = (web = {}): Promise<Applied> => api.control.stacks.apply({ grid: 'default', stack: stackSpec('todo', { web, db: {} }), dryRun: false });
const operate = (name: string, verb: Verb): Promise<Applied> => (name.startsWith('todo/') ? api.control.services : api.control.stacks)[verb]('default', name);
const body = () => api.store.view('default').get('Stack', 'todo')!.body;
const told = ({ differences }: Applied): readonly string[] => differences.map(({ name, fields, replaces }) => `${name} ${fields.map(({ path, from, to }) => `${path} ${String(from)} → ${String(to)}`).join(', ')}${replaces ? ' replaces' : ''}`);

describe('a service that is stopped', () => {
  test('stays so, whatever is applied, until it is started', async () => {
    expect(told(await operate('todo/web', 'stop'))).toEqual(['todo/web state running → stopped']);
    expect(body().stopped).toEqual(['web']);
    const again = await apply({ image: 'web:2' });
    expect(told(again)).toEqual(['todo/web image web:1 → web:2 replaces']);
    expect(again.warnings).toEqual([{ severity: 'warning', path: 'services.web', message: 'stays stopped, as it was stopped by hand', hint: 'start it with `kontenactl service start todo/web`' }]);
    expect(body().stopped).toEqual(['web']);
    expect(told(await operate('todo/web', 'start'))).toEqual(['todo/web state stopped → running']);
    expect(body()).not.toHaveProperty('stopped');
  });

  test('is stopped once, and started once', async () => {
    const { revision } = await operate('todo/web', 'stop');
    expect(await operate('todo/web', 'stop')).toMatchObject({ revision, differences: [] });
    await operate('todo/web', 'start');
    expect((await operate('todo/web', 'start')).differences).toEqual([]);
  });

  test('is forgotten with its service', async () => {
    await operate('todo/web', 'stop');
    await api.control.stacks.apply({ grid: 'default', stack: stackSpec('todo', { db: {} }), dryRun: false });
    expect(body()).not.toHaveProperty('stopped');
  });

  test.each(['restart', 'redeploy'] as const)('is not to %s', async (verb) => {
    await operate('todo/web', 'stop');
    await expect(operate('todo/web', verb)).rejects.toMatchObject({ code: 'KON_STOPPED', message: 'todo/web is stopped: there is nothing to replace by its like' });
  });
});

describe('a round that is asked for', () => {
  test('is counted, and outlives an apply', async () => {
    expect(told(await operate('todo/web', 'restart'))).toEqual(['todo/web round 1 → 2 replaces']);
    await operate('todo/web', 'redeploy');
    await apply({ instances: 2 });
    expect(body().rounds).toEqual({ web: 2 });
    expect(body()).not.toHaveProperty('retries');
  });

  test('tries anew what went back, where it is redeployed', async () => {
    await api.write('Service', 'todo/web@0', { spec: body().spec.services['web']!, isCurrent: true });
    const reverted = { from: 0, retries: 0, instance: 'todo/web.1@5', reason: 'ended with exit code 1' };
    await api.write('Rollout', 'todo', { services: { web: { revision: 0, still: {}, reverted } } });
    expect(told(await operate('todo/web', 'restart'))).toEqual(['todo/web round 1 → 2 replaces']);
    expect(told(await operate('todo/web', 'redeploy'))).toEqual(['todo/web attempt 1 → 2, round 2 → 3 replaces']);
  });
});

describe('a stack', () => {
  test('is started and stopped as a whole', async () => {
    expect(told(await operate('todo', 'stop'))).toEqual(['todo/db state running → stopped', 'todo/web state running → stopped']);
    await expect(operate('todo', 'restart')).rejects.toMatchObject({ code: 'KON_STOPPED', message: 'stack todo is stopped: there is nothing to replace by its like' });
    expect(told(await operate('stack/todo', 'start'))).toHaveLength(2);
  });

  test('restarts what is not stopped', async () => {
    await operate('todo/db', 'stop');
    expect(told(await operate('todo', 'restart'))).toEqual(['todo/web round 1 → 2 replaces']);
    expect(body().stopped).toEqual(['db']);
  });

  test('that is not there is refused', async () => {
    await expect(operate('tood', 'stop')).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
    await expect(operate('todo/wbe', 'stop')).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  });
});

describe('a change in a hurry', () => {
  const update = (change: Parameters<typeof api.control.services.update>[2]): Promise<Applied> => api.control.services.update('default', 'todo/web', change);

  test('lasts until the file is applied', async () => {
    await apply({ env: ['A=1', 'B=2'] });
    expect(told(await update({ image: 'web', env: ['B=3', 'C=4'], unset: ['A'], instances: 3 }))).toEqual(['todo/web image web:1 → web:latest, instances 1 → 3, environment.A 1 → undefined, environment.B 2 → 3, environment.C undefined → 4 replaces']);
    expect(body().spec.services['web']?.env).toEqual(['B=3', 'C=4']);
    expect(told(await apply({ env: ['A=1', 'B=2'] }))).toHaveLength(1);
    expect(body().scaled).toEqual({});
  });

  test('that is none writes nothing', async () => {
    const { revision } = await apply();
    expect(await update({ image: 'web:1' })).toMatchObject({ revision, differences: [] });
  });

  test.each([[{ image: 'A B' }, 'todo/web cannot be updated: services.web.image: must be the name of an image'], [{ env: ['A'] }, '"A" sets no variable: NAME=value does'], [{ instances: -1 }, 'todo/web cannot be scaled: -1 instances: a whole number from 0 to 10000 is wanted']])('that cannot be is refused: %j', async (change, message) => {
    await expect(update(change)).rejects.toThrow(message);
  });
});
