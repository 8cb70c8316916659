import { describe, expect, test } from '@jest/globals';
import packet, { type OptAnswer, type Packet } from 'dns-packet';
import fc from 'fast-check';
import type { NameAnswer } from '../ports/index.js';
import { isRefused, type Query, readQuery, writeAnswer, writeReply } from './message.js';
import { readPassedOn, writePassedOn } from './passed-on.js';
import { CODE } from './wire.js';

const OPT: OptAnswer = { type: 'OPT', name: '.', udpPayloadSize: 4_096, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] };
const ask = (name: string, type: 'A' | 'TXT' = 'A', over: Partial<Packet> = {}): Buffer => packet.encode({ type: 'query', id: 7, flags: packet.RECURSION_DESIRED, questions: [{ type, name }], ...over });
const queryOf = (bytes: Buffer): Query => {
  const query = readQuery(bytes);
  if (query === undefined || isRefused(query)) throw new Error(`not a query: ${JSON.stringify(query)}`);
  return query;
};
const refusalOf = (bytes: Buffer): number | undefined => {
  const query = readQuery(bytes);
  return query !== undefined && isRefused(query) ? query.code : undefined;
};
const addresses = (name: string, count: number): NameAnswer => ({
  kind: 'records', records: Array.from({ length: count }, (_, at) => ({ type: 'A', name, address: `10.81.${Math.floor(at / 250)}.${at % 250}` })), besides: [],
});
const written = (query: Query, answer: NameAnswer, bytes: number, isDatagram: boolean): Buffer => {
  if (answer.kind === 'elsewhere') throw new Error('nothing to write');
  return writeAnswer(query, answer, { bytes, isDatagram });
};

/** What a server of the world may say, with a type nobody here knows, and names that point to names before them. */
const SAID = packet.encode({
  type: 'response', id: 9, flags: packet.RECURSION_AVAILABLE, questions: [{ type: 'A', name: 'www.example.com' }],
  answers: [{ type: 'CNAME', name: 'www.example.com', ttl: 60, data: 'example.com' }, { type: 'A', name: 'example.com', ttl: 30, data: '192.0.2.1' }],
  authorities: [{ type: 'NS', name: 'example.com', ttl: 90, data: 'ns.example.com' }], additionals: [OPT],
});

describe('queries', () => {
  test('are read in the letters that came, with what the asker takes', () => {
    expect(queryOf(ask('Web.Kontena.local'))).toMatchObject({ id: 7, question: { name: 'Web.Kontena.local', type: 'A' }, maxBytes: 512, edns: undefined });
    expect(queryOf(ask('a.b', 'A', { additionals: [OPT] }))).toMatchObject({ maxBytes: 1_232, edns: { version: 0, isDnssecOk: false } });
    expect(queryOf(ask('a.b', 'A', { additionals: [{ ...OPT, udpPayloadSize: 10 }] })).maxBytes).toBe(512);
    expect(queryOf(ask('a.b', 'TXT')).question.type).toBe('TYPE16');
  });

  test('a dot within a label is not the end of one', () => {
    const dotted = ask('web_todo.kontena.local');
    dotted[dotted.indexOf('_')] = 0x2e;
    expect(queryOf(dotted).question.name).toBe('web\\.todo.kontena.local');
    dotted[dotted.indexOf('.')] = 0xff;
    expect(queryOf(dotted).question.name).toBe('web\\255todo.kontena.local');
  });

  test('of zones, of other classes, and what is none, are refused; answers are not heard', () => {
    const withType = (type: number, ofClass = 1): Buffer => {
      const bytes = ask('a.b');
      bytes.writeUInt16BE(type, bytes.length - 4);
      bytes.writeUInt16BE(ofClass, bytes.length - 2);
      return bytes;
    };
    const pointing = ask('abc');
    pointing[12] = 0xc0;
    expect([withType(252), withType(251), withType(16, 3)].map(refusalOf)).toEqual([CODE.refused, CODE.refused, CODE.refused]);
    expect([ask('a', 'A', { questions: [] }), ask('a.b').subarray(0, 18), pointing, ask('a', 'A', { additionals: [OPT, OPT] })].map(refusalOf)).toEqual(Array(4).fill(CODE.malformed));
    expect(refusalOf(ask('a', 'A', { flags: 2 << 11 }))).toBe(CODE.notImplemented);
    expect([readQuery(SAID), readQuery(Buffer.alloc(11))]).toEqual([undefined, undefined]);
  });
});

