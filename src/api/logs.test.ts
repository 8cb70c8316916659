import { afterEach, expect, test } from '@jest/globals';
import { KontenaError, type LogLine } from '../model/index.js';
import { settled } from '../testing/fake-clock.js';
import { collect, openApi, type OpenedApi, stackSpec } from '../testing/opened-api.js';

let api: OpenedApi;
afterEach(() => api.close());

const line = (instance: string, text: string): LogLine => ({ instance, stream: 'stdout', at: '', line: text });
const show = ({ instance, line: text }: LogLine): string => `${instance} ${text}`;
const place = (name: string, slot: number, node: string) =>
  api.write('Instance', name, { service: 'todo/web', slot, revision: 2, node, wanted: 'running', reserves: { cpus: 0, memoryBytes: 0, ports: [] } });

/** Containers that write one line each, and wait when followed; node n9 is away. */
async function given(): Promise<void> {
  api = await openApi(async function* logs({ name }, instance, { follow }, signal) {
    if (name === 'n9') throw new KontenaError('KON_NODE_UNREACHABLE', `node ${name} is not connected`);
    yield line(instance, 'hello');
    if (follow && !signal.aborted) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
  });
  await api.control.stacks.apply({ grid: 'default', stack: stackSpec('todo'), dryRun: false });
  await place('todo/web.1@3', 1, 'n1');
  await place('todo/web.2@4', 2, 'n2');
}
const logs = async (name: string) => (await collect(api.control.instances.logs('default', name, { follow: false }, new AbortController().signal))).map(show).sort();

test('of an instance, a service and a stack, by any of their names', async () => {
  await given();
  const both = ['todo/web.1@3 hello', 'todo/web.2@4 hello'];
  expect(await logs('todo/web.1')).toEqual(['todo/web.1@3 hello']);
  expect(await logs('instance/todo/web.2@4')).toEqual(['todo/web.2@4 hello']);
  for (const name of ['todo/web', 'service/todo/web', 'web', 'todo', 'stack/todo']) expect(await logs(name)).toEqual(both);
  for (const name of ['todo/we', 'tod', 'todo/web.3', '']) await expect(logs(name)).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
});

test('a node that is away fails the one, and is a line among many', async () => {
  await given();
  await place('todo/web.3@5', 3, 'n9');
  await expect(logs('todo/web.3')).rejects.toMatchObject({ code: 'KON_NODE_UNREACHABLE' });
  expect(await logs('todo/web')).toContain('todo/web.3@5 (no logs: node n9 is not connected)');
});

test.each([{ follow: false }, { follow: true }])('none that can be read fails all, %j', async (query) => {
  await given();
  await place('todo/web.1@3', 1, 'n9');
  await place('todo/web.2@4', 2, 'n9');
  const reading = collect(api.control.instances.logs('default', 'todo/web', query, new AbortController().signal));
  await expect(reading).rejects.toMatchObject({ code: 'KON_NODE_UNREACHABLE', message: 'node n9 is not connected' });
});

test('followed, new instances join, and all ends on abort', async () => {
  await given();
  const abort = new AbortController();
  const said: string[] = [];
  const ended = (async () => {
    for await (const each of api.control.instances.logs('default', 'todo', { follow: true }, abort.signal)) said.push(show(each));
  })();
  await settled();
  expect(said.splice(0).sort()).toEqual(['todo/web.1@3 hello', 'todo/web.2@4 hello']);
  await place('todo/web.1@9', 1, 'n1');
  await settled();
  expect(said.splice(0)).toEqual(['todo/web.1@9 hello']);
  abort.abort();
  await ended;
  await place('todo/web.2@10', 2, 'n1');
  await settled();
  expect(said).toEqual([]);
});

test('a reader who is slow holds the streams back', async () => {
  let given = 0;
  api = await openApi(async function* logs(_node, instance) {
    for (; given < 5000; given += 1) yield line(instance, String(given));
  });
  await api.control.stacks.apply({ grid: 'default', stack: stackSpec('todo'), dryRun: false });
  await place('todo/web.1@3', 1, 'n1');
  const reading = api.control.instances.logs('default', 'todo', { follow: false }, new AbortController().signal)[Symbol.asyncIterator]();
  expect((await reading.next()).value).toMatchObject({ line: '0' });
  await settled();
  expect(given).toBeLessThan(1000);
  let read = 1;
  while ((await reading.next()).done !== true) read += 1;
  expect(read).toBe(5000);
});
