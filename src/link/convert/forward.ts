import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { ByteStream } from '../../ports/index.js';
import type * as wire from '../gen/kontena/v1/control.js';

/** Bytes in one message: far below the 4 MB it may have. */
const MAX_BYTES = 256 * 1024;

export interface Ends {
  /** What the other end of the call says, after `open`. */
  readonly messages: AsyncIterator<unknown>;
  readonly call: Writable;
  readonly close: () => void;
  /** In the words of our table. */
  readonly explain: (error: unknown) => Error;
}

/** One end of a call of Forward as bytes. */
export const forwardedBytes = ({ messages, call, close, explain }: Ends): ByteStream => ({
  async *received() {
    try {
      for (let next = await messages.next(); next.done !== true; next = await messages.next()) {
        const { message } = next.value as wire.ForwardMessage;
        if (message?.$case === 'bytes') yield message.value;
      }
    } catch (error) {
      throw explain(error);
    }
  },
  send: async (bytes) => {
    for (let from = 0; from < bytes.length; from += MAX_BYTES) {
      if (call.destroyed || call.writableEnded) return false;
      const piece = bytes.subarray(from, from + MAX_BYTES);
      const value = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      if (!call.write({ message: { $case: 'bytes', value } } satisfies wire.ForwardMessage)) await drained(call);
    }
    return !call.destroyed;
  },
  end: () => void call.end(),
  close,
});

/** Resolves when the call takes more, or never will. */
async function drained(call: Writable): Promise<void> {
  const over = new AbortController();
  const stop = (): void => over.abort();
  call.once('close', stop).once('error', stop);
  await once(call, 'drain', { signal: over.signal }).catch(() => undefined);
  call.off('close', stop).off('error', stop);
}
