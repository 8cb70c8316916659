import type { ServerUnaryCall } from '@grpc/grpc-js';
import type { Knock, Log, SignedIn, SignIn } from '../../ports/index.js';
import type * as wire from '../gen/kontena/v1/sign_in.js';
import { unary } from './answer.js';
import { originOf } from './origin.js';
import { hostOf } from './peer.js';

/** SignIn as gRPC serves it, to whoever knocks. */
export const signInService = (signIn: SignIn, log: Log): wire.SignInServer => ({
  ways: unary(log, () => Promise.resolve({ ways: [...signIn.ways()] })),
  begin: unary(log, async (call: ServerUnaryCall<wire.BeginRequest, wire.BeginResponse>) => {
    const { redirect, key } = call.request;
    const { id, url, code = '' } = await signIn.begin({ ...knockOf(call, key), ...(redirect === '' ? {} : { redirect }) });
    return { id, url, code };
  }),
  complete: unary(log, async (call: ServerUnaryCall<wire.CompleteRequest, wire.CompleteResponse>) => {
    const { id, answer } = call.request;
    const session = await signIn.complete(id, answer === '' ? undefined : answer);
    return session === undefined ? {} : { session: sessionTo(session) };
  }),
  withPassword: unary(log, async (call: ServerUnaryCall<wire.WithPasswordRequest, wire.WithPasswordResponse>) => {
    const { user, password, key } = call.request;
    return { session: sessionTo(await signIn.withPassword({ ...knockOf(call, key), user, password })) };
  }),
});

function knockOf(call: Pick<ServerUnaryCall<unknown, unknown>, 'getPeer'>, key: wire.KeyProof | undefined): Knock {
  const from = hostOf(call.getPeer());
  return { key: key ?? { publicKey: new Uint8Array(), proof: new Uint8Array() }, from, origin: originOf(from) };
}

const sessionTo = ({ user, certificate, ca, endsAt }: SignedIn): wire.SignedIn => ({ user, certificate, authorities: ca, endsAtMs: endsAt });
