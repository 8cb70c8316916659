import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../harness/index.js';

interface Certificate {
  /** Paths of PEM files. */
  readonly key: string;
  readonly certificate: string;
  /** Of the CA that signed it. */
  readonly ca: string;
}

/** A certificate for an address by a CA of its own, in an empty folder. */
export async function certificateIn(folder: string, address = '127.0.0.1'): Promise<Certificate> {
  const file = (name: string): string => join(folder, name);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await must('openssl', ['req', '-x509', ...curve, '-days', '2', '-subj', '/CN=CA of a test', '-keyout', file('ca.key'), '-out', file('ca.pem')]);
  await must('openssl', ['req', '-new', ...curve, '-subj', `/CN=${address}`, '-keyout', file('key.pem'), '-out', file('request.pem')]);
  writeFileSync(file('names.cnf'), `subjectAltName=IP:${address}\n`);
  await must('openssl', ['x509', '-req', '-in', file('request.pem'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-days', '2', '-extfile', file('names.cnf'), '-out', file('certificate.pem')]);
  return { key: file('key.pem'), certificate: file('certificate.pem'), ca: file('ca.pem') };
}
