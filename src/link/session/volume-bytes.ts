import type { EngineVolume } from '../../model/index.js';
import { asBytes, sendBytes } from './two-way.js';
import type { MasterSession } from './master-session.js';

type Session = Pick<MasterSession, 'streams'>;

/** What is in a volume on the node of a session, as a tar. */
export async function* readVolume({ streams }: Session, name: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const stream = asBytes(streams.open({ kind: 'read-volume', name }, signal));
  try {
    yield* stream.received();
  } finally {
    stream.close();
  }
  signal.throwIfAborted(); // a part of it would look like the whole
}

/** Puts what a tar holds into a volume on the node of a session. */
export async function writeVolume({ streams }: Session, { volume, tar }: { readonly volume: EngineVolume; readonly tar: AsyncIterable<Uint8Array> }, signal: AbortSignal): Promise<void> {
  const stream = asBytes(streams.open({ kind: 'write-volume', volume }, signal));
  try {
    await sendBytes(stream, tar);
    for await (const _nothing of stream.received()); // it closes when all is in its place, or says why not
  } finally {
    stream.close();
  }
  signal.throwIfAborted();
}
