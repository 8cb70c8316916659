// A master that has nothing: whatever it is asked for, the list is empty. A command line that talks to it goes all the way.
import { createSecureServer } from 'node:http2';
import { KeyObject, webcrypto } from 'node:crypto';
import 'reflect-metadata';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

const DAY_MS = 86_400_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Returns what opens it, as a context holds it, and how to end it. */
export async function startEmptyMaster() {
  const { certificate, key } = await selfSigned();
  const server = createSecureServer({ cert: certificate, key });
  server.on('stream', (stream) => {
    stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end();
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return { credential: { server: `127.0.0.1:${server.address().port}`, ca: certificate, certificate, key }, close: () => server.close() };
}

async function selfSigned() {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const now = Date.now();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=nobody', keys, signingAlgorithm: ALGORITHM, notBefore: new Date(now - DAY_MS), notAfter: new Date(now + DAY_MS),
    extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: 'kontena-master' }])],
  }, webcrypto);
  return { certificate: certificate.toString('pem'), key: KeyObject.from(keys.privateKey).export({ format: 'pem', type: 'pkcs8' }) };
}
