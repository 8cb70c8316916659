import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { KontenaError } from '../../model/index.js';
import { toStatus } from '../convert/errors.js';
import { NodeLinkService } from '../gen/kontena/v1/node.js';

/** Refuses all but Join before a byte of the request is read. */
export const onlyJoin: ServerInterceptor = ({ path }, call) => {
  if (path === NodeLinkService.join.path) return new ServerInterceptingCall(call);
  const refusal = new KontenaError('KON_UNAUTHENTICATED', 'the master answers only to who shows a certificate that it has signed and that has not ended');
  return new ServerInterceptingCall(call, { start: () => call.sendStatus(toStatus(refusal)) });
};
