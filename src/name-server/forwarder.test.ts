import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packet, { type Packet } from 'dns-packet';
import { FakeClock } from '../testing/fake-clock.js';
import { Cache } from './cache.js';
import { Forwarder } from './forwarder.js';
import { isRefused, type Query, readQuery } from './message.js';
import { type PassedOn, writePassedOn } from './passed-on.js';
import { ownAddresses, resolvers } from './resolvers.js';
import { CODE } from './wire.js';

/** A server of the world: says what it is told to say, and what it was asked. */
class World {
  readonly asked: Buffer[] = [];
  readonly #socket: Socket;
  say: (query: Buffer) => readonly Buffer[] = (query) => [answerTo(query)];

  constructor(readonly address: string) {
    this.#socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    this.#socket.on('message', (query, from) => {
      this.asked.push(query);
      for (const bytes of this.say(query)) this.#socket.send(bytes, from.port, from.address);
    });
  }

  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve) => this.#socket.bind(port, this.address, () => resolve()));
    return this.#socket.address().port;
  }

  close = (): void => void this.#socket.close();
}

const answerTo = (query: Buffer, over: Partial<Packet> = {}): Buffer => {
  const { id, questions = [] } = packet.decode(query);
  return packet.encode({ type: 'response', id, questions, answers: [{ type: 'A', name: questions[0]!.name, ttl: 60, data: '192.0.2.1' }], ...over });
};
const failing = (code: number) => (query: Buffer): readonly Buffer[] => [answerTo(query, { flags: code, answers: [] })];

function ask(name: string, bytes = packet.encode({ type: 'query', id: 7, questions: [{ type: 'A', name }] })): Query {
  const query = readQuery(bytes);
  if (query === undefined || isRefused(query)) throw new Error('not a query');
  return query;
}

