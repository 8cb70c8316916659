/** Where things lie in a message (RFC 1035, 4.1). Read in place: what is passed on must stay as it came, also where we do not know its type. */

export const HEADER_BYTES = 12;
const LONGEST_NAME_BYTES = 255;
const LABEL = 0x00;
const POINTER = 0xc0;
/** Type, class, time to live, length. */
const RECORD_HEAD_BYTES = 10;

/** Types of records that mean something here. */
export const TYPE = { a: 1, soa: 6, opt: 41 } as const;
/** Response codes. */
export const CODE = { ok: 0, malformed: 1, failed: 2, unknown: 3, notImplemented: 4, refused: 5, badVersion: 16 } as const;
/** Bits of the header's second word. */
export const FLAG = { response: 0x8000, authoritative: 0x0400, truncated: 0x0200, recursionDesired: 0x0100, recursionAvailable: 0x0080, authentic: 0x0020, unchecked: 0x0010 } as const;

export interface WireQuestion {
  /** As people write it, in the letters that came: `Web.todo.default.kontena.local`; a dot within a label is `\.`. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** Where it ends. */
  readonly end: number;
}

/** A record, and where its parts begin. */
export interface WireRecord {
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  readonly ttlAt: number;
  readonly dataAt: number;
  readonly end: number;
}

/** The first question. @throws RangeError where it is none, or cut off */
export function readQuestion(bytes: Buffer): WireQuestion {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = bytes.readUInt8(at); length !== 0; length = bytes.readUInt8(at)) {
    if ((length & POINTER) !== LABEL) throw new RangeError('a question has no name before it to point to');
    const end = at + 1 + length;
    if (end - HEADER_BYTES >= LONGEST_NAME_BYTES || end >= bytes.length) throw new RangeError('a name is too long');
    labels.push(labelText(bytes.toString('latin1', at + 1, end)));
    at = end;
  }
  return { name: labels.join('.'), type: bytes.readUInt16BE(at + 1), class: bytes.readUInt16BE(at + 3), end: at + 5 };
}

/** So that nothing within a label passes for the end of one. */
const labelText = (label: string): string =>
  /^[\w-]*$/.test(label) ? label : label.replace(/[^!-~]|[.\\]/g, (char) => (/[.\\]/.test(char) ? `\\${char}` : `\\${String(char.charCodeAt(0)).padStart(3, '0')}`));

/** So many records from there on. @throws RangeError where one is cut off */
export function readRecords(bytes: Buffer, from: number, count: number): readonly WireRecord[] {
  const records: WireRecord[] = [];
  for (let at = from; records.length < count; ) {
    const head = afterName(bytes, at);
    const dataAt = head + RECORD_HEAD_BYTES;
    const end = dataAt + bytes.readUInt16BE(head + 8);
    if (end > bytes.length) throw new RangeError('a record is cut off');
    records.push({ type: bytes.readUInt16BE(head), class: bytes.readUInt16BE(head + 2), ttl: bytes.readUInt32BE(head + 4), ttlAt: head + 4, dataAt, end });
    at = end;
  }
  return records;
}

function afterName(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const length = bytes.readUInt8(at);
    if (length === 0) return at + 1;
    if ((length & POINTER) === POINTER) return at + 2;
    if ((length & POINTER) !== LABEL) throw new RangeError('a label is of no known kind');
    at += 1 + length;
  }
}

/** Numbers of questions, answers, authorities and additionals. */
export const countsOf = (bytes: Buffer): readonly [number, number, number, number] => [bytes.readUInt16BE(4), bytes.readUInt16BE(6), bytes.readUInt16BE(8), bytes.readUInt16BE(10)];

/** With its length before it, as it goes by TCP. */
export function framed(bytes: Buffer): Buffer {
  const whole = Buffer.allocUnsafe(2 + bytes.length);
  whole.writeUInt16BE(bytes.length, 0);
  bytes.copy(whole, 2);
  return whole;
}
