import { expect, test } from '@jest/globals';
import packet from 'dns-packet';
import fc from 'fast-check';
import { NamesKeeper } from '../agent/names/index.js';
import type { Endpoint } from '../model/index.js';
import { FakeNameServers } from '../testing/fake-name-server.js';
import { FakeRandom } from '../testing/fake-random.js';
import { isRefused, type Query, readQuery, writeAnswer } from './message.js';

const LONG = 'l'.repeat(63);
const row = (instance: string, address: string, over: Partial<Endpoint> = {}): Endpoint => ({ instance, address, node: 'n1', isExposed: false, serves: true, ...over });

const ROWS: readonly Endpoint[] = [
  row('todo/web.1@5', '10.81.1.2', { isExposed: true, ports: [{ port: 80, protocol: 'tcp' }] }),
  row('todo/web.2@5', '10.81.1.3', { isExposed: true, ports: [{ port: 80, protocol: 'tcp' }] }),
  row('todo/web-2.1@5', '10.81.1.4'),
  row('cache/redis.1@6', '10.81.1.5'),
  row(`${LONG}/${LONG}.1@7`, '10.81.1.6', { isExposed: true }),
];

const PORTS = ['', '', '_0._tcp.', '_80._tcp.', '_80._udp.', '_65535._tcp.', '_65536._tcp.', '_99999._udp.', '_tcp.', '_http._tcp.'];
const LABELS = ['web', 'WEB', 'web-1', 'web-2', 'redis', 'redis-1', 'todo', 'cache', 'links', LONG, '__proto__', '2', '81'];
const ENDS = ['default.kontena.local', 'todo.default.kontena.local', 'web.todo.links.default.kontena.local', `${LONG}.default.kontena.local`, '2.1.81.10.in-addr.arpa', '6.1.81.10.in-addr.arpa', '1.81.10.in-addr.arpa', 'web'];
const TYPES = ['A', 'SRV', 'PTR', 'AAAA', 'SOA'] as const;

/** What the keeper answers and what is written of it meet here alone. */
test('whatever is asked of a grid, the answer can be read, and is to that question', () => {
  const servers = new FakeNameServers();
  const keeper = new NamesKeeper({ makeServer: servers.make, random: new FakeRandom(), grid: 'default', onProblem: () => undefined });
  keeper.whole(ROWS);
  keeper.obey({ links: { 'todo/web': { redis: 'cache/redis' } } });
  keeper.serveAt({ address: '10.81.1.1', subnet: '10.81.0.0/16' });
  const name = fc.tuple(fc.constantFrom(...PORTS), fc.array(fc.constantFrom(...LABELS), { maxLength: 2 }), fc.constantFrom(...ENDS)).map(([port, labels, end]) => `${port}${[...labels, end].join('.')}`);
  const seen = new Set<string>();
  fc.assert(fc.property(name, fc.constantFrom(...TYPES), fc.boolean(), (asked, type, isDatagram) => {
    const query = queryOf(asked, type);
    const answer = keeper.answer(query.question);
    seen.add(`${answer.kind} ${type}`);
    if (answer.kind === 'elsewhere') return;
    const said = packet.decode(writeAnswer(query, answer, { bytes: isDatagram ? query.maxBytes : 65_535, isDatagram }));
    expect([said.id, said.questions?.[0]?.name]).toEqual([7, asked]);
    if (answer.kind !== 'records') expect(isWithin(asked, said.authorities?.[0]?.name)).toBe(true);
    else if (!said.flag_tc) expect(said.answers?.map((one) => one.name)).toEqual(answer.records.map(() => asked));
  }), { numRuns: 5_000 });
  expect([...seen]).toEqual(expect.arrayContaining(['records A', 'records SRV', 'records PTR', 'none A', 'none SRV', 'unknown A']));
});

function queryOf(name: string, type: (typeof TYPES)[number]): Query {
  const query = readQuery(packet.encode({ type: 'query', id: 7, questions: [{ type, name }] }));
  if (query === undefined || isRefused(query)) throw new Error(`not a query: ${name}`);
  return query;
}

const isWithin = (name: string, zone = ''): boolean => zone === '.' || `.${name.toLowerCase()}`.endsWith(`.${zone}`);
