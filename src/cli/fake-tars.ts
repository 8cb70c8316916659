import { KontenaError } from '../model/index.js';
import type { ByteStream } from '../ports/index.js';

/** Where a fake master has files, by the place that they were put. */
interface Holder {
  readonly tars: Map<string, Buffer>;
  readonly hangs: boolean;
}

/** The tar that was put somewhere, in pieces. */
export async function* tarOf({ tars, hangs }: Holder, at: string, signal?: AbortSignal): AsyncIterable<Uint8Array> {
  const tar = tars.get(at);
  if (tar === undefined) throw new KontenaError('KON_ENGINE_REFUSED', `cannot read ${at}: there is no such file`);
  for (let from = 0; from < tar.length; from += 1000) yield tar.subarray(from, from + 1000);
  await Promise.resolve(); // what comes over a wire does not come at once
  if (hangs) await new Promise((resolve) => signal?.addEventListener('abort', resolve));
}

/** Remembers the tar that is sent. */
export function intoTar({ tars }: Pick<Holder, 'tars'>, at: string): ByteStream {
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
