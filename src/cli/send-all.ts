import type { ByteStream } from '../ports/index.js';

/** Sends all there is, as fast as it is taken, and waits until the other side has done with it. @throws KontenaError what it says */
export async function sendAll(target: ByteStream, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const done = (async () => {
    for await (const _nothing of target.received());
  })();
  const given = (async () => {
    for await (const piece of bytes) if (!(await target.send(piece))) return;
    target.end();
  })();
  try {
    await Promise.all([done, given]);
  } finally {
    target.close();
  }
}
