import { LOG_STREAMS, type LogLine, type LogSearch } from '../../model/index.js';
import type * as wire from '../gen/kontena/v1/control.js';
import { defined, orAbsent } from './plain.js';
import { oneOf } from './words.js';

export const searchTo = ({ follow, tail, since = '', grep = '', isPrevious = false }: LogSearch): wire.LogSearch => ({ follow, tail, since, grep, isPrevious });

export const searchFrom = ({ follow, tail, since, grep, isPrevious }: wire.LogSearch = { follow: false, tail: undefined, since: '', grep: '', isPrevious: false }): LogSearch =>
  defined({ follow, tail, since: orAbsent(since), grep: orAbsent(grep), isPrevious });

/** Lines as they are put on the wire, those of a batch in one message. */
export async function* linesTo(batches: AsyncIterable<readonly LogLine[]>): AsyncIterable<wire.LogsResponse> {
  for await (const lines of batches) yield { lines: lines.map(({ run = 0, ...line }) => ({ ...line, run })) };
}

export async function* linesFrom(messages: AsyncIterable<wire.LogsResponse>): AsyncIterable<readonly LogLine[]> {
  for await (const { lines } of messages) yield lines.map(({ run, stream, ...line }) => ({ ...line, stream: oneOf('stream', LOG_STREAMS, stream), ...(run === 0 ? {} : { run }) }));
}
