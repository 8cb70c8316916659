import packet, { type Answer } from 'dns-packet';
import { parseAddress } from '../model/index.js';
import type { NameAnswer, NameQuestion, NameRecord } from '../ports/index.js';
import { type Edns, PLAIN_BYTES, readEdns, writeEdns } from './edns.js';
import { CODE, countsOf, FLAG, HEADER_BYTES, readQuestion, readRecords, TYPE } from './wire.js';

/** Seconds an answer may be kept: what changes is to be seen soon. */
const TTL_SECONDS = 5;
/** Seconds that a "no" may be kept. */
const NO_TTL_SECONDS = 1;
/** Where the question's name lies, as names are pointed to. */
const ASKED_NAME = 0xc000 | HEADER_BYTES;
const ADDRESS_RECORD_BYTES = 16;
const INTERNET = 1;
/** What kind of query it is: 0 asks for records. */
const OPCODE = 0x7800;
/** Of questions that ask for more than records, or for all there are of a zone: IXFR, AXFR, MAILB, MAILA. */
const FIRST_OF_ZONES = 251;
const LAST_OF_ZONES = 254;

const NO_RECORDS = Buffer.alloc(0);

/** A question as it came. */
export interface Query {
  readonly id: number;
  readonly question: NameQuestion;
  /** As it came, in its own letters. */
  readonly questionBytes: Buffer;
  readonly edns: Edns | undefined;
  /** How large an answer the asker takes in one datagram. */
  readonly maxBytes: number;
  /** What it wants of whoever answers: recursion, no checks, a word on authenticity. */
  readonly flags: number;
}

/** A response code in place of a query that cannot be answered. */
export interface Refused {
  readonly id: number;
  readonly code: number;
  /** As they came. */
  readonly flags: number;
}

/** Reads a query. Undefined for what deserves no answer: noise, and answers, which must never be answered. */
export function readQuery(bytes: Buffer): Query | Refused | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const [id, flags] = [bytes.readUInt16BE(0), bytes.readUInt16BE(2)];
  if ((flags & FLAG.response) !== 0) return undefined;
  if ((flags & OPCODE) !== 0) return { id, flags, code: CODE.notImplemented };
  try {
    return readStandard(bytes, id, flags);
  } catch {
    return { id, flags, code: CODE.malformed };
  }
}

/** @throws RangeError where it is cut off or makes no sense */
function readStandard(bytes: Buffer, id: number, flags: number): Query | Refused {
  const [questions, ...others] = countsOf(bytes);
  if (questions !== 1) return { id, flags, code: CODE.malformed };
  const asked = readQuestion(bytes);
  if (asked.end > bytes.length) return { id, flags, code: CODE.malformed };
  const [opt, second] = readRecords(bytes, asked.end, others[0] + others[1] + others[2]).filter(({ type }) => type === TYPE.opt);
  if (second !== undefined) return { id, flags, code: CODE.malformed };
  if (asked.class !== INTERNET || (asked.type >= FIRST_OF_ZONES && asked.type <= LAST_OF_ZONES)) return { id, flags, code: CODE.refused };
  const edns = opt === undefined ? undefined : readEdns(bytes, opt);
  return {
    id, edns, question: { name: asked.name, type: typeName(asked.type) }, questionBytes: bytes.subarray(HEADER_BYTES, asked.end), maxBytes: edns?.maxBytes ?? PLAIN_BYTES,
    flags: flags & (FLAG.recursionDesired | FLAG.unchecked | FLAG.authentic),
  };
}

const NAMES_OF_TYPES: Readonly<Record<number, string>> = { 1: 'A', 6: 'SOA', 12: 'PTR', 28: 'AAAA', 33: 'SRV' };
/** Others by number, as in RFC 3597. */
const typeName = (type: number): string => NAMES_OF_TYPES[type] ?? `TYPE${String(type)}`;

export const isRefused = (query: Query | Refused): query is Refused => 'code' in query;

/** An answer with nothing but a code. */
export function writeRefusal({ id, code, flags }: Refused): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt16BE(id, 0);
  bytes.writeUInt16BE(FLAG.response | (flags & (OPCODE | FLAG.recursionDesired)) | code, 2);
  return bytes;
}

/** Records as they go over the wire. */
export interface Section {
  readonly count: number;
  readonly bytes: Buffer;
}

const NOTHING: Section = { count: 0, bytes: NO_RECORDS };

/** What is said to a query beside the question itself. */
interface Reply {
  readonly code: number;
  readonly flags?: number;
  readonly answers?: Section;
  readonly authorities?: Section;
  readonly besides?: Section;
}

