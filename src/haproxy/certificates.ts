import { createPrivateKey, X509Certificate } from 'node:crypto';
import { messageOf } from '../model/index.js';
import type { ProxyFault, ServedCertificate } from '../ports/index.js';
import { digestOf } from './pages.js';

/** A certificate with its chain and its key, as one file for HAProxy. */
export interface CertificateFile {
  readonly file: string;
  readonly pem: string;
}

const BLOCK = /-----BEGIN [A-Z0-9 ]+-----[^-]+-----END [A-Z0-9 ]+-----/g;
const KEY = /PRIVATE KEY-----$/;

/** The files of a text that may hold several certificates: each ends with its key, as people concatenate them. */
export function filesOf({ name, pem }: ServedCertificate): readonly CertificateFile[] {
  const bundles: string[][] = [[]];
  for (const block of pem.match(BLOCK) ?? []) {
    bundles.at(-1)?.push(block);
    if (KEY.test(block)) bundles.push([]);
  }
  const [first = [], ...more] = bundles;
  // What follows the last key is the rest of its chain, or begins with the key and is of one certificate alone.
  const rest = more.at(-1) ?? [];
  const whole = [first, ...more.slice(0, -1)].filter((bundle) => bundle.length > 0);
  const last = whole.pop() ?? [];
  const all = [...whole, [...last, ...rest]];
  return all.map((blocks, index) => ({ file: `certificates/${digestOf(name)}-${index + 1}.pem`, pem: `${blocks.join('\n')}\n` }));
}

/** Where HAProxy finds them. */
export const pathsOf = (certificates: readonly ServedCertificate[]): readonly string[] => certificates.flatMap((one) => filesOf(one).map(({ file }) => file));

/** Why a certificate cannot be shown; undefined when it can. HAProxy would refuse all that it serves for one of them. */
export function faultOf(certificate: ServedCertificate): ProxyFault | undefined {
  const words = filesOf(certificate).map(({ pem }) => faultOfPair(pem)).find((fault) => fault !== undefined);
  return words === undefined ? undefined : { words, of: { kind: 'certificate', name: certificate.name } };
}

function faultOfPair(pem: string): string | undefined {
  try {
    const certificate = new X509Certificate(pem);
    return certificate.checkPrivateKey(createPrivateKey(pem)) ? undefined : 'its key is that of another certificate';
  } catch (error) {
    return `it is not a certificate with its key: ${messageOf(error)}`;
  }
}
