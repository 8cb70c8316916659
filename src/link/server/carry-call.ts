import type { ServerDuplexStream } from '@grpc/grpc-js';
import { KontenaError, messageOf } from '../../model/index.js';
import type { Log, TwoWay } from '../../ports/index.js';
import { toStatus } from '../convert/errors.js';
import { endOfCall, type Talk } from '../convert/talk.js';
import type { Guard } from './guard.js';

/** Until both ends have ended, or until one has. */
export type Join<In, Out> = (target: TwoWay<In, Out>, caller: TwoWay<Out, In>) => Promise<void>;

export interface Carrying<Open, In, Out, Request, Answer> {
  readonly talk: Talk<Open, In, Out, Request, Answer>;
  readonly open: (what: Open, signal: AbortSignal) => TwoWay<In, Out>;
  readonly join: Join<In, Out>;
}

/** Serves one call in which both ends speak: the first message says what to open, all that follows is carried. */
export async function carryCall<Open, In, Out, Request, Answer>(call: ServerDuplexStream<Request, Answer>, { talk, open, join }: Carrying<Open, In, Out, Request, Answer>, { guard, log }: { readonly guard: Guard; readonly log: Log }): Promise<void> {
  const gone = new AbortController();
  call.on('cancelled', () => gone.abort());
  call.on('error', () => undefined); // the client left: whoever writes sees it
  let release = (): void => undefined;
  const messages = call.iterator({ destroyOnReturn: false }) as AsyncIterator<Request>;
  try {
    const target = open(await firstOf(messages, talk), gone.signal);
    release = guard.hold(call, (why) => gone.abort(why));
    await join(target, endOfCall({ call, messages, sent: talk.output, received: talk.input, close: () => undefined, explain: asError }));
    if (gone.signal.reason instanceof KontenaError) throw gone.signal.reason;
    call.end();
  } catch (error) {
    const reason: unknown = gone.signal.reason;
    if (gone.signal.aborted && !(reason instanceof KontenaError)) return;
    const why = reason instanceof KontenaError ? reason : error;
    if (!(why instanceof KontenaError)) log.error('what was carried both ways broke', { path: call.getPath(), reason: messageOf(why) });
    call.emit('error', toStatus(why));
  } finally {
    release();
    gone.abort();
  }
}

async function firstOf<Open, Request>(messages: AsyncIterator<Request>, { opening }: { readonly opening: (message: Request) => Open | undefined }): Promise<Open> {
  const first = await messages.next();
  const open = first.done === true ? undefined : opening(first.value);
  if (open === undefined) throw new KontenaError('KON_INVALID', 'a call that goes both ways begins with what is to be opened');
  return open;
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(messageOf(error)));
