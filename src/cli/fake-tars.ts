import { KontenaError } from '../model/index.js';
import type { ByteStream } from '../ports/index.js';

/** Where a fake master keeps the tars that it was sent, and whether its answers come to no end. */
interface Keeper {
  readonly tars: Map<string, Buffer>;
  readonly hangs: boolean;
}

/** The tar that was put somewhere, in pieces. */
export async function* tarOf({ tars, hangs }: Keeper, at: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
  const tar = tars.get(at);
  if (tar === undefined) throw new KontenaError('KON_ENGINE_REFUSED', `cannot read ${at}: there is no such file`);
  for (let from = 0; from < tar.length; from += 1000) yield tar.subarray(from, from + 1000);
  if (hangs) await new Promise((resolve) => signal?.addEventListener('abort', resolve));
}

/** Remembers the tar that is sent. */
export function intoTar({ tars }: Keeper, at: string): ByteStream {
  const sent: Uint8Array[] = [];
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    async *received() {
      await ended;
      tars.set(at, Buffer.concat(sent));
      yield* [];
    },
    send: (bytes) => Promise.resolve(sent.push(bytes) > 0),
    end,
    close: () => undefined,
  };
}
