import type { Readable } from 'node:stream';
import type { Millis } from '../model/index.js';

/** As much is taken before it is read. */
const AHEAD_BYTES = 256 * 1024;
/** As much is kept of what a program has left behind. */
const LEFT_BEHIND_BYTES = 8 * 1024 * 1024;
const LOOK_EVERY_MS: Millis = 250;

/**
 * What a program writes, which is made to wait for its reader; but when it has ended, all that it left behind is taken at once:
 * the engine does not end a container while anything that one of its programs wrote is still to be read.
 *
 * @param isAlive whether the program is still there; asked while it waits
 */
export async function* unread(source: Readable, isAlive: () => Promise<boolean>): AsyncIterable<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  const over: { hasEnded: boolean; failure?: Error | undefined } = { hasEnded: false };
  let isLeft = false;
  let wake = (): void => undefined;

  const take = (piece: Buffer): void => {
    pieces.push(piece);
    bytes += piece.length;
    if (!isLeft && bytes >= AHEAD_BYTES) source.pause();
    if (bytes >= LEFT_BEHIND_BYTES) source.destroy();
    wake();
  };
  const end = (error?: Error): void => {
    over.hasEnded = true;
    over.failure ??= error;
    clearInterval(looking);
    wake();
  };
  const look = async (): Promise<void> => {
    if (isLeft || !source.isPaused() || (await isAlive())) return;
    isLeft = true;
    source.resume();
  };
  const looking = setInterval(() => void look(), LOOK_EVERY_MS);
  source.on('data', take).once('end', () => end()).once('close', () => end()).once('error', end);
  try {
    for (;;) {
      const piece = pieces.shift();
      if (piece !== undefined) {
        yield piece;
        bytes -= piece.length;
        if (bytes < AHEAD_BYTES) source.resume();
      } else if (over.hasEnded) break;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    if (over.failure !== undefined) throw over.failure;
  } finally {
    clearInterval(looking);
  }
}
