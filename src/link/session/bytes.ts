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

/** Carries bytes both ways until both have ended or either breaks. @throws what broke it */
export async function join(one: ByteStream, other: ByteStream): Promise<void> {
  try {
    await Promise.all([carry(one, other), carry(other, one)]);
  } finally {
    one.close();
    other.close();
  }
}

async function carry(from: ByteStream, to: ByteStream): Promise<void> {
  for await (const bytes of from.received()) if (!(await to.send(bytes))) return;
  to.end();
}
