import { afterEach, expect, test } from '@jest/globals';
import { KontenaError, type LogBatch, type LogLine } from '../model/index.js';
import { settled } from '../testing/fake-clock.js';
import { collect, openApi, type OpenedApi, stackSpec } from '../testing/opened-api.js';

let api: OpenedApi;
afterEach(() => api.close());

const never = new AbortController().signal;
const show = ({ instance, line }: LogLine): string => `${instance} ${line}`;
const place = (name: string, slot: number, node: string) =>
  api.write('Instance', name, { service: 'todo/web', slot, revision: 2, node, wanted: 'running', reserves: { cpus: 0, memoryBytes: 0, ports: [] } });
const batch = (...lines: readonly LogLine[]): LogBatch => ({ lines, isCaughtUp: true });
const aborted = (signal: AbortSignal): Promise<never> => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

/** Nodes that say what they were asked for, and wait when followed; node n9 is away. */
async function given(): Promise<void> {
  api = await openApi(async function* logs({ name }, { subject, search }, signal) {
    if (name === 'n9') throw new KontenaError('KON_NODE_UNREACHABLE', `node ${name} is not connected`);
    yield batch({ instance: name, stream: 'stdout', at: '2026-01-01T00:00:00.000000000Z', line: `${subject.kind} ${subject.name}` });
    if (search.follow && !signal.aborted) await aborted(signal);
  });
  await api.control.stacks.apply({ grid: 'default', stack: stackSpec('todo'), dryRun: false });
  await place('todo/web.1@3', 1, 'n1');
  await place('todo/web.2@4', 2, 'n2');
}
const logs = async (name: string, search: object = {}) => (await collect(api.control.instances.logs('default', name, { follow: false, ...search }, never))).flat().map(show).sort();

test('each node with instances of it is asked once: of an instance, a slot, a service and a stack, by any of their names', async () => {
  await given();
  await place('todo/web.3@5', 3, 'n2');
  expect(await logs('todo/web.1')).toEqual(['n1 slot todo/web.1']);
  expect(await logs('instance/todo/web.2@4')).toEqual(['n2 instance todo/web.2@4']);
  for (const name of ['todo/web', 'service/todo/web', 'web']) expect(await logs(name)).toEqual(['n1 service todo/web', 'n2 service todo/web']);
  for (const name of ['todo', 'stack/todo']) expect(await logs(name)).toEqual(['n1 stack todo', 'n2 stack todo']);
  for (const name of ['todo/we', 'tod', 'todo/web.4', '']) await expect(logs(name)).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
});

test('what ran before may have run on any node', async () => {
  await given();
  for (const [index, name] of ['n1', 'n2', 'n3'].entries()) await api.write('Node', name, { number: index, labels: [], availability: 'active', keyFingerprint: name });
  expect(await logs('todo/web.1', { isPrevious: true })).toEqual(['n1 slot todo/web.1', 'n2 slot todo/web.1', 'n3 slot todo/web.1']);
});

test('a node that is away fails the one, and is a line among many', async () => {
  await given();
  await place('todo/web.3@5', 3, 'n9');
  await expect(logs('todo/web.3')).rejects.toMatchObject({ code: 'KON_NODE_UNREACHABLE' });
  expect(await logs('todo/web')).toContain('n9 (no logs: node n9 is not connected)');
});

test.each([{ follow: false }, { follow: true }])('none that can be read fails all, %j', async (search) => {
  await given();
  await place('todo/web.1@3', 1, 'n9');
  await place('todo/web.2@4', 2, 'n9');
  const reading = collect(api.control.instances.logs('default', 'todo/web', search, never));
  await expect(reading).rejects.toMatchObject({ code: 'KON_NODE_UNREACHABLE', message: 'node n9 is not connected' });
});

test('what no node can look for is refused', async () => {
  api = await openApi(async function* () {
    yield* [];
    throw new KontenaError('KON_INVALID', '"(" is no regular expression (RE2)');
  });
  await api.control.stacks.apply({ grid: 'default', stack: stackSpec('todo'), dryRun: false });
  await place('todo/web.1@3', 1, 'n1');
  await expect(logs('todo', { grep: '(' })).rejects.toMatchObject({ code: 'KON_INVALID' });
});

test('followed, nodes of new instances join, and all ends on abort', async () => {
  await given();
  const abort = new AbortController();
  const said: string[] = [];
  const ended = (async () => {
    for await (const lines of api.control.instances.logs('default', 'todo', { follow: true }, abort.signal)) said.push(...lines.map(show));
  })();
  await settled();
  expect(said.splice(0).sort()).toEqual(['n1 stack todo', 'n2 stack todo']);
  await place('todo/web.3@9', 3, 'n3');
  await settled();
  expect(said.splice(0)).toEqual(['n3 stack todo']);
  abort.abort();
  await ended;
  await place('todo/web.4@10', 4, 'n4');
  await settled();
  expect(said).toEqual([]);
});

test('a reader who is slow holds the nodes back', async () => {
  let read = 0;
  api = await openApi(async function* logs() {
    for (; read < 50; read += 1) yield batch({ instance: 'x', stream: 'stdout', at: '', line: String(read) });
  });
  await api.control.stacks.apply({ grid: 'default', stack: stackSpec('todo'), dryRun: false });
  await place('todo/web.1@3', 1, 'n1');
  const reading = api.control.instances.logs('default', 'todo', { follow: false }, never)[Symbol.asyncIterator]();
  expect((await reading.next()).value).toMatchObject([{ line: '0' }]);
  await settled();
  expect(read).toBeLessThan(3);
  while ((await reading.next()).done !== true) await settled();
  expect(read).toBe(50);
});

test('of the platform: the agents of nodes, and the master', async () => {
  await given();
  await api.write('Node', 'n1', { number: 1, labels: [], availability: 'active', keyFingerprint: 'k' });
  const { control } = api;
  expect((await collect(control.nodes.logs('default', 'node/n1', { follow: false }, never))).flat().map(show)).toEqual(['n1 agent ']);
  expect((await collect(control.master.logs('default', { follow: false }, never))).flat().map(show)).toEqual(['n1 agent ']);
  expect(() => control.nodes.logs('default', 'n7', { follow: false }, never)).toThrow('there is no node n7');
});