describe('a forwarder', () => {
  const clock = new FakeClock(1_000_000);
  let first: World;
  let second: World;
  let port: number;
  let named: readonly string[];
  let forwarder: Forwarder;
  const isOwn = (): boolean => false;

  beforeEach(async () => {
    first = new World('127.0.0.61');
    second = new World('127.0.0.62');
    port = await first.listen(0);
    await second.listen(port);
    named = [first.address, second.address];
    forwarder = new Forwarder({ clock, resolvers: () => named, port });
  });
  afterEach(() => {
    first.close();
    second.close();
  });

  /** How it is answered; while it is asked, time goes on as fast as nothing happens. */
  const said = async (query: Query): Promise<string | undefined> => {
    const state = { isOver: false };
    const forwarded = forwarder.ask(query, isOwn).finally(() => (state.isOver = true));
    for (let turn = 0; !state.isOver; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (turn > 20) clock.advance(100);
    }
    const found = await forwarded;
    if (found === undefined) return undefined;
    const { answers = [] } = packet.decode(writePassedOn(query, found.passed, { agedSeconds: found.agedSeconds, maxBytes: 512 }));
    return answers.map((one) => (one.type === 'A' ? `${one.data} ${String(one.ttl)}` : one.type)).join();
  };

  test('asks the first, keeps what it said, and counts its age', async () => {
    expect(await said(ask('a.example'))).toBe('192.0.2.1 60');
    clock.advance(20_000);
    expect(await said(ask('A.example'))).toBe('192.0.2.1 40');
    expect([first.asked.length, second.asked.length]).toEqual([1, 0]);
    clock.advance(40_000);
    expect(await said(ask('a.example'))).toBe('192.0.2.1 60');
    expect(first.asked).toHaveLength(2);
  });

  test('one that is silent is passed over, and then asked last for a while', async () => {
    first.say = () => [];
    expect(await said(ask('a.example'))).toBe('192.0.2.1 60');
    expect(await said(ask('b.example'))).toBe('192.0.2.1 60');
    expect([first.asked.length, second.asked.length]).toEqual([1, 2]);
    clock.advance(15_000);
    first.say = (query) => [answerTo(query)];
    await said(ask('c.example'));
    expect([first.asked.length, second.asked.length]).toEqual([2, 2]);
  });

  test('one that is not there is passed over at once, and one that fails or refuses too', async () => {
    named = ['127.0.0.63', first.address, second.address];
    first.say = failing(CODE.refused);
    const begun = clock.now();
    expect([await said(ask('a.example')), clock.now() - begun]).toEqual(['192.0.2.1 60', 0]);
    second.say = failing(CODE.failed);
    expect(await said(ask('b.example'))).toBeUndefined();
  });

  test('an answer to something else, or under another id, is not believed', async () => {
    first.say = (query) => {
      const wrongId = answerTo(query);
      wrongId.writeUInt16BE(wrongId.readUInt16BE(0) ^ 1, 0);
      return [wrongId, answerTo(query, { questions: [{ type: 'A', name: 'b.example' }] }), query, Buffer.from('noise'), answerTo(query, { answers: [{ type: 'A', name: 'a.example', ttl: 9, data: '192.0.2.9' }] })];
    };
    expect(await said(ask('a.example'))).toBe('192.0.2.9 9');
  });

  test('who knows no EDNS is asked without', async () => {
    first.say = (query) => (query.readUInt16BE(10) > 0 ? failing(CODE.malformed)(query) : [answerTo(query)]);
    expect(await said(ask('a.example'))).toBe('192.0.2.1 60');
    expect([first.asked.length, second.asked.length]).toEqual([2, 0]);
  });

  test('a type that nobody here knows comes as it is', async () => {
    const strange = packet.encode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'a.example' }] });
    strange.writeUInt16BE(65_280, strange.length - 4);
    const data = Buffer.from([1, 0xc0, 0x0c, 0xff]);
    first.say = (query) => {
      const bytes = Buffer.concat([query.subarray(0, strange.length), Buffer.from([0xc0, 12, 0xff, 0, 0, 1, 0, 0, 0, 60, 0, data.length]), data]);
      bytes.writeUInt16BE(0x8180, 2);
      bytes.writeUInt16BE(1, 6);
      bytes.writeUInt16BE(0, 10);
      return [bytes];
    };
    const query = ask('', strange);
    const found = await forwarder.ask(query, isOwn);
    expect(writePassedOn(query, found!.passed, { agedSeconds: 0, maxBytes: 512 }).subarray(-4)).toEqual(data);
  });

  test('equal questions at once are one', async () => {
    expect(await Promise.all(['a.example', 'A.example', 'a.EXAMPLE'].map((name) => said(ask(name))))).toEqual(Array(3).fill('192.0.2.1 60'));
    expect(first.asked).toHaveLength(1);
  });

  test('a question that comes back is known, and who brought it back', async () => {
    let isBack: boolean | undefined;
    let isOther: boolean | undefined;
    first.say = (query) => {
      isBack = forwarder.comesBack(ask('', query));
      isOther = new Forwarder({ clock, resolvers: () => named }).comesBack(ask('', query));
      return failing(CODE.refused)(query);
    };
    expect(await said(ask('a.example'))).toBe('192.0.2.1 60');
    expect([isBack, isOther, forwarder.comesBack(ask('a.example')), forwarder.circle]).toEqual([true, false, false, first.address]);
    first.say = (query) => [answerTo(query)];
    await said(ask('b.example'));
    expect(forwarder.circle).toBeUndefined();
  });

  test('nobody can pretend that a question came back', async () => {
    const long = packet.encode({ type: 'query', id: 8, questions: [{ type: 'A', name: 'a.example' }], additionals: [
      { type: 'OPT', name: '.', udpPayloadSize: 1_232, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [{ code: 65_001 as 8, data: Buffer.alloc(64) }] as never },
    ] });
    let isRefused: boolean | undefined;
    first.say = (query) => {
      isRefused = forwarder.comesBack(ask('', long));
      return failing(CODE.failed)(query);
    };
    await said(ask('a.example'));
    expect([isRefused, forwarder.circle]).toEqual([true, undefined]);
  });

  test('a circle of several servers ends, too', async () => {
    const others = Array.from({ length: 8 }, () => new Forwarder({ clock, resolvers: () => [first.address], port }));
    let at = 0;
    first.say = (query) => {
      const next = others[at++];
      const asked = ask('', query);
      if (next === undefined || next.comesBack(asked)) return failing(CODE.refused)(query);
      void next.ask(asked, isOwn);
      return failing(CODE.failed)(query);
    };
    named = [first.address];
    expect(await said(ask('a.example'))).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(first.asked.length).toBeLessThanOrEqual(9);
  });

  test('what is its own is not asked', async () => {
    expect(await forwarder.ask(ask('a.example'), () => true)).toBeUndefined();
    expect([...first.asked, ...second.asked]).toEqual([]);
  });

  test('a server of IPv6 is one as well', async () => {
    const sixth = new World('::1');
    await sixth.listen(port);
    named = ['::1'];
    expect(await said(ask('a.example'))).toBe('192.0.2.1 60');
    sixth.close();
  });

  test('so many different questions at once, and no more', async () => {
    first.say = () => [];
    second.say = () => [];
    const all = Promise.all(Array.from({ length: 500 }, (_, at) => forwarder.ask(ask(`n${at}.example`), isOwn)));
    expect(await forwarder.ask(ask('one-more.example'), isOwn)).toBeUndefined();
    for (let turn = 0; turn < 20; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      clock.advance(1_000);
    }
    expect((await all).every((found) => found === undefined)).toBe(true);
    expect(clock.pending).toBe(0);
  });
});

