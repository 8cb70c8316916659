import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type Instant, isDomainName, KontenaError, messageOf } from '../model/index.js';
import type { CertificateBundle } from '../ports/index.js';

const PEM = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g;

/** What a certificate says of itself. */
interface Facts {
  /** The names it is made out to; the subject's common name first, where it has one. */
  readonly names: readonly string[];
  readonly startsAt: Instant;
  readonly expiresAt: Instant;
}

/** @throws KontenaError KON_INVALID when a part is not PEM, or they do not belong together */
export function parseBundle({ certificate, chain, privateKey }: CertificateBundle): Facts {
  const [own, ...more] = certificatesIn(certificate, 'the certificate');
  if (own === undefined) throw new KontenaError('KON_INVALID', 'the certificate is not a PEM certificate');
  if (more.length > 0) throw new KontenaError('KON_INVALID', `the certificate holds ${more.length + 1} certificates: give the others as the chain`);
  const issuers = certificatesIn(chain, 'the chain');
  const key = keyIn(privateKey);
  if (!own.checkPrivateKey(key)) throw new KontenaError('KON_INVALID', 'the private key is not that of the certificate');
  [own, ...issuers].forEach((issued, at) => {
    const issuer = issuers[at];
    if (issuer !== undefined && !issued.checkIssued(issuer)) throw new KontenaError('KON_INVALID', `certificate ${at + 1} of the chain did not issue the one before it`);
  });
  return { names: namesOf(own), startsAt: Date.parse(own.validFrom) as Instant, expiresAt: Date.parse(own.validTo) as Instant };
}

/** One text of PEM parts, as servers such as HAProxy read it: the certificate, its chain, its key. */
export const bundleText = ({ certificate, chain, privateKey }: CertificateBundle): string =>
  [certificate, chain, privateKey].map((part) => part.trim()).filter((part) => part !== '').map((part) => `${part}\n`).join('');

/** The parts of {@link bundleText}. */
export function splitBundle(text: string): CertificateBundle {
  const parts = [...text.matchAll(PEM)].map(([part, label]) => ({ part: `${part}\n`, isKey: label?.includes('PRIVATE KEY') === true }));
  const [certificate = '', ...chain] = parts.filter(({ isKey }) => !isKey).map(({ part }) => part);
  return { certificate, chain: chain.join(''), privateKey: parts.filter(({ isKey }) => isKey).map(({ part }) => part).join('') };
}

function certificatesIn(text: string, what: string): readonly X509Certificate[] {
  return [...text.matchAll(PEM)].map(([part, label]) => {
    if (label !== 'CERTIFICATE') throw new KontenaError('KON_INVALID', `${what} holds a ${String(label).toLowerCase()}, where certificates are wanted`);
    try {
      return new X509Certificate(part);
    } catch (error) {
      throw new KontenaError('KON_INVALID', `${what} cannot be read: ${messageOf(error)}`, { cause: error });
    }
  });
}

function keyIn(text: string): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey(text);
  } catch (error) {
    throw new KontenaError('KON_INVALID', 'the private key is not a PEM private key without a password', { cause: error });
  }
}

function namesOf(certificate: X509Certificate): readonly string[] {
  const common = /^CN=(.+)$/m.exec(certificate.subject)?.[1];
  const alternative = (certificate.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('DNS:')).map((name) => name.slice('DNS:'.length));
  const names = [...new Set([...(common === undefined ? [] : [common]), ...alternative])].filter(isDomainName);
  if (names.length === 0) throw new KontenaError('KON_INVALID', 'the certificate is not made out to any name of a host');
  return names;
}
