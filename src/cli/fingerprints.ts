import { X509Certificate } from 'node:crypto';

/** Of every certificate in a PEM text, in hex. */
export const fingerprintsIn = (pem: string): readonly string[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []).map((one) => new X509Certificate(one).fingerprint256.replaceAll(':', '').toLowerCase());
