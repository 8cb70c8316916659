import packet, { type DecodedPacket, type OptAnswer, type Packet, type Question } from 'dns-packet';
import type { NameAnswer, NameRecord } from '../ports/index.js';

/** Seconds an answer may be kept: what changes is to be seen soon. */
const TTL_SECONDS = 5;
/** Seconds that a "no" may be kept. */
const NO_TTL_SECONDS = 1;
/** What fits a datagram where the asker says nothing (RFC 1035), and what we put into one at most (the DNS flag day of 2020). */
const PLAIN_BYTES = 512;
const LARGEST_BYTES = 1_232;
const HEADER_BYTES = 12;

const ZONE = 'kontena.local';

/** Response codes of RFC 1035. */
export const CODE = { ok: 0, malformed: 1, failed: 2, unknown: 3, notImplemented: 4, refused: 5 } as const;

/** A question as it came. */
export interface Query {
  readonly id: number;
  readonly question: Question;
  /** How large an answer the asker takes in one datagram. */
  readonly maxBytes: number;
  readonly hasEdns: boolean;
  readonly isRecursionDesired: boolean;
  readonly bytes: Buffer;
}

/** A response code in place of a query that cannot be answered. */
export interface Refused {
  readonly id: number;
  readonly code: number;
}

/** Reads a query. Undefined for what deserves no answer: noise, and answers, which must never be answered. */
export function readQuery(bytes: Buffer): Query | Refused | undefined {
  if (bytes.length < HEADER_BYTES || (bytes.readUInt8(2) & 0x80) !== 0) return undefined;
  const id = bytes.readUInt16BE(0);
  if (((bytes.readUInt8(2) >> 3) & 0x0f) !== 0) return { id, code: CODE.notImplemented };
  if (bytes.readUInt16BE(4) !== 1) return { id, code: CODE.malformed };
  try {
    const decoded = packet.decode(bytes);
    const question = decoded.questions?.[0];
    if (question === undefined) return { id, code: CODE.malformed };
    const edns = decoded.additionals?.find((one): one is OptAnswer => one.type === 'OPT');
    const maxBytes = edns === undefined ? PLAIN_BYTES : Math.min(LARGEST_BYTES, Math.max(PLAIN_BYTES, edns.udpPayloadSize));
    return { id, question, maxBytes, hasEdns: edns !== undefined, isRecursionDesired: decoded.flag_rd, bytes };
  } catch {
    return { id, code: CODE.malformed };
  }
}

export const isRefused = (query: Query | Refused): query is Refused => 'code' in query;

/** An answer with nothing but a code. */
export function writeRefusal({ id, code }: Refused): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt16BE(id, 0);
  bytes.writeUInt8(0x80, 2);
  bytes.writeUInt8(code, 3);
  return bytes;
}

/** Our own answer to a query; where it is larger than `maxBytes`, one that says: ask again by TCP. */
export function writeAnswer(query: Query, answer: Exclude<NameAnswer, { kind: 'elsewhere' }>, maxBytes: number): Buffer {
  const isFound = answer.kind === 'records';
  const whole = packet.encode({
    ...head(query, answer.kind === 'unknown' ? CODE.unknown : CODE.ok, packet.AUTHORITATIVE_ANSWER),
    answers: isFound ? answer.records.map(recordTo) : [],
    authorities: isFound ? [] : [authority()],
    additionals: [...(isFound ? answer.besides.map(recordTo) : []), ...opt(query)],
  });
  return whole.length <= maxBytes ? whole : writeTruncated(query, packet.AUTHORITATIVE_ANSWER);
}

/** Says: ask again by TCP. */
export const writeTruncated = (query: Query, flags = 0): Buffer => packet.encode({ ...head(query, CODE.ok, flags | packet.TRUNCATED_RESPONSE), answers: [], additionals: opt(query) });

/** Nobody could be asked, or nobody answered. */
export const writeFailure = (query: Query): Buffer => packet.encode({ ...head(query, CODE.failed, 0), answers: [], additionals: opt(query) });

/** What another server answered, for this asker: with its id, and its question in its own letters. */
export function writeForwarded(query: Query, response: DecodedPacket, agedSeconds: number): Buffer {
  const aged = <T extends { ttl?: number; type: string }>(records: readonly T[] | undefined): T[] =>
    (records ?? []).filter(({ type }) => type !== 'OPT').map((one) => ({ ...one, ttl: Math.max(0, (one.ttl ?? 0) - agedSeconds) }));
  return packet.encode({
    type: 'response', id: query.id, questions: [query.question],
    flags: packet.RECURSION_AVAILABLE | (query.isRecursionDesired ? packet.RECURSION_DESIRED : 0) | codeOf(response),
    answers: aged(response.answers as never), authorities: aged(response.authorities as never), additionals: [...aged(response.additionals as never), ...opt(query)] as never,
  });
}

/** The response code of what was decoded. */
export const codeOf = (response: DecodedPacket): number => (response.flags ?? 0) & 0x0f;

function head({ id, question, isRecursionDesired }: Query, code: number, flags: number): Packet {
  return { type: 'response', id, questions: [question], flags: flags | packet.RECURSION_AVAILABLE | (isRecursionDesired ? packet.RECURSION_DESIRED : 0) | code };
}

const opt = ({ hasEdns }: Query): OptAnswer[] =>
  hasEdns ? [{ type: 'OPT', name: '.', udpPayloadSize: LARGEST_BYTES, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] }] : [];

function recordTo(record: NameRecord): NonNullable<Packet['answers']>[number] {
  switch (record.type) {
    case 'A':
      return { type: 'A', name: record.name, ttl: TTL_SECONDS, data: record.address };
    case 'SRV':
      return { type: 'SRV', name: record.name, ttl: TTL_SECONDS, data: { target: record.target, port: record.port, priority: 0, weight: 0 } };
    case 'PTR':
      return { type: 'PTR', name: record.name, ttl: TTL_SECONDS, data: record.target };
  }
}

/** Goes with every "no": how long that may be kept (RFC 2308). */
const authority = (): NonNullable<Packet['authorities']>[number] => ({
  type: 'SOA', name: ZONE, ttl: NO_TTL_SECONDS,
  data: { mname: `ns.${ZONE}`, rname: `hostmaster.${ZONE}`, serial: 1, refresh: 3_600, retry: 600, expire: 86_400, minimum: NO_TTL_SECONDS },
});