describe('answers', () => {
  test('carry the question as it came, and each address in sixteen bytes', () => {
    const query = queryOf(ask('WEB.kontena.local', 'A', { additionals: [OPT] }));
    const bytes = written(query, addresses('WEB.kontena.local', 60), 1_232, true);
    const decoded = packet.decode(bytes);
    expect([decoded.questions?.[0]?.name, decoded.answers?.length, decoded.answers?.[59]]).toEqual(['WEB.kontena.local', 60, expect.objectContaining({ name: 'WEB.kontena.local', data: '10.81.0.59', ttl: 5 })]);
    expect(bytes.length).toBeLessThan(1_020);
  });

  test('too many: by UDP none, and a word to ask by TCP; there as many as fit', () => {
    const query = queryOf(ask('web.kontena.local'));
    expect(packet.decode(written(query, addresses('web.kontena.local', 60), 512, true))).toMatchObject({ flag_tc: true, answers: [] });
    const most = written(query, addresses('web.kontena.local', 10_000), 65_535, false);
    expect([packet.decode(most).answers!.length > 4_000, packet.decode(most).flag_tc, most.length <= 65_535]).toEqual([true, false, true]);
  });

  test('where the zone begins, its start is an answer, and elsewhere only says how long a "no" may be kept', () => {
    const start = (name: string): Packet => packet.decode(written(queryOf(packet.encode({ type: 'query', id: 7, questions: [{ type: 'SOA', name }] })), { kind: 'none' }, 512, true));
    expect(start('Kontena.local')).toMatchObject({ answers: [{ type: 'SOA', name: 'kontena.local', ttl: 1 }], authorities: [] });
    expect(start('default.kontena.local')).toMatchObject({ answers: [], authorities: [{ type: 'SOA', name: 'kontena.local' }] });
  });

  test('a version of EDNS that is not known is said so', () => {
    const query = queryOf(ask('a.b', 'A', { additionals: [{ ...OPT, ednsVersion: 1 }] }));
    const [opt] = packet.decode(writeReply(query, { code: CODE.badVersion })).additionals!;
    expect([query.edns?.version, opt]).toEqual([1, expect.objectContaining({ type: 'OPT', extendedRcode: 1, ednsVersion: 0 })]);
  });
});

describe('what others answered', () => {
  const query = queryOf(ask('WWW.example.com'));

  test('comes to the asker as it was, but for its id, its letters and its age', () => {
    const passed = readPassedOn(query, 9, SAID)!;
    expect(passed).toMatchObject({ code: CODE.ok, answers: 2, authorities: 1, goodMs: 30_000 });
    const decoded = packet.decode(writePassedOn(query, passed, { agedSeconds: 10, maxBytes: 512 }));
    expect(decoded).toMatchObject({ id: 7, questions: [{ name: 'WWW.example.com' }], flag_ra: true, flag_aa: false, additionals: [] });
    expect(decoded.answers).toMatchObject([{ type: 'CNAME', ttl: 50, data: 'example.com' }, { type: 'A', ttl: 20, data: '192.0.2.1' }]);
    expect(packet.decode(writePassedOn(query, passed, { agedSeconds: 10, maxBytes: 60 }))).toMatchObject({ flag_tc: true, answers: [] });
  });

  test('is not believed when it answers something else', () => {
    const other = queryOf(ask('www.example.org'));
    expect([readPassedOn(query, 8, SAID), readPassedOn(other, 9, SAID), readPassedOn(queryOf(ask('www.example.com', 'TXT')), 9, SAID), readPassedOn(query, 9, SAID.subarray(0, 60))]).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('a "no" is kept as long as its zone says, and no failure at all', () => {
    const no = (flags: number, minimum: number): number | undefined => readPassedOn(query, 9, packet.encode({
      type: 'response', id: 9, flags, questions: [{ type: 'A', name: 'www.example.com' }],
      authorities: [{ type: 'SOA', name: 'com', ttl: 900, data: { mname: 'a', rname: 'b', serial: 1, refresh: 1, retry: 1, expire: 1, minimum } }],
    }))?.goodMs;
    expect([no(3, 20), no(0, 7), no(3, 900), no(2, 20)]).toEqual([20_000, 7_000, 30_000, 0]);
  });
});

describe('whatever comes', () => {
  /** A message with bytes changed, cut off, or put in. */
  const bent = (whole: Buffer) => fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }).chain((changes) => fc.tuple(fc.nat(whole.length), fc.uint8Array({ maxLength: 40 })).map(([at, noise]) => {
    const bytes = Buffer.from(whole);
    for (const [where, byte] of changes) bytes[where] = byte;
    return noise.length % 2 === 0 ? Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]) : noise.length > 30 ? bytes.subarray(0, at) : bytes;
  }));
  const runs = { numRuns: 20_000 };

  test('a query is refused or answered, never more than allowed, and under its own id', () => {
    const any = fc.oneof(fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)), bent(ask('web.kontena.local')), bent(ask('web.kontena.local', 'A', { additionals: [{ ...OPT, options: [{ code: 12, length: 8 }] }] })));
    fc.assert(fc.property(any, (bytes) => {
      const query = readQuery(bytes);
      if (query === undefined || isRefused(query)) return;
      const reply = written(query, addresses(query.question.name, 30), query.maxBytes, true);
      expect(reply.readUInt16BE(0)).toBe(bytes.readUInt16BE(0));
      expect(reply.length).toBeLessThanOrEqual(query.maxBytes);
      expect(reply.subarray(12, 12 + query.questionBytes.length)).toEqual(query.questionBytes);
    }), runs);
  });

  test('an answer of others is dropped, or passed on as something that can be read', () => {
    const query = queryOf(ask('www.example.com'));
    fc.assert(fc.property(bent(SAID), (bytes) => {
      const passed = readPassedOn(query, 9, bytes);
      if (passed === undefined) return;
      const reply = writePassedOn(query, passed, { agedSeconds: 3, maxBytes: 512 });
      expect([reply.length <= 512, reply.readUInt16BE(0)]).toEqual([true, 7]);
    }), runs);
  });
});
