import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { KontenaError } from '../../model/index.js';
import type { Access } from '../../ports/index.js';
import { toStatus } from '../convert/errors.js';
import { NodeLinkService } from '../gen/kontena/v1/node.js';
import { hostOf } from './peer.js';

/** Refuses all but Join before a byte of the request is read, and says so to `turnedAway`. */
export const onlyJoin = (turnedAway: Access['turnedAway']): ServerInterceptor => ({ path }, call) => {
  if (path === NodeLinkService.join.path) return new ServerInterceptingCall(call);
  const refusal = new KontenaError('KON_UNAUTHENTICATED', 'the master answers only to who shows a certificate that it has signed and that has not ended');
  turnedAway(hostOf(call.getPeer()), refusal.message);
  return new ServerInterceptingCall(call, { start: () => call.sendStatus(toStatus(refusal)) });
};