test('a cache holds so much and no more', () => {
  const cache = new Cache();
  const clock = new FakeClock(1_000_000);
  const passed = (bytes: number): PassedOn => ({ code: 0, isTruncated: false, isAuthentic: false, bytes: Buffer.alloc(bytes), answers: 0, authorities: 0, lives: [], goodMs: 1_000 });
  for (let at = 0; at < 6_000; at++) cache.put(`small ${at}`, passed(10), clock.now());
  expect([cache.size, cache.get('small 0', clock.now()), cache.get('small 5999', clock.now())?.agedSeconds]).toEqual([{ answers: 5_000, bytes: 50_000 }, undefined, 0]);
  for (let at = 0; at < 100; at++) cache.put(`large ${at}`, passed(65_000), clock.now());
  expect(cache.size.bytes).toBeLessThanOrEqual(4 * 1024 * 1024);
  clock.advance(1_000);
  expect(cache.get('large 99', clock.now())).toBeUndefined();
});

describe('the servers that a machine uses', () => {
  let directory: string;
  beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'kontena-resolv-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('are those of its files, read again when one of them is another', () => {
    const [file, behind] = [join(directory, 'resolv.conf'), join(directory, 'behind.conf')];
    const now = resolvers(file, behind);
    expect(now()).toEqual([]);
    writeFileSync(file, '# nameserver 192.0.2.9\nsearch example.com\nnameserver 192.0.2.1\nnameserver\t2001:db8::1\nnameserver nonsense\nnameserver 192.0.2.1\n');
    expect(now()).toEqual(['192.0.2.1', '2001:db8::1']);
    expect(now()).toBe(now());
    writeFileSync(file, 'nameserver 127.0.0.53\noptions edns0\n');
    expect(now()).toEqual(['127.0.0.53']);
    writeFileSync(behind, 'nameserver 192.0.2.2\n');
    expect(now()).toEqual(['192.0.2.2']);
  });

  test('its addresses are looked up again when a strange one asks, and not for each of those', () => {
    const clock = new FakeClock(1_000_000);
    let looks = 0;
    const addresses = ['192.0.2.1'];
    const isOwn = ownAddresses(clock, () => ((looks += 1), new Set(addresses)));
    expect([isOwn('192.0.2.1'), isOwn('192.0.2.9'), isOwn('192.0.2.9'), looks]).toEqual([true, false, false, 1]);
    addresses.push('192.0.2.9');
    clock.advance(1_000);
    expect([isOwn('192.0.2.9'), isOwn('192.0.2.1'), isOwn('192.0.2.9'), looks]).toEqual([true, true, true, 2]);
  });
});
