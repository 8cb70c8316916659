import { PassThrough } from 'node:stream';
import type { ByteStream } from '../ports/index.js';

/** Bytes that come in, for somebody who reads them at their own pace: what is received ends when they have all of it, or says why not. */
export function sinkOf(consume: (bytes: AsyncIterable<Uint8Array>) => Promise<void>): ByteStream {
  const pipe = new PassThrough();
  const over = new Promise<false>((resolve) => pipe.once('close', () => resolve(false)));
  const done = consume(pipe).finally(() => pipe.destroy());
  done.catch(() => undefined); // told to whoever reads
  return {
    async *received() {
      await done;
      yield* [];
    },
    send: (bytes) => (pipe.destroyed ? over : Promise.race([over, new Promise<boolean>((resolve) => pipe.write(bytes, (error) => resolve((error ?? undefined) === undefined)))])),
    end: () => void pipe.end(),
    close: () => void pipe.destroy(),
  };
}
