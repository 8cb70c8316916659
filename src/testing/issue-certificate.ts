import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator, type X509Certificate } from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A certificate with its key: for servers of tests, and for authorities that issue them. */
export interface Issued {
  readonly certificate: string;
  readonly privateKey: string;
  /** For {@link issueCertificate}: what it issues. */
  readonly authority: { readonly certificate: X509Certificate; readonly key: webcrypto.CryptoKey };
}

/** A certificate made out to these names, the first being the subject's own, and to these addresses, good for a day. Self-signed without an issuer. */
export async function issueCertificate(names: readonly string[], issuer?: Issued, addresses: readonly string[] = []): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const subject = `CN=${names[0] ?? ''}`;
  const certificate = await X509CertificateGenerator.create({
    subject, issuer: issuer?.authority.certificate.subject ?? subject,
    publicKey: keys.publicKey, signingKey: issuer?.authority.key ?? keys.privateKey, signingAlgorithm: ALGORITHM,
    notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 24 * 3600 * 1000),
    extensions: [new BasicConstraintsExtension(true), new SubjectAlternativeNameExtension([...names.map((value) => ({ type: 'dns' as const, value })), ...addresses.map((value) => ({ type: 'ip' as const, value }))])],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64').replace(/.{64}/g, '$&\n');
  return {
    certificate: `${certificate.toString('pem').trim()}\n`,
    privateKey: `-----BEGIN PRIVATE KEY-----\n${key.trim()}\n-----END PRIVATE KEY-----\n`,
    authority: { certificate, key: keys.privateKey },
  };
}
