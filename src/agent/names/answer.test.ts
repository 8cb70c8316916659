import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Endpoint, parseSubnet } from '../../model/index.js';
import { answer, type NameContext } from './answer.js';
import { NameIndex, namesOf } from './name-index.js';

const row = (instance: string, address: string, over: Partial<Endpoint> = {}): Endpoint => ({ instance, address, node: 'n1', isExposed: false, serves: true, ...over });

const ROWS: readonly Endpoint[] = [
  row('todo/web.1@5', '10.81.1.2', { isExposed: true, ports: [{ port: 8080, protocol: 'tcp' }] }),
  row('todo/web.2@6', '10.81.2.2', { isExposed: true, ports: [{ port: 8080, protocol: 'tcp' }] }),
  row('todo/web.3@7', '10.81.2.3', { isExposed: true, serves: false, whyNot: 'it is unhealthy' }),
  row('todo/db.1@8', '10.81.1.3'),
  row('redis/redis.1@9', '10.81.1.4'),
  row('slow/api.1@9', '10.81.1.5', { serves: false, whyNot: 'it is starting' }),
  row('Shop/Web_1.1@9', '10.81.1.6'),
];

function context(rows = ROWS, over: Partial<NameContext> = {}): NameContext {
  const index = new NameIndex('default');
  index.whole(rows);
  return { index, grid: 'default', subnet: parseSubnet('10.81.0.0/16'), links: { 'todo/web': { cache: 'redis/redis', DB: 'todo/db', later: 'other/later' } }, chance: () => 0, ...over };
}

/** What is answered, in words. */
function ask(name: string, type = 'A', given = context()): string {
  const found = answer({ name, type }, given);
  if (found.kind !== 'records') return found.kind;
  return [...found.records].map((one) => (one.type === 'A' ? one.address : one.type === 'SRV' ? `${one.target}:${String(one.port)}` : one.target)).sort().join(' ');
}

