import { ServerInterceptingCall, type ServerInterceptingCallInterface, type ServerInterceptor } from '@grpc/grpc-js';
import { KontenaError } from '../../model/index.js';
import type { Access, Clock } from '../../ports/index.js';
import { toStatus } from '../convert/errors.js';
import { NodeLinkService } from '../gen/kontena/v1/node.js';
import { SignInService } from '../gen/kontena/v1/sign_in.js';
import { STRANGER_REQUESTS } from '../limits.js';
import { Crowd } from './crowd.js';
import { originOf } from './origin.js';
import { bearerIn, hostOf } from './peer.js';
import { quotas } from './quota.js';

export interface StrangersOptions {
  readonly access: Pick<Access, 'admitToken' | 'turnedAway'>;
  readonly clock: Clock;
  /** The connection of this peer is a client's from now on: somebody has shown a token on it. */
  readonly promote: (peer: string, who: string) => void;
  /** A request was not received to its end, because others of that origin wanted its place. */
  readonly onDropped: (origin: string) => void;
}

/** What is answered to those who have neither certificate nor token. */
const OPEN: ReadonlySet<string> = new Set([NodeLinkService.join.path, ...Object.values(SignInService).map(({ path }) => path)]);

/**
 * For those who have shown no certificate. Before a byte of a request is read it is known whether it may be asked without,
 * or whose token comes with it; all else is refused.
 */
export function strangers(options: StrangersOptions): ServerInterceptor {
  const receiving = new Crowd(STRANGER_REQUESTS, options.onDropped);
  const quota = quotas({ clock: options.clock, whose: (_call, metadata) => nameIn(bearerIn(metadata)) });
  return (method, call) => (OPEN.has(method.path) ? bounded(call, receiving) : quota(method, known(call, options)));
}

/** Which token it is, as far as it is no secret. */
const nameIn = (token: string | undefined): string => token?.split('.', 1)[0] ?? '';

/** A request that begins and does not come to its end gives way to others. */
function bounded(call: ServerInterceptingCallInterface, receiving: Crowd): ServerInterceptingCall {
  const tooMany = new KontenaError('KON_BUSY', 'too many requests are being received from those who have no certificate');
  let leave = (): void => undefined;
  return new ServerInterceptingCall(call, {
    start: (next) => next({
      onReceiveMetadata: (metadata, goOn) => {
        leave = receiving.enter(originOf(hostOf(call.getPeer())), () => call.sendStatus(toStatus(tooMany)));
        goOn(metadata);
      },
      onReceiveHalfClose: (goOn) => {
        leave();
        goOn();
      },
      onCancel: () => leave(),
    }),
  });
}

function known(call: ServerInterceptingCallInterface, { access, promote }: StrangersOptions): ServerInterceptingCall {
  return new ServerInterceptingCall(call, {
    start: (next) => next({
      onReceiveMetadata: (metadata, goOn) => {
        const peer = call.getPeer();
        try {
          const token = bearerIn(metadata);
          if (token === undefined) throw turnedAway(access, hostOf(peer));
          access.admitToken(token, hostOf(peer));
          promote(peer, nameIn(token));
        } catch (why) {
          call.sendStatus(toStatus(why));
          return;
        }
        goOn(metadata);
      },
    }),
  });
}

function turnedAway(access: Pick<Access, 'turnedAway'>, from: string): KontenaError {
  const refusal = new KontenaError('KON_UNAUTHENTICATED', 'the master answers only to who shows a certificate that it has signed and that has not ended, or a token of its own');
  access.turnedAway(from, refusal.message);
  return refusal;
}
