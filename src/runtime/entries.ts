import type { Readable } from 'node:stream';
import type { LogEntry } from '../ports/index.js';
import { type Frame, Frames } from './frames.js';

/** As much is taken before it is read; then the engine is made to wait, and no container: the engine has it on its disk. */
const AHEAD_BYTES = 512 * 1024;

const SPACE = 0x20;
const NEW_LINE = 0x0a;
/** Of `2026-11-21T09:00:00.000000000Z`. */
const MOMENT = 30;

/** What the engine sends of a container's log, those together that came together: a chunk for each line is its custom. */
export async function* logEntries(source: Readable): AsyncIterable<readonly LogEntry[]> {
  const frames = new Frames();
  for await (const bytes of gathered(source)) {
    const entries = frames.take(bytes).flatMap((frame) => entryOf(frame) ?? []);
    if (entries.length > 0) yield entries;
  }
}

/** The engine stamps each stretch, also those of one line, and ends with a new line what ended with one. */
function entryOf({ stream, bytes }: Frame): LogEntry | undefined {
  const space = bytes[MOMENT] === SPACE ? MOMENT : bytes.indexOf(SPACE);
  if (space === -1) return undefined;
  const isEnd = bytes[bytes.length - 1] === NEW_LINE;
  return { stream, at: utc(bytes.toString('latin1', 0, space)), text: bytes.subarray(space + 1, isEnd ? bytes.length - 1 : bytes.length), isEnd };
}

/** Some drivers stamp by the zone of the machine. */
function utc(at: string): string {
  if (at.endsWith('Z')) return at;
  return `${new Date(at).toISOString().slice(0, 19)}${at.slice(19, MOMENT - 1)}Z`;
}

/** All that has come since it was last asked, as one. */
async function* gathered(source: Readable): AsyncIterable<Buffer> {
  let chunks: Buffer[] = [];
  let bytes = 0;
  const over: { hasEnded: boolean; failure?: Error } = { hasEnded: false };
  let wake = (): void => undefined;
  const end = (failure?: Error): void => {
    over.hasEnded = true;
    if (failure !== undefined) over.failure ??= failure;
    wake();
  };
  source
    .on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= AHEAD_BYTES) source.pause();
      wake();
    })
    .once('end', () => end())
    .once('close', () => end())
    .once('error', end);
  try {
    for (;;) {
      if (chunks.length > 0) {
        const all = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes);
        chunks = [];
        bytes = 0;
        source.resume();
        yield all;
      } else if (over.hasEnded) break;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    source.destroy();
  }
  if (over.failure !== undefined) throw over.failure;
}