/** Puts an answer together. What goes beside it is left out where it does not fit. */
export function writeReply(query: Query, { code, flags = 0, answers = NOTHING, authorities = NOTHING, besides = NOTHING }: Reply, maxBytes = Number.POSITIVE_INFINITY): Buffer {
  const opt = query.edns === undefined ? NO_RECORDS : writeEdns({ isDnssecOk: query.edns.isDnssecOk, code });
  const needed = HEADER_BYTES + query.questionBytes.length + answers.bytes.length + authorities.bytes.length + opt.length;
  const extra = needed + besides.bytes.length <= maxBytes ? besides : NOTHING;
  const bytes = Buffer.allocUnsafe(needed + extra.bytes.length);
  const header = [query.id, FLAG.response | FLAG.recursionAvailable | (query.flags & (FLAG.recursionDesired | FLAG.unchecked)) | flags | (code & 0x0f), 1, answers.count, authorities.count, extra.count + (opt.length > 0 ? 1 : 0)];
  let at = 0;
  for (const word of header) at = bytes.writeUInt16BE(word, at);
  for (const part of [query.questionBytes, answers.bytes, authorities.bytes, extra.bytes, opt]) at += part.copy(bytes, at);
  return bytes;
}

/** Our own answer to a query. What is larger than a datagram may be says: ask again by TCP; by TCP there are as many records as fit. */
export function writeAnswer(query: Query, answer: Exclude<NameAnswer, { kind: 'elsewhere' }>, limit: { readonly bytes: number; readonly isDatagram: boolean }): Buffer {
  const flags = FLAG.authoritative;
  const { name, type } = query.question;
  if (answer.kind === 'none' && type === 'SOA' && name.toLowerCase() === OWN_ZONE) return writeReply(query, { code: CODE.ok, flags, answers: authorityFor(name) });
  if (answer.kind !== 'records') return writeReply(query, { code: answer.kind === 'unknown' ? CODE.unknown : CODE.ok, flags, authorities: authorityFor(name) });
  const whole = writeReply(query, { code: CODE.ok, flags, answers: sectionOf(answer.records, query), besides: sectionOf(answer.besides, query) }, limit.bytes);
  if (whole.length <= limit.bytes) return whole;
  return limit.isDatagram ? writeTruncated(query, flags) : writeAnswer(query, { ...answer, records: answer.records.slice(0, Math.floor((answer.records.length * limit.bytes) / whole.length)), besides: [] }, limit);
}

/** Says: ask again by TCP. */
export const writeTruncated = (query: Query, flags = 0): Buffer => writeReply(query, { code: CODE.ok, flags: flags | FLAG.truncated });

function sectionOf(records: readonly NameRecord[], { question }: Query): Section {
  if (records.length === 0) return NOTHING;
  const addresses = records.flatMap((record) => (record.type === 'A' && record.name === question.name ? [record.address] : []));
  return { count: records.length, bytes: addresses.length === records.length ? addressRecords(addresses) : encoded(records.map(recordTo)) };
}

/** Addresses of the name that was asked for, which need not say it again: three in four of all answers, and in a quarter of the room. */
function addressRecords(addresses: readonly string[]): Buffer {
  const bytes = Buffer.allocUnsafe(addresses.length * ADDRESS_RECORD_BYTES);
  let at = 0;
  for (const address of addresses) {
    for (const word of [ASKED_NAME, TYPE.a, INTERNET, 0, TTL_SECONDS, 4]) at = bytes.writeUInt16BE(word, at);
    at = bytes.writeUInt32BE(parseAddress(address) ?? 0, at);
  }
  return bytes;
}

/** Any records, each with its names in full. */
const encoded = (answers: Answer[]): Buffer => packet.encode({ answers }).subarray(HEADER_BYTES);

function recordTo(record: NameRecord): Answer {
  switch (record.type) {
    case 'A':
      return { type: 'A', name: record.name, ttl: TTL_SECONDS, data: record.address };
    case 'SRV':
      return { type: 'SRV', name: record.name, ttl: TTL_SECONDS, data: { target: record.target, port: record.port, priority: 0, weight: 0 } };
    case 'PTR':
      return { type: 'PTR', name: record.name, ttl: TTL_SECONDS, data: record.target };
  }
}

/** Goes with every "no" of a zone: how long that may be kept (RFC 2308). */
const startOf = (zone: string): readonly [string, Section] => [zone, {
  count: 1,
  bytes: encoded([{
    type: 'SOA', name: zone, ttl: NO_TTL_SECONDS,
    data: { mname: 'ns.kontena.local', rname: 'hostmaster.kontena.local', serial: 1, refresh: 3_600, retry: 600, expire: 86_400, minimum: NO_TTL_SECONDS },
  }]),
}];

const OWN_ZONE = 'kontena.local';
/** Of what we say no to: names, addresses, and names of one word, which are of the root. */
const ZONES: readonly (readonly [string, Section])[] = [OWN_ZONE, 'in-addr.arpa'].map(startOf);
const [, ROOT] = startOf('.');

/** A "no" of a zone that a name is not in is kept by nobody. */
function authorityFor(name: string): Section {
  const asked = `.${name.toLowerCase()}`;
  return ZONES.find(([zone]) => asked.endsWith(`.${zone}`))?.[1] ?? ROOT;
}
