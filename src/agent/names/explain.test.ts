import { expect, test } from '@jest/globals';
import { type Endpoint, parseSubnet } from '../../model/index.js';
import type { NameContext } from './answer.js';
import { explain } from './explain.js';
import { NameIndex } from './name-index.js';

const row = (instance: string, address: string, whyNot?: string): Endpoint =>
  ({ instance, address, node: 'n1', isExposed: false, serves: whyNot === undefined, ...(whyNot === undefined ? {} : { whyNot }) });

function context(): NameContext {
  const index = new NameIndex('default');
  index.whole([row('todo/web.10@5', '10.81.1.4', 'it is unhealthy: connection refused'), row('todo/web.2@5', '10.81.1.3'), row('redis/redis.1@9', '10.81.1.5', 'it is starting')]);
  return { index, grid: 'default', subnet: parseSubnet('10.81.0.0/16'), links: { 'todo/web': { cache: 'redis/redis', gone: 'redis/gone' } }, chance: () => 0 };
}

test('each instance behind a name is in its answer, or there is a reason', () => {
  expect(explain('Web.todo', context())).toEqual({
    name: 'web.todo.default.kontena.local', said: 'records', because: '1 of 2 instances are answered with',
    instances: [
      { instance: 'todo/web.2@5', address: '10.81.1.3', node: 'n1' },
      { instance: 'todo/web.10@5', address: '10.81.1.4', node: 'n1', whyNot: 'it is unhealthy: connection refused' },
    ],
  });
});

test.each([
  ['redis', 'redis.default.kontena.local', 'none', 'none of the instances behind it serves', 1],
  ['cache.web.todo.links', 'cache.web.todo.links.default.kontena.local', 'none', 'cache is how todo/web calls redis/redis; none of the instances behind it serves', 1],
  ['gone.web.todo.links', 'gone.web.todo.links.default.kontena.local', 'none', 'gone is how todo/web calls redis/gone; it is known, and nothing is behind it now', 0],
  ['nobody.todo.default.kontena.local.', 'nobody.todo.default.kontena.local', 'unknown', 'grid default has no instance with an address under this name', 0],
  ['example.com', 'example.com', 'elsewhere', 'it is not of the grid: the servers of names that the node uses are asked', 0],
  ['10.81.1.4', '4.1.81.10.in-addr.arpa', 'records', '1 of 1 instances are answered with', 1],
  ['10.9.9.9', '9.9.9.10.in-addr.arpa', 'elsewhere', 'it is not of the grid: the servers of names that the node uses are asked', 0],
])('%s is %s: %s, because %s', (asked, ...expected) => {
  const { name, said, because, instances } = explain(asked, context());
  expect([name, said, because, instances.length]).toEqual(expected);
});
