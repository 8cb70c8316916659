import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Assignments, type Change, put, REGISTRY_PASSWORD, type Writer } from '../../model/index.js';
import type { Store } from '../../ports/index.js';
import { openStore } from '../../store/index.js';
import { FakeClock } from '../../testing/fake-clock.js';
import { FakeRandom } from '../../testing/fake-random.js';
import { stackSpec } from '../../testing/opened-api.js';
import { minimalService } from '../../testing/runtime-contract.js';
import { testVault } from '../../testing/test-vault.js';
import { assignmentsOf, nodesOfSecret, nodesOfStack } from './assignments.js';

const HOST = 'registry.g.kontena.local';
const GRID = 'g';
let directory: string;
let store: Store;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kontena-registry-session-'));
  store = openStore(join(directory, 'store.db'), { clock: new FakeClock(1_000_000), random: new FakeRandom(1), onFatal: (error) => { throw error; } });
  await write('api', put('Grid', GRID, { defaultAffinity: [] }, 'test'));
  for (const [number, name] of ['n1', 'n2'].entries()) await write('api', put('Node', name, { number: number + 1, labels: [], availability: 'active', keyFingerprint: name }, 'test'));
  await run('registry/todo:1.4');
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

const write = (writer: Writer, ...steps: readonly Change[]): Promise<unknown> => store.update({ writer, grid: GRID }, () => ({ steps }));
const told = (node: string): Assignments => assignmentsOf({ store, vault: testVault(store), balancerImage: 'haproxy' }, GRID, node);

/** An instance on n1 of this image. */
async function run(image: string): Promise<void> {
  await write('stack', put('Service', 'todo/web@1', { spec: minimalService(image), isCurrent: true }, 'test'));
  await write('scheduler', put('Instance', 'todo/web.1@2', { service: 'todo/web', slot: 1, revision: 1, node: 'n1', wanted: 'running', reserves: { cpus: 0, memoryBytes: 0, ports: [] } }, 'test'));
}

async function install(): Promise<void> {
  await store.update({ writer: 'api', grid: GRID }, () => ({
    steps: [put('Stack', 'registry', { spec: stackSpec('registry', {}), scaled: {} }, 'test'), put('Secret', REGISTRY_PASSWORD, { version: 1, digest: '' }, 'test')],
    sealed: [{ name: `Secret/${REGISTRY_PASSWORD}@1`, bytes: testVault(store).seal(GRID, { kind: 'Secret', name: REGISTRY_PASSWORD }, 'by lot')(1) }],
  }));
}

test('every node is told where the registry is; its password those that run its images', async () => {
  expect([told('n1').registry, told('n2').registry]).toEqual([{}, {}]);
  await install();
  expect([told('n1').registry, told('n2').registry]).toEqual([{ host: HOST }, { host: HOST }]);
  expect([told('n1').containers.logins, told('n2').containers.logins]).toEqual([{ [HOST]: { user: 'admin', password: 'by lot' } }, undefined]);
  await run('other/todo:1.4');
  expect(told('n1').containers.logins).toBeUndefined();
});

test.each([['registry/todo:1.4', `${HOST}/todo:1.4`], ['registry/a/b', `${HOST}/a/b`], ['registry:2', 'registry:2'], ['docker.io/registry/todo', 'docker.io/registry/todo'], ['kontena/lb', 'kontena/lb']])('an engine is asked for %s as %s', async (image, whole) => {
  await run(image);
  const { services } = told('n1').containers;
  expect(services['todo/web@1']?.image).toBe(whole);
  // The same object each time, as others compare them.
  expect(told('n1').containers.services['todo/web@1']).toBe(services['todo/web@1']);
});

test('all nodes hear of the registry and its password; of another stack those that run something', () => {
  const view = store.view(GRID);
  expect([nodesOfStack('registry', view), nodesOfStack('todo', view), nodesOfSecret(REGISTRY_PASSWORD, view), nodesOfSecret('db', view)]).toEqual([['n1', 'n2'], ['n1'], ['n1', 'n2'], []]);
});
