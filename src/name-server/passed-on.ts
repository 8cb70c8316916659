import type { Millis } from '../model/index.js';
import { type Query, writeReply, writeTruncated } from './message.js';
import { CODE, countsOf, FLAG, HEADER_BYTES, readQuestion, readRecords, TYPE, type WireQuestion, type WireRecord } from './wire.js';

/** An answer is kept no longer, whatever it says; a "no" neither. */
const LONGEST_SECONDS = 300;
const LONGEST_NO_SECONDS = 30;
const TYPE_AND_CLASS_BYTES = 4;

/** What another server answered: its answers and authorities as they came, so that also types we do not know arrive. What it added is left out. */
export interface PassedOn {
  readonly code: number;
  readonly isTruncated: boolean;
  readonly isAuthentic: boolean;
  /** From the end of its question to the end of its authorities. */
  readonly bytes: Buffer;
  readonly answers: number;
  readonly authorities: number;
  /** Where the lengths of life lie in those bytes. */
  readonly lives: readonly number[];
  /** How long it may be kept; 0: not at all. */
  readonly goodMs: Millis;
}

/** Reads what came for a query asked under this id; undefined when it is no answer to it, or cannot be read. */
export function readPassedOn(query: Query, id: number, bytes: Buffer): PassedOn | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt16BE(0) !== id || (bytes.readUInt16BE(2) & FLAG.response) === 0) return undefined;
  const code = bytes.readUInt16BE(2) & 0x0f;
  const [questions] = countsOf(bytes);
  if (questions === 0 && (code === CODE.malformed || code === CODE.notImplemented)) return { ...EMPTY, code }; // it may not have come as far as the question
  try {
    const asked = readQuestion(bytes);
    return questions === 1 && isSame(asked, query, bytes) ? readRest(bytes, asked.end) : undefined;
  } catch {
    return undefined;
  }
}

/** In whatever letters. */
const isSame = ({ name, end }: WireQuestion, { question, questionBytes }: Query, bytes: Buffer): boolean =>
  name.toLowerCase() === question.name.toLowerCase() && bytes.subarray(end - TYPE_AND_CLASS_BYTES, end).equals(questionBytes.subarray(-TYPE_AND_CLASS_BYTES));

function readRest(bytes: Buffer, from: number): PassedOn {
  const flags = bytes.readUInt16BE(2);
  const code = flags & 0x0f;
  const [, answers, authorities] = countsOf(bytes);
  const records = readRecords(bytes, from, answers + authorities);
  return {
    code, answers, authorities, isTruncated: (flags & FLAG.truncated) !== 0, isAuthentic: (flags & FLAG.authentic) !== 0,
    bytes: Buffer.from(bytes.subarray(from, records.at(-1)?.end ?? from)),
    lives: records.map(({ ttlAt }) => ttlAt - from),
    goodMs: secondsGood(bytes, code, records.slice(0, answers), records.slice(answers)) * 1000,
  };
}

const EMPTY: Omit<PassedOn, 'code'> = { isTruncated: false, isAuthentic: false, bytes: Buffer.alloc(0), answers: 0, authorities: 0, lives: [], goodMs: 0 };

/** The least of what its records say; a "no" as long as the zone says (RFC 2308, 5), and none where it does not. */
function secondsGood(bytes: Buffer, code: number, answers: readonly WireRecord[], authorities: readonly WireRecord[]): number {
  if (code !== CODE.ok && code !== CODE.unknown) return 0;
  if (code === CODE.ok && answers.length > 0) return Math.min(LONGEST_SECONDS, ...answers.map(({ ttl }) => ttl));
  const soa = authorities.find(({ type, dataAt, end }) => type === TYPE.soa && end - dataAt >= 4);
  return soa === undefined ? 0 : Math.min(LONGEST_NO_SECONDS, soa.ttl, bytes.readUInt32BE(soa.end - 4));
}

/** The same for this asker: under its id, with its question in its own letters, and so much older. */
export function writePassedOn(query: Query, passed: PassedOn, { agedSeconds, maxBytes }: { readonly agedSeconds: number; readonly maxBytes: number }): Buffer {
  const bytes = Buffer.from(passed.bytes);
  for (const at of passed.lives) bytes.writeUInt32BE(Math.max(0, bytes.readUInt32BE(at) - agedSeconds), at);
  const whole = writeReply(query, {
    code: passed.code, flags: passed.isAuthentic && (query.flags & FLAG.authentic) !== 0 ? FLAG.authentic : 0,
    answers: { count: passed.answers, bytes }, authorities: { count: passed.authorities, bytes: Buffer.alloc(0) },
  });
  return whole.length <= maxBytes ? whole : writeTruncated(query);
}
