import { X509Certificate } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';
import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { KontenaError } from '../../model/index.js';
import { keyFingerprint, machineIn, ROLES, type Role } from '../pki/index.js';
import type { Peer } from '../session/index.js';

export type Call = Pick<ServerUnaryCall<unknown, unknown>, 'getAuthContext' | 'getPeer' | 'metadata'>;

/** The token that a program shows: `authorization: Bearer TOKEN`, as HTTP has it. */
export const bearerIn = (metadata: Metadata): string | undefined => /^bearer +(\S+) *$/i.exec(String(metadata.get('authorization')[0] ?? ''))?.[1];

/** What a certificate of ours opens; undefined when it is none of ours. */
export const roleOf = ({ subject }: PeerCertificate): Role | undefined => ROLES.find((role) => role === subject.OU);

/** Who calls, as the certificate says that TLS has verified. @throws KON_UNAUTHENTICATED without one */
function identify(call: Call): { readonly role: Role; readonly name: string; readonly grid: string; readonly certificate: PeerCertificate; readonly serial: unknown } {
  const certificate = call.getAuthContext().sslPeerCertificate;
  if (certificate === undefined) throw new KontenaError('KON_UNAUTHENTICATED', 'the master answers only to who shows a certificate that it has signed and that has not ended');
  const { CN, O } = certificate.subject;
  const role = roleOf(certificate);
  if (role === undefined || typeof CN !== 'string' || typeof O !== 'string') throw new KontenaError('KON_FORBIDDEN', 'this certificate opens nothing here');
  return { role, name: CN, grid: O, certificate, serial: 'serialNumber' in certificate.subject ? certificate.subject.serialNumber : undefined };
}

/** @throws KON_UNAUTHENTICATED, KON_FORBIDDEN for agents */
export function requireAdmin(call: Call): { readonly name: string; readonly keyFingerprint: string } {
  const { role, name, certificate } = identify(call);
  if (role !== 'admin') throw new KontenaError('KON_FORBIDDEN', `the certificate of ${role} ${name} opens the link of its node only`);
  return { name, keyFingerprint: keyFingerprintOf(certificate) };
}

/** @throws KON_UNAUTHENTICATED, KON_FORBIDDEN for anyone but agents */
export function requireAgent(call: Call): Peer {
  const { role, name, grid, certificate, serial } = identify(call);
  if (role !== 'agent') throw new KontenaError('KON_FORBIDDEN', `the link is for agents; ${name} is not one`);
  return { grid, name, keyFingerprint: keyFingerprintOf(certificate), ...machineIn(serial), ...addressOf(call.getPeer()) };
}

/** Certificates whose keys are known by heart: more than call at one time, and at 300 bytes each, little. */
const KNOWN = 2_000;
const known = new Map<string, string>();

/** Read once of each certificate, the oldest being forgotten: it takes as long as all else of a small call. */
function keyFingerprintOf({ fingerprint256, raw }: PeerCertificate): string {
  const before = known.get(fingerprint256);
  if (before !== undefined) return before;
  const fingerprint = keyFingerprint(new X509Certificate(raw).publicKey);
  known.set(fingerprint256, fingerprint);
  for (const oldest of known.keys()) {
    if (known.size <= KNOWN) break;
    known.delete(oldest);
  }
  return fingerprint;
}

/** The address of whoever calls, without the port: `192.0.2.7` of `192.0.2.7:51234`, `2001:db8::7` of `[2001:db8::7]:51234`. */
export const hostOf = (peer: string): string => /^\[?(?:::ffff:(?=\d+\.))?(.*?)\]?:\d+$/.exec(peer)?.[1] ?? peer;

/** `192.0.2.7` of `192.0.2.7:51234`, or of `[::ffff:192.0.2.7]:51234`. Networks of grids know no other addresses. */
function addressOf(peer: string): Pick<Peer, 'address'> {
  const address = /(\d+\.\d+\.\d+\.\d+)\]?:\d+$/.exec(peer)?.[1];
  return address === undefined ? {} : { address };
}

/** What its certificate opens; undefined of a caller that has shown none of ours. */
export const certifiedRole = (call: Call): Role | undefined => {
  const certificate = call.getAuthContext().sslPeerCertificate;
  return certificate === undefined ? undefined : roleOf(certificate);
};
