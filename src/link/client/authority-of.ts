import { createHash } from 'node:crypto';
import { connect as connectTls, type DetailedPeerCertificate } from 'node:tls';
import { KontenaError, messageOf, type Millis } from '../../model/index.js';
import { MASTER_NAME } from './call.js';

/** An authority that a master shows. */
export interface ShownAuthority {
  /** PEM. */
  readonly certificate: string;
  /** SHA-256 of it, in hex. */
  readonly fingerprint: string;
}

/**
 * The CA that the master shows, if it is the one with this fingerprint, PEM. Nothing is sent to it before that is known.
 *
 * @throws KON_MASTER_UNREACHABLE, KON_CERTIFICATE_UNTRUSTED
 */
export async function authorityOf(master: string, fingerprint: string, timeoutMs: Millis): Promise<string> {
  const found = (await shownAuthorities(master, timeoutMs)).find((one) => one.fingerprint === fingerprint.toLowerCase());
  if (found !== undefined) return found.certificate;
  throw new KontenaError('KON_CERTIFICATE_UNTRUSTED', `the master at ${master} does not have the certificate authority that the token names; the token was not sent`);
}

/** What the master shows of whom it is signed by, itself first. Nothing is sent to it. @throws KON_MASTER_UNREACHABLE */
export function shownAuthorities(master: string, timeoutMs: Millis): Promise<readonly ShownAuthority[]> {
  const { host, port } = splitAddress(master);
  return new Promise((resolve, reject) => {
    const unreachable = (reason: string, cause?: unknown): void => reject(new KontenaError('KON_MASTER_UNREACHABLE', `no master answers at ${master}: ${reason}`, { cause }));
    const socket = connectTls({ host, port, servername: MASTER_NAME, ALPNProtocols: ['h2'], rejectUnauthorized: false, timeout: timeoutMs }, () => {
      const chain = chainOf(socket.getPeerCertificate(true));
      socket.destroy();
      resolve(chain.map((raw) => ({ certificate: pemOf(raw), fingerprint: createHash('sha256').update(raw).digest('hex') })));
    });
    socket.on('timeout', () => {
      socket.destroy();
      unreachable(`nothing within ${timeoutMs / 1000} s`);
    });
    socket.on('error', (error) => unreachable(messageOf(error), error));
  });
}

/** A certificate and those that signed it, as far as the other side shows them. */
function chainOf(certificate: DetailedPeerCertificate): readonly Buffer[] {
  const chain: Buffer[] = [];
  let next: Partial<DetailedPeerCertificate> | undefined = certificate;
  for (let raw = next.raw; raw !== undefined && !chain.some((one) => one.equals(raw as Buffer)); raw = next?.raw) {
    chain.push(raw);
    next = next?.issuerCertificate;
  }
  return chain;
}

const pemOf = (der: Buffer): string => `-----BEGIN CERTIFICATE-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;

/** HOST:PORT, where an IPv6 address stands in brackets. */
function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) throw new KontenaError('KON_INVALID', `"${address}" is not the address of a master: write HOST:PORT`);
  return { host, port: Number(match?.[3]) };
}
