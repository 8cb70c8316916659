import { CODE, TYPE, type WireRecord } from './wire.js';

/** The most we put into one datagram (the DNS flag day of 2020). */
const LARGEST_DATAGRAM_BYTES = 1_232;
/** What fits one where the asker says nothing (RFC 1035). */
export const PLAIN_BYTES = 512;
/** An option for local use (RFC 6891, 9): through which servers of ours a question came, eight bytes each. */
const WAY_OPTION = 65_001;
export const MARK_BYTES = 8;
/** Of the way: more than this is a circle that lost its marks. */
const LONGEST_WAY_BYTES = 8 * MARK_BYTES;
const DNSSEC_OK = 0x8000;

/** What an asker says of itself in the record OPT. */
export interface Edns {
  readonly version: number;
  readonly isDnssecOk: boolean;
  /** The largest answer it takes in one datagram, kept within what is sensible. */
  readonly maxBytes: number;
  /** Empty where the question comes from a container. */
  readonly way: Buffer;
}

/** @throws RangeError where an option is cut off */
export function readEdns(bytes: Buffer, { class: size, ttl, dataAt, end }: WireRecord): Edns {
  let way: Buffer = Buffer.alloc(0);
  for (let at = dataAt; at < end; ) {
    const [code, length] = [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)];
    if (at + 4 + length > end) throw new RangeError('an option is cut off');
    if (code === WAY_OPTION) way = bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return { version: (ttl >> 16) & 0xff, isDnssecOk: (ttl & DNSSEC_OK) !== 0, maxBytes: Math.min(LARGEST_DATAGRAM_BYTES, Math.max(PLAIN_BYTES, size)), way };
}

/** Our own OPT, for an answer or a question. @param code the response code, whose upper bits go here */
export function writeEdns({ isDnssecOk, code = CODE.ok, way }: { readonly isDnssecOk: boolean; readonly code?: number; readonly way?: Buffer }): Buffer {
  const optionBytes = way === undefined ? 0 : 4 + way.length;
  const bytes = Buffer.alloc(11 + optionBytes);
  bytes.writeUInt16BE(TYPE.opt, 1);
  bytes.writeUInt16BE(LARGEST_DATAGRAM_BYTES, 3);
  bytes.writeUInt8(code >> 4, 5);
  bytes.writeUInt16BE(isDnssecOk ? DNSSEC_OK : 0, 7);
  bytes.writeUInt16BE(optionBytes, 9);
  if (way === undefined) return bytes;
  bytes.writeUInt16BE(WAY_OPTION, 11);
  bytes.writeUInt16BE(way.length, 13);
  way.copy(bytes, 15);
  return bytes;
}

/** Whether a question has been through so many servers that it goes round, though none knows it. */
export const isLong = (way: Buffer): boolean => way.length >= LONGEST_WAY_BYTES;

/** Whether a question has been here before. */
export function isMarked(way: Buffer, mark: Buffer): boolean {
  for (let at = 0; at + MARK_BYTES <= way.length; at += MARK_BYTES) if (way.subarray(at, at + MARK_BYTES).equals(mark)) return true;
  return false;
}
