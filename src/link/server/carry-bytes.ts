import type { ServerDuplexStream } from '@grpc/grpc-js';
import { KontenaError, messageOf } from '../../model/index.js';
import type { ByteStream, Log } from '../../ports/index.js';
import { toStatus } from '../convert/errors.js';
import { forwardedBytes } from '../convert/forward.js';
import type * as wire from '../gen/kontena/v1/control.js';
import type { Guard } from './guard.js';
import { joinBytes } from '../join-bytes.js';

type Call = ServerDuplexStream<wire.ForwardMessage, wire.ForwardMessage>;

/** Serves one call of Forward: the first message says what to open, all that follows is carried both ways until both ends have ended. */
export async function carryBytes(call: Call, open: (what: wire.ForwardOpen, signal: AbortSignal) => ByteStream, { guard, log }: { readonly guard: Guard; readonly log: Log }): Promise<void> {
  const gone = new AbortController();
  call.on('cancelled', () => gone.abort());
  call.on('error', () => undefined); // the client left: whoever writes sees it
  let release = (): void => undefined;
  const messages = call.iterator({ destroyOnReturn: false }) as AsyncIterator<wire.ForwardMessage>;
  try {
    const target = open(await firstOf(messages), gone.signal);
    release = guard.hold(call, (why) => gone.abort(why));
    await joinBytes(forwardedBytes({ call, messages, close: () => undefined, explain: asError }), target);
    if (gone.signal.reason instanceof KontenaError) throw gone.signal.reason;
    call.end();
  } catch (error) {
    const reason: unknown = gone.signal.reason;
    if (gone.signal.aborted && !(reason instanceof KontenaError)) return;
    const why = reason instanceof KontenaError ? reason : error;
    if (!(why instanceof KontenaError)) log.error('a forwarded port failed', { reason: messageOf(why) });
    call.emit('error', toStatus(why));
  } finally {
    release();
    gone.abort();
  }
}

async function firstOf(messages: AsyncIterator<wire.ForwardMessage>): Promise<wire.ForwardOpen> {
  const first = await messages.next();
  const message = first.done === true ? undefined : first.value.message;
  if (message?.$case !== 'open') throw new KontenaError('KON_INVALID', 'a forwarded port begins with what is to be opened');
  return message.value;
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(messageOf(error)));