describe('names in a grid', () => {
  test.each([
    ['web.todo.default.kontena.local', '10.81.1.2 10.81.2.2'],
    ['web-2.todo.default.kontena.local', '10.81.2.2'],
    ['WEB.Todo.default.Kontena.LOCAL.', '10.81.1.2 10.81.2.2'],
    ['todo.default.kontena.local', '10.81.1.2 10.81.2.2'],
    ['todo-1.default.kontena.local', '10.81.1.2'],
    ['db.todo.default.kontena.local', '10.81.1.3'],
    ['redis.redis.default.kontena.local', '10.81.1.4'],
    ['redis.default.kontena.local', '10.81.1.4'],
    ['redis-1.default.kontena.local', '10.81.1.4'],
    ['redis.kontena.local', '10.81.1.4'],
    ['redis-1.kontena.local', '10.81.1.4'],
    ['web_1.shop.default.kontena.local', '10.81.1.6'],
    ['cache.web.todo.links.default.kontena.local', '10.81.1.4'],
    ['cache-1.web.todo.links.default.kontena.local', '10.81.1.4'],
    ['db.web.todo.links.default.kontena.local', '10.81.1.3'],
    // known, and nothing to be had just now
    ['web-3.todo.default.kontena.local', 'none'],
    ['api.slow.default.kontena.local', 'none'],
    ['slow.default.kontena.local', 'none'],
    ['default.kontena.local', 'none'],
    ['kontena.local', 'none'],
    ['links.default.kontena.local', 'none'],
    ['todo.links.default.kontena.local', 'none'],
    ['web.todo.links.default.kontena.local', 'none'],
    ['later.web.todo.links.default.kontena.local', 'none'], // the service that is linked has no instance yet
    // no such name
    ['web-4.todo.default.kontena.local', 'unknown'],
    ['db.kontena.local', 'unknown'],
    ['web.todo.other.kontena.local', 'unknown'],
    ['nothing.web.todo.links.default.kontena.local', 'unknown'],
    ['cache.db.todo.links.default.kontena.local', 'unknown'],
    ['example.com.web.todo.links.default.kontena.local', 'unknown'],
    ['slow.links.default.kontena.local', 'unknown'],
    ['db.todo.links.default.kontena.local', 'unknown'],
    ['web', 'unknown'],
    // not ours
    ['example.com', 'elsewhere'],
    ['notkontena.local', 'elsewhere'],
    ['kontena.local.example.com', 'elsewhere'],
  ])('%s: %s', (name, said) => {
    expect(ask(name)).toBe(said);
  });

  test('other types of a known name have nothing; what is not known stays unknown', () => {
    expect([ask('web.todo.default.kontena.local', 'AAAA'), ask('web.todo.default.kontena.local', 'MX'), ask('nobody.todo.default.kontena.local', 'AAAA'), ask('com', 'NS')]).toEqual(['none', 'none', 'unknown', 'elsewhere']);
  });

  test('a port is an instance each, with its address beside it', () => {
    const found = answer({ name: '_8080._tcp.web.todo.default.kontena.local', type: 'SRV' }, context());
    expect(found).toMatchObject({ kind: 'records', besides: expect.arrayContaining([{ type: 'A', name: 'web-1.todo.default.kontena.local', address: '10.81.1.2' }]) });
    expect(ask('_8080._tcp.web.todo.default.kontena.local', 'SRV')).toBe('web-1.todo.default.kontena.local:8080 web-2.todo.default.kontena.local:8080');
    expect(['_9._tcp.web.todo', '_8080._udp.web.todo', '_5432._tcp.db.todo', '_80._tcp.nobody.todo'].map((name) => ask(`${name}.default.kontena.local`, 'SRV'))).toEqual([
      'none', 'none', 'db-1.todo.default.kontena.local:5432', 'unknown',
    ]);
    expect(['_8080._tcp.web.todo', '_tcp.web.todo', '_tcp.nobody.todo'].map((name) => ask(`${name}.default.kontena.local`))).toEqual(['none', 'none', 'unknown']);
  });

  test('a service that is called like an instance of another, or what a stack exposes, has the name for itself', () => {
    const given = context([
      row('todo/web.2@1', '10.81.1.2'), row('todo/web-2.1@1', '10.81.1.3'), row('app/app.1@1', '10.81.1.4'), row('app/door.1@1', '10.81.1.5', { isExposed: true }),
    ]);
    const names = ['web-2.todo', 'web-2-1.todo', 'web.todo', 'app', 'app-1', 'app.app'];
    expect(names.map((name) => ask(`${name}.default.kontena.local`, 'A', given))).toEqual(['10.81.1.3', '10.81.1.3', '10.81.1.2', '10.81.1.5', '10.81.1.5', '10.81.1.4']);
    given.index.remove('todo/web-2.1@1');
    expect(ask('web-2.todo.default.kontena.local', 'A', given)).toBe('10.81.1.2');
  });

  test('of a port that cannot be, nothing is said', () => {
    expect(['_0._tcp.db.todo', '_65536._tcp.db.todo', '_99999._tcp.db.todo'].map((name) => ask(`${name}.default.kontena.local`, 'SRV'))).toEqual(['none', 'none', 'none']);
    expect(ask('_65535._tcp.db.todo.default.kontena.local', 'SRV')).toBe('db-1.todo.default.kontena.local:65535');
  });

  test('an instance whose own name means another, or is too long for one, is called as its service', () => {
    const long = 'l'.repeat(62);
    const given = context([row('todo/web.2@1', '10.81.1.2'), row('todo/web-2.1@1', '10.81.1.3'), row(`todo/${long}.1@1`, '10.81.1.4'), row(`todo/${long}.2@1`, '10.81.1.5')]);
    expect(['2', '3', '4'].map((host) => ask(`${host}.1.81.10.in-addr.arpa`, 'PTR', given))).toEqual(['web.todo.default.kontena.local', 'web-2-1.todo.default.kontena.local', `${long}.todo.default.kontena.local`]);
    expect(ask(`_80._tcp.${long}.todo.default.kontena.local`, 'SRV', given)).toBe(`${long}.todo.default.kontena.local:80`);
    expect(answer({ name: `_80._tcp.${long}.todo.default.kontena.local`, type: 'SRV' }, given)).toMatchObject({ besides: [expect.objectContaining({ type: 'A' }), expect.objectContaining({ type: 'A' })] });
    expect(ask(`${long}-1.todo.default.kontena.local`, 'A', given)).toBe('unknown');
  });

  test('of very many, some by chance', () => {
    const rows = Array.from({ length: 1_000 }, (_, at) => row(`big/web.${at + 1}@1`, `10.81.${Math.floor(at / 250)}.${at % 250}`));
    expect(ask('web.big.default.kontena.local', 'A', context(rows, { chance: Math.random })).split(' ')).toHaveLength(500);
  });

  test.each([
    ['2.1.81.10.in-addr.arpa', 'web-1.todo.default.kontena.local'], ['9.9.81.10.in-addr.arpa', 'unknown'], ['1.1.1.1.in-addr.arpa', 'elsewhere'], ['81.10.in-addr.arpa', 'elsewhere'], ['x.1.81.10.in-addr.arpa', 'elsewhere'],
  ])('%s is %s', (name, said) => {
    expect(ask(name, 'PTR')).toBe(said);
  });

  test('the letters of the question come back, and each order of answers comes by chance', () => {
    const orders = new Set([0, 0.99].map((chance) => {
      const found = answer({ name: 'Web.todo.default.kontena.local', type: 'A' }, context(ROWS, { chance: () => chance }));
      expect(found.kind === 'records' && found.records.every(({ name }) => name === 'Web.todo.default.kontena.local')).toBe(true);
      return JSON.stringify(found);
    }));
    expect(orders.size).toBe(2);
  });

  test('kept up to date row by row, it says the same as one made anew', () => {
    const instances = ['todo/web.1@5', 'todo/web.1@6', 'todo/web.2@7', 'redis/redis.1@8', 'redis/web.1@9'];
    const change = fc.record({ instance: fc.constantFrom(...instances), isGone: fc.boolean(), serves: fc.boolean(), isExposed: fc.boolean(), host: fc.integer({ min: 2, max: 4 }) });
    fc.assert(fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const kept = new NameIndex('default');
      const rows = new Map<string, Endpoint>();
      for (const { instance, isGone, serves, isExposed, host } of changes) {
        const one = row(instance, `10.81.1.${String(host)}`, { serves, isExposed });
        if (isGone) rows.delete(instance);
        else rows.set(instance, one);
        if (isGone) kept.remove(instance);
        else kept.put(one);
      }
      const fresh = new NameIndex('default');
      fresh.whole([...rows.values()]);
      const names = [...new Set(instances.flatMap((instance) => [true, false].flatMap((isExposed) => namesOf(row(instance, '', { isExposed }), 'default').map(({ name }) => name)))), 'todo.default.kontena.local', 'default.kontena.local'];
      for (const name of names) {
        expect([name, ask(name, 'A', context([], { index: kept }))]).toEqual([name, ask(name, 'A', context([], { index: fresh }))]);
      }
    }));
  });
});
