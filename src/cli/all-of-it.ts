import { Interrupted } from './exit.js';
import type { Host } from './host.js';

/** What comes in pieces, and is of use as a whole alone: left with Ctrl-C, it is not taken for one. @throws Interrupted */
export async function* allOfIt(host: Host, open: (signal: AbortSignal) => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const over = new AbortController();
  const forget = host.onInterrupt(() => over.abort());
  try {
    yield* open(over.signal);
    if (over.signal.aborted) throw new Interrupted('left before all of it had come; nothing is kept');
  } finally {
    forget();
  }
}

/** Onto stdout, as fast as it is read there. */
export async function writeOut(host: Host, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const console = await host.openConsole();
  for await (const piece of pieces) await console.write('stdout', piece);
}
