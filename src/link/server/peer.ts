import { X509Certificate } from 'node:crypto';
import type { ServerUnaryCall } from '@grpc/grpc-js';
import { KontenaError } from '../../model/index.js';
import type { Caller } from '../../ports/index.js';
import { keyFingerprint, ROLES, type Role } from '../pki/index.js';
import type { Peer } from '../session/index.js';

type Call = Pick<ServerUnaryCall<unknown, unknown>, 'getAuthContext' | 'getPeer'>;

/** Who calls, as the certificate says that TLS has verified. @throws KON_UNAUTHENTICATED without one */
function identify(call: Call): { readonly role: Role; readonly name: string; readonly grid: string; readonly raw: Buffer } {
  const certificate = call.getAuthContext().sslPeerCertificate;
  if (certificate === undefined) throw new KontenaError('KON_UNAUTHENTICATED', 'the master answers only to who shows a certificate that it has signed and that has not ended');
  const { CN, O, OU } = certificate.subject;
  const role = ROLES.find((one) => one === OU);
  if (role === undefined || typeof CN !== 'string' || typeof O !== 'string') throw new KontenaError('KON_FORBIDDEN', 'this certificate opens nothing here');
  return { role, name: CN, grid: O, raw: certificate.raw };
}

/** @throws KON_UNAUTHENTICATED, KON_FORBIDDEN for agents */
export function requireAdmin(call: Call): Caller {
  const { role, name } = identify(call);
  if (role !== 'admin') throw new KontenaError('KON_FORBIDDEN', `the certificate of ${role} ${name} opens the link of its node only`);
  return { name, role };
}

/** @throws KON_UNAUTHENTICATED, KON_FORBIDDEN for anyone but agents */
export function requireAgent(call: Call): Peer {
  const { role, name, grid, raw } = identify(call);
  if (role !== 'agent') throw new KontenaError('KON_FORBIDDEN', `the link is for agents; ${name} is not one`);
  return { grid, name, keyFingerprint: keyFingerprint(new X509Certificate(raw).publicKey), ...addressOf(call.getPeer()) };
}

/** `192.0.2.7` of `192.0.2.7:51234`, or of `[::ffff:192.0.2.7]:51234`. Networks of grids know no other addresses. */
function addressOf(peer: string): Pick<Peer, 'address'> {
  const address = /(\d+\.\d+\.\d+\.\d+)\]?:\d+$/.exec(peer)?.[1];
  return address === undefined ? {} : { address };
}

/** @throws KON_UNAUTHENTICATED */
export function requireAnyone(call: Call): void {
  identify(call);
}
