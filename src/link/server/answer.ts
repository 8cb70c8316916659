import { type EventEmitter, once } from 'node:events';
import type { sendUnaryData, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { KontenaError, later } from '../../model/index.js';
import type { Clock, Log } from '../../ports/index.js';
import { toStatus } from '../convert/errors.js';
import { READER_LIMIT_MS } from '../limits.js';
import type { Call } from './peer.js';

type Handler<Request, Answer> = (call: ServerUnaryCall<Request, Answer>, callback: sendUnaryData<Answer>) => void;
interface Means {
  readonly log: Log;
  readonly clock: Clock;
  /** Calls `cut` when the caller may ask no more. Returns a function that lets go. */
  readonly hold: (call: Call, cut: (why: KontenaError) => void) => () => void;
}
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

/** Answers a call with a stream, no faster than the client reads; the signal aborts when the client leaves. Who stops reading is cut. */
export const streaming = <Request, Answer>(
  means: Means,
  work: (call: ServerWritableStream<Request, Answer>, signal: AbortSignal) => AsyncIterable<Answer>,
): StreamHandler<Request, Answer> => (call) => {
  void serve(means, call, work);
};

async function serve<Request, Answer>(
  { log, clock, hold }: Means,
  call: ServerWritableStream<Request, Answer>,
  work: (call: ServerWritableStream<Request, Answer>, signal: AbortSignal) => AsyncIterable<Answer>,
): Promise<void> {
  const gone = new AbortController();
  let release = (): void => undefined;
  call.on('cancelled', () => gone.abort());
  try {
    const answers = work(call, gone.signal);
    release = hold(call, (why) => gone.abort(why));
    for await (const answer of answers) {
      if (isGone(gone.signal)) break;
      if (!call.write(answer)) await drained(call, clock, gone.signal);
    }
    if (gone.signal.reason instanceof KontenaError) throw gone.signal.reason;
    call.end();
  } catch (error) {
    const reason: unknown = gone.signal.reason;
    if (isGone(gone.signal) && !(reason instanceof KontenaError)) return; // nobody is there to be told
    const why = reason instanceof KontenaError ? reason : error;
    note(log, call.getPath(), why);
    call.emit('error', toStatus(why));
  } finally {
    release();
  }
}

/** Resolves when the client has taken what was written. @throws KON_TIMEOUT when it takes nothing for long: what waits for it is memory */
async function drained(call: EventEmitter, clock: Clock, gone: AbortSignal): Promise<void> {
  const waiting = new AbortController();
  const leave = (): void => waiting.abort();
  const slow = new KontenaError('KON_TIMEOUT', `nothing of the answer was read for ${READER_LIMIT_MS / 1000} s`);
  const callOff = clock.at(later(clock.now(), READER_LIMIT_MS), () => waiting.abort(slow));
  gone.addEventListener('abort', leave, { once: true });
  try {
    await once(call, 'drain', { signal: waiting.signal });
  } catch (error) {
    throw waiting.signal.reason === slow ? slow : error;
  } finally {
    callOff();
    gone.removeEventListener('abort', leave);
  }
}

const isGone = (signal: AbortSignal): boolean => signal.aborted;
