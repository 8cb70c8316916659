import type { LogLine, LogStream } from '../model/index.js';
import type { LogRecord } from '../ports/index.js';

/**
 * A record is a line of text: `2026-11-21T09:00:00.000000000Z o 57.1 what was written`; its moment, its stream, the round
 * and the run of its container. So a ring is read with any tool that reads lines.
 */
const MOMENT = 30;
const LETTER_AT = 31;
const ORIGIN_AT = 33;

const LETTER: Readonly<Record<LogStream, string>> = { stdout: 'o', stderr: 'e', hook: 'h', start: 's' };
const STREAM = Object.fromEntries(Object.entries(LETTER).map(([stream, letter]) => [letter, stream])) as Readonly<Record<string, LogStream>>;

const NEW_LINE = 0x0a;
const RETURN = 0x0d;

/** What a record says, but for its text. */
export interface Origin {
  readonly at: string;
  readonly stream: LogStream;
  readonly round: number;
  readonly run: number;
}

export function encode(records: readonly LogRecord[]): Buffer {
  const heads = records.map(({ at, stream, round, run }) => `${at.padEnd(MOMENT)} ${LETTER[stream]} ${String(round)}.${String(run)} `);
  const bytes = Buffer.allocUnsafe(records.reduce((sum, { text }, index) => sum + (heads[index]?.length ?? 0) + text.length + 1, 0));
  let at = 0;
  records.forEach(({ text }, index) => {
    at += bytes.write(heads[index] ?? '', at, 'latin1');
    bytes.set(text, at);
    at += text.length;
    if (bytes[at - 1] === RETURN) at -= 1; // as terminals end their lines
    at = bytes.writeUInt8(NEW_LINE, at);
  });
  return bytes.subarray(0, at);
}

/** The parts of a record; undefined for what is none. */
export function originOf(record: string): (Origin & { readonly textAt: number }) | undefined {
  const space = record.indexOf(' ', ORIGIN_AT);
  const stream = STREAM[record.charAt(LETTER_AT)];
  if (space === -1 || stream === undefined) return undefined;
  const dot = record.indexOf('.', ORIGIN_AT);
  return { at: record.slice(0, MOMENT), stream, round: Number(record.slice(ORIGIN_AT, dot)), run: Number(record.slice(dot + 1, space)), textAt: space + 1 };
}

export const recordsIn = (bytes: Buffer): readonly string[] => bytes.toString('utf8', 0, bytes.length - 1).split('\n');

export const momentOf = (record: string): string => record.slice(0, MOMENT);

/** The lines of records that are wanted, under the names of their rounds. */
export function linesOf(records: readonly string[], name: (round: number) => string, isWanted: (origin: Origin, text: string) => boolean): LogLine[] {
  const lines: LogLine[] = [];
  for (const record of records) {
    const origin = originOf(record);
    if (origin === undefined) continue;
    const line = record.slice(origin.textAt);
    if (isWanted(origin, line)) lines.push({ instance: name(origin.round), stream: origin.stream, at: origin.at, line, run: origin.run });
  }
  return lines;
}
