import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Change, put } from '../../model/index.js';
import type { Store } from '../../ports/index.js';
import { openStore } from '../../store/index.js';
import { FakeClock, settled } from '../../testing/fake-clock.js';
import { FakeRandom } from '../../testing/fake-random.js';
import { SilentAgent } from '../../testing/silent-agent.js';
import { testVault } from '../../testing/test-vault.js';
import { serviceSpec } from '../../testing/world.js';
import { MasterSessions } from './master-sessions.js';
import type { FromMaster, FromNode } from './messages.js';
import type { Wire } from './wire.js';

const HOST = 'registry.example.com';
let store: Store;
let sessions: MasterSessions;
const write = (writer: 'api' | 'stack' | 'scheduler', ...steps: Change[]): Promise<unknown> => store.update({ writer, grid: 'g' }, () => ({ steps }));
const login = (version: number, password: string) => store.update({ writer: 'api', grid: 'g' }, () => ({
  steps: [put('Registry', HOST, { version, digest: password, user: 'ci' }, 'test')],
  sealed: [{ name: `Registry/${HOST}@${version}`, bytes: testVault(store).seal('g', { kind: 'Registry', name: HOST }, JSON.stringify({ user: 'ci', password }))(version) }],
}));

beforeEach(async () => {
  const clock = new FakeClock();
  store = openStore(':memory:', { clock, random: new FakeRandom(), onFatal: () => undefined });
  const reserves = { cpus: 0, memoryBytes: 0, ports: [] };
  for (const [number, name] of ['n1', 'n2'].entries()) await write('api', put('Node', name, { number, labels: [], availability: 'active', keyFingerprint: name }, 'test'));
  await write('stack', put('Service', 'todo/web@1', { spec: serviceSpec({ image: `${HOST}/todo:1` }), isCurrent: true }, 'test'), put('Service', 'todo/db@1', { spec: serviceSpec({ image: 'redis' }), isCurrent: true }, 'test'));
  await write('scheduler', put('Instance', 'todo/web.1@2', { service: 'todo/web', slot: 1, revision: 1, node: 'n1', wanted: 'running', reserves }, 'test'), put('Instance', 'todo/db.1@2', { service: 'todo/db', slot: 1, revision: 1, node: 'n2', wanted: 'running', reserves }, 'test'));
  sessions = new MasterSessions({ store, vault: testVault(store), clock, log: { info: () => undefined, warn: () => undefined, error: () => undefined }, balancerImage: 'haproxy:lts' });
  sessions.start();
});
afterEach(async () => {
  sessions.close();
  await store.close();
});

/** The logins of each time that a node was told what to run. */
function connect(name: string): readonly unknown[] {
  const told: unknown[] = [];
  let say: (message: FromNode) => void = () => undefined;
  const wire: Wire<FromMaster, FromNode> = {
    send: (message) => (message.type === 'assignments' ? told.push(message.assignments.containers.logins) > 0 : true),
    onMessage: (listener) => void (say = listener), onDrain: () => undefined, onClose: () => undefined, close: () => undefined,
  };
  sessions.accept({ grid: 'g', name, keyFingerprint: name }, wire);
  say({ type: 'hello', facts: new SilentAgent().facts(), engine: { isAnswering: true } });
  say({ type: 'snapshot', reports: [], isLast: true });
  return told;
}

test('how a registry is asked is told to the nodes that run images from there, and another password at once', async () => {
  await login(1, 'one');
  const [told, other] = [connect('n1'), connect('n2')];
  await settled();
  await login(2, 'two');
  await settled();
  expect(told).toEqual([{ [HOST]: { user: 'ci', password: 'one' } }, { [HOST]: { user: 'ci', password: 'two' } }]);
  await write('api', { kind: 'Registry', name: HOST, body: undefined, why: 'removed' });
  await settled();
  expect([told.at(-1), other]).toEqual([undefined, [undefined]]);
});
