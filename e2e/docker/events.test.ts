import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { GridEvent } from '../../src/model/index.js';
import { Cluster, eventually, openBed, type Bed } from './harness/index.js';
import { pushImages, type Images } from './images.js';

let bed: Bed;
let cluster: Cluster;
let images: Images;

beforeAll(async () => {
  bed = await openBed(1);
  images = await pushImages(bed);
  cluster = await Cluster.start(bed);
}, 90_000);
afterAll(() => bed.close(), 60_000);

const events = async (...flags: readonly string[]): Promise<readonly GridEvent[]> =>
  (await cluster.must(['events', '-o', 'json', ...flags])).trim().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as GridEvent);

test('events tell what people, controllers and agents did, and of what nobody wanted', async () => {
  await cluster.apply({ stack: 'todo', services: { web: { image: images.web1, instances: 1 } } });
  await eventually('the agent has said that it runs', async () => ((await events('--for', 'stack/todo')).some(({ type }) => type === 'instance.running') ? true : undefined), 20_000);
  const told = await events('--for', 'stack/todo');
  const of = (type: string): GridEvent | undefined => told.find((event) => event.type === type);
  expect(of('stack.declared')).toMatchObject({ name: 'todo', by: 'admin' });
  expect(of('service.revised')).toMatchObject({ name: 'todo/web', by: 'stack' });
  expect(of('instance.assigned')).toMatchObject({ by: 'scheduler' });
  expect(of('instance.running')).toMatchObject({ name: of('instance.assigned')?.name, by: 'agent of n1' });
  const numbers = told.map(({ number }) => number);
  expect(numbers).toEqual([...numbers].sort((one, other) => one - other));

  const [container = ''] = await bed.engines[0]?.running() ?? [];
  await bed.engines[0]?.docker(['kill', container]);
  const after = String(numbers.at(-1));
  await eventually('what nobody wanted is told', async () => ((await events('--for', 'service/todo/web', '--after', after)).some(({ type }) => type === 'instance.running' || type === 'instance.restarted') ? true : undefined), 20_000);
}, 90_000);
