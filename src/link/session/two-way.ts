import type { ProgramInput, ProgramOutput } from '../../model/index.js';
import type { ByteStream, RunningProgram, TwoWay } from '../../ports/index.js';
import type { StreamData } from './messages.js';
import type { Stream } from './streams.js';

/** Bytes in one message of a stream. */
const MAX_BYTES = 64 * 1024;

/** A stream of the link as bytes. */
export function asBytes(stream: Stream): ByteStream {
  const end = endOf<Bytes, Bytes>(stream, (data) => data.kind === 'bytes');
  return {
    ...end,
    send: (bytes) => end.send({ kind: 'bytes', bytes }),
    async *received() {
      for await (const { bytes } of end.received()) yield bytes;
    },
  };
}

/** A stream of the link as the program at its other end. */
export const asProgram = (stream: Stream): RunningProgram => endOf<ProgramInput, ProgramOutput>(stream, (data) => OUTPUT.has(data.kind));

/** A stream of the link as whoever speaks with a program at this end. */
export const asCaller = (stream: Stream): TwoWay<ProgramOutput, ProgramInput> => endOf<ProgramOutput, ProgramInput>(stream, (data) => INPUT.has(data.kind));

const INPUT: ReadonlySet<StreamData['kind']> = new Set<ProgramInput['kind']>(['input', 'inputEnd', 'resize', 'signal']);
const OUTPUT: ReadonlySet<StreamData['kind']> = new Set<ProgramOutput['kind']>(['output', 'exit']);

type Bytes = Extract<StreamData, { readonly kind: 'bytes' }>;

/** @param isTheirs what the other end says; anything else is passed over */
const endOf = <Sent extends StreamData, Received extends StreamData>(stream: Stream, isTheirs: (data: StreamData) => boolean): TwoWay<Sent, Received> => ({
  async *received() {
    for await (const data of stream.received()) if (isTheirs(data)) yield data as Received;
  },
  send: async (item) => {
    for (const piece of piecesOf(item)) if (!(await stream.send(piece))) return false;
    return !stream.signal.aborted;
  },
  end: () => stream.end(),
  close: () => stream.close(),
});

/** What holds many bytes in several messages, of the same kind each. */
function* piecesOf(item: StreamData): Iterable<StreamData> {
  if (!('bytes' in item)) yield item;
  else for (let from = 0; from < item.bytes.length; from += MAX_BYTES) yield { ...item, bytes: item.bytes.subarray(from, from + MAX_BYTES) };
}
