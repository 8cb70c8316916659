import { once } from 'node:events';
import type { sendUnaryData, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { KontenaError } from '../../model/index.js';
import type { Log } from '../../ports/index.js';
import { toStatus } from '../convert/errors.js';

type Handler<Request, Answer> = (call: ServerUnaryCall<Request, Answer>, callback: sendUnaryData<Answer>) => void;
type StreamHandler<Request, Answer> = (call: ServerWritableStream<Request, Answer>) => void;

/** A fault of ours is written down; a refusal is the caller's business. */
function note(log: Log, path: string, error: unknown): void {
  if (error instanceof KontenaError && error.code !== 'KON_INTERNAL') return;
  log.error('a call failed', { path, reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

/** Answers a call with what `work` gives, or refuses it with what it throws. */
export const unary = <Request, Answer>(log: Log, work: (call: ServerUnaryCall<Request, Answer>) => Promise<Answer>): Handler<Request, Answer> => (call, callback) => {
  const answer = async (): Promise<Answer> => work(call);
  answer().then(
    (value) => callback(null, value),
    (error: unknown) => {
      note(log, call.getPath(), error);
      callback(toStatus(error));
    },
  );
};

/** Answers a call with a stream, no faster than the client reads; the signal aborts when the client leaves. */
export const streaming = <Request, Answer>(
  log: Log,
  work: (call: ServerWritableStream<Request, Answer>, signal: AbortSignal) => AsyncIterable<Answer>,
): StreamHandler<Request, Answer> => (call) => {
  void serve(log, call, work);
};

async function serve<Request, Answer>(
  log: Log,
  call: ServerWritableStream<Request, Answer>,
  work: (call: ServerWritableStream<Request, Answer>, signal: AbortSignal) => AsyncIterable<Answer>,
): Promise<void> {
  const gone = new AbortController();
  call.on('cancelled', () => gone.abort());
  try {
    for await (const answer of work(call, gone.signal)) {
      if (isGone(gone.signal)) return;
      if (!call.write(answer)) await once(call, 'drain', { signal: gone.signal });
    }
    call.end();
  } catch (error) {
    if (isGone(gone.signal)) return;
    note(log, call.getPath(), error);
    call.emit('error', toStatus(error));
  }
}

const isGone = (signal: AbortSignal): boolean => signal.aborted;
