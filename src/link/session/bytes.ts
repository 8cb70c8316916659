import type { ByteStream } from '../../ports/index.js';
import type { Stream } from './streams.js';

/** Bytes in one message of a stream. */
const MAX_BYTES = 64 * 1024;

/** A stream of the link as bytes. */
export const asBytes = (stream: Stream): ByteStream => ({
  async *received() {
    for await (const data of stream.received()) if (data.kind === 'bytes') yield data.bytes;
  },
  send: async (bytes) => {
    for (let from = 0; from < bytes.length; from += MAX_BYTES) {
      if (!(await stream.send({ kind: 'bytes', bytes: bytes.subarray(from, from + MAX_BYTES) }))) return false;
    }
    return !stream.signal.aborted;
  },
  end: () => stream.end(),
  close: () => stream.close(),
});

/** Sends all there is, and says that it was all. */
export async function sendBytes(to: ByteStream, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of bytes) if (!(await to.send(piece))) return;
  to.end();
}
