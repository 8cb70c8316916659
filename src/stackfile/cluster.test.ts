import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openApi, type OpenedApi, stackSpec } from '../testing/opened-api.js';
import { serviceSpec } from '../testing/world.js';
import { clusterOf } from './cluster.js';

let api: OpenedApi;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

test('variables learn from a grid what it has, and nothing of what it has not', async () => {
  let opened = 0;
  const cluster = clusterOf(() => {
    opened += 1;
    return Promise.resolve({ control: api.control, grid: 'default' });
  });
  expect(opened).toBe(0);
  await api.control.vault.writeSecret('default', { name: 'ssl-pw', value: 'open sesame' });
  await api.control.stacks.apply({ grid: 'default', stack: stackSpec('todo', { web: { image: 'web:3', instances: 4 } }), dryRun: false });
  await api.write('Service', 'todo/web@3', { isCurrent: true, spec: serviceSpec({ image: 'web:3', instances: 4 }) });
  expect(await cluster.secret('ssl-pw')).toBe('open sesame');
  expect(await cluster.secret('none')).toBeUndefined();
  expect(await cluster.secretNames()).toEqual(['ssl-pw']);
  expect(await cluster.certificates()).toEqual([]);
  expect(await cluster.services()).toEqual([{ name: 'todo/web', image: 'web:3' }]);
  expect([await cluster.instances('todo', 'web'), await cluster.instances('todo', 'db')]).toEqual([4, undefined]);
});

test('a grid that cannot be asked is no grid without secrets', async () => {
  const cluster = clusterOf(() => Promise.resolve({ control: api.control, grid: 'none' }));
  await expect(cluster.services()).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
});
