import type { LogBatch, LogLine, LogSearch, LogSubject } from '../../model/index.js';
import type { MasterSession } from './master-session.js';
import type { Stream } from './streams.js';

/** Lines in one message, and characters: far below the 4 MB a message may have. */
const MAX_LINES = 1_000;
const MAX_CHARACTERS = 128 * 1024;

/** Sends lines as fast as the other end takes them. */
export async function sendLines(stream: Stream, batches: AsyncIterable<LogBatch>): Promise<void> {
  for await (const batch of batches) {
    for (const part of parts(batch)) if (!(await stream.send({ kind: 'lines', ...part }))) return;
  }
}

interface Reading {
  readonly subject: LogSubject;
  readonly search: LogSearch;
}

/** The lines of a log on the node of a session. */
export async function* readLines({ streams }: Pick<MasterSession, 'streams'>, { subject, search }: Reading, signal: AbortSignal): AsyncIterable<LogBatch> {
  const stream = streams.open({ kind: 'logs', subject, search }, signal);
  try {
    for await (const data of stream.received()) if (data.kind === 'lines') yield { lines: data.lines, isCaughtUp: data.isCaughtUp };
  } finally {
    stream.close();
  }
}

/** A batch in messages; the last alone says that it is caught up. */
function* parts({ lines, isCaughtUp }: LogBatch): Iterable<LogBatch> {
  let from = 0;
  do {
    const part = fitting(lines, from);
    from += part.length;
    yield { lines: part, isCaughtUp: isCaughtUp && from >= lines.length };
  } while (from < lines.length);
}

/** As many as fit one message, and at least one if there is one. */
function fitting(lines: readonly LogLine[], from: number): readonly LogLine[] {
  let to = from;
  for (let characters = 0; to < Math.min(lines.length, from + MAX_LINES) && characters < MAX_CHARACTERS; to += 1) characters += lines[to]?.line.length ?? 0;
  return from === 0 && to === lines.length ? lines : lines.slice(from, to);
}
