import { createHash } from 'node:crypto';
import { connect as connectTls, type DetailedPeerCertificate } from 'node:tls';
import { KontenaError, messageOf, type Millis } from '../../model/index.js';
import { MASTER_NAME } from './call.js';

/**
 * The CA that the master shows, if it is the one with this fingerprint, PEM. Nothing is sent to it before that is known.
 *
 * @throws KON_MASTER_UNREACHABLE, KON_CERTIFICATE_UNTRUSTED
 */
export function authorityOf(master: string, fingerprint: string, timeoutMs: Millis): Promise<string> {
  const { host, port } = splitAddress(master);
  return new Promise((resolve, reject) => {
    const unreachable = (reason: string, cause?: unknown): void => reject(new KontenaError('KON_MASTER_UNREACHABLE', `no master answers at ${master}: ${reason}`, { cause }));
    const socket = connectTls({ host, port, servername: MASTER_NAME, ALPNProtocols: ['h2'], rejectUnauthorized: false, timeout: timeoutMs }, () => {
      const found = chainOf(socket.getPeerCertificate(true)).find((raw) => createHash('sha256').update(raw).digest('hex') === fingerprint.toLowerCase());
      socket.destroy();
      if (found !== undefined) resolve(pemOf(found));
      else reject(new KontenaError('KON_CERTIFICATE_UNTRUSTED', `the master at ${master} does not have the certificate authority that the token names; the token was not sent`));
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
