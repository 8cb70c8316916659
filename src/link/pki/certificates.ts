import 'reflect-metadata';
import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate as NodeCertificate, KeyObject as NodeKey, verify, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { type Instant, KontenaError, later, type Millis } from '../../model/index.js';
import type { KeyProof } from '../../ports/index.js';

/** What a certificate opens; stands in its subject as OU. */
export const ROLES = ['admin', 'agent', 'server', 'service', 'authority'] as const;
export type Role = (typeof ROLES)[number];

/** In every server certificate, so that a master is known by whatever address it is reached. */
export const SERVER_NAME = 'kontena-master';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** serialNumber of a subject, X.520. */
const SERIAL_NUMBER = '2.5.4.5';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
/** Certificates begin a day before they are made, or a tenth of their life: for machines whose clocks are behind, and for a clock that is set back. */
const MAX_BACKDATE_MS: Millis = 24 * 3_600_000;

/** A key and the certificate for it, both PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

export interface Subject {
  readonly name: string;
  /** The grid; `kontena` for what belongs to none. */
  readonly organization: string;
  readonly role: Role;
  /** Of an agent's machine, see {@link serialOf}. */
  readonly serial?: string;
}

export interface Life {
  readonly now: Instant;
  readonly lifetimeMs: Millis;
}

/** A new P-256 key, PKCS #8 PEM. */
export async function newKey(): Promise<string> {
  const { privateKey } = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  return NodeKey.from(privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Both halves of a key as the certificate library wants them. */
async function cryptoKeys(pem: string): Promise<webcrypto.CryptoKeyPair> {
  const key = createPrivateKey(pem);
  const { d: _secret, ...publicPart } = key.export({ format: 'jwk' });
  return {
    privateKey: await webcrypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), ALGORITHM, true, ['sign']),
    publicKey: await webcrypto.subtle.importKey('jwk', { ...publicPart, kty: 'EC' }, ALGORITHM, true, ['verify']),
  };
}

/** A new certificate authority that signs itself. */
export async function createAuthority(name: string, life: Life): Promise<Identity> {
  const key = await newKey();
  const keys = await cryptoKeys(key);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: subjectName({ name, organization: 'kontena', role: 'authority' }),
    keys,
    ...validity(life),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate), key };
}

export interface SignRequest {
  readonly authority: Identity;
  readonly subject: Subject;
  readonly life: Life;
  /** Names and addresses a server may be reached by; none for a client. */
  readonly hosts: readonly string[];
}

/** A certificate for somebody's public key. A server's serves, a client's calls; neither does the other. */
export async function sign(publicKey: x509.PublicKey, { authority, subject, life, hosts }: SignRequest): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const { privateKey: signingKey } = await cryptoKeys(authority.key);
  const { notBefore, notAfter } = validity(life);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: subjectName(subject),
    issuer: issuer.subjectName,
    publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    notBefore,
    notAfter: notAfter < issuer.notAfter ? notAfter : issuer.notAfter,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([hosts.length > 0 ? SERVER_AUTH : CLIENT_AUTH]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(hosts.length > 0 ? [new x509.SubjectAlternativeNameExtension(hosts.map((host) => ({ type: isIP(host) === 0 ? 'dns' : 'ip', value: host })))] : []),
    ],
  });
  return pem(certificate);
}

/** A certificate for a key: a new one unless one is given. */
export async function issue({ key: given, ...request }: SignRequest & { readonly key?: string | undefined }): Promise<Identity> {
  const key = given ?? (await newKey());
  const { publicKey } = await cryptoKeys(key);
  return { certificate: await sign(await x509.PublicKey.create(publicKey), request), key };
}

/** A request (PKCS #10, DER) to certify a key of one's own. */
export async function certificateRequest(name: string, keyPem: string): Promise<Buffer> {
  const keys = await cryptoKeys(keyPem);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: [{ CN: [name] }], keys, signingAlgorithm: ALGORITHM });
  return Buffer.from(request.rawData);
}

/** The key that a request is for, once it has proved to hold the other half. @throws KON_INVALID */
export async function requestedKey(der: Uint8Array): Promise<x509.PublicKey> {
  try {
    const request = new x509.Pkcs10CertificateRequest(new Uint8Array(der));
    if (await request.verify()) return request.publicKey;
  } catch (error) {
    throw new KontenaError('KON_INVALID', 'the certificate request cannot be read', { cause: error });
  }
  throw new KontenaError('KON_INVALID', 'the certificate request is not signed with its own key');
}

/** A key of somebody else who has shown to hold the other half. @throws KON_INVALID */
export function provenKey({ publicKey, proof }: KeyProof): x509.PublicKey {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1' && verify('sha256', publicKey, key, proof)) return new x509.PublicKey(key.export({ type: 'spki', format: 'der' }));
  } catch (error) {
    throw new KontenaError('KON_INVALID', 'the key to certify cannot be read', { cause: error });
  }
  throw new KontenaError('KON_INVALID', 'the key to certify is not of P-256, or not proved by its other half');
}

/** SHA-256 of a public key (SubjectPublicKeyInfo, DER), in hex: who a node is. */
export const keyFingerprint = (key: KeyObject): string => hashOf(key.export({ type: 'spki', format: 'der' }));

export const requestFingerprint = (key: x509.PublicKey): string => hashOf(new Uint8Array(key.rawData));

/** SHA-256 of the public half of a key, in hex. */
export const fingerprintOfKey = (pem: string): string => keyFingerprint(createPublicKey(pem));

/** SHA-256 of a certificate (DER), in hex: what a join token carries of the CA. */
export const fingerprintOf = (certificate: string | Buffer): string => hashOf(new NodeCertificate(certificate).raw);

export interface Validity {
  readonly from: Instant;
  readonly to: Instant;
}

export function lifeOf(certificate: string): Validity {
  const { validFrom, validTo } = new NodeCertificate(certificate);
  return { from: Date.parse(validFrom) as Instant, to: Date.parse(validTo) as Instant };
}

/** How much of its life a certificate has left: 1 when new, 0 or less when it has ended. */
export function shareLeft(certificate: string, now: Instant): number {
  const { from, to } = lifeOf(certificate);
  return (to - now) / (to - from);
}

/** Whether an authority's key has signed a certificate. */
export const isSignedBy = (certificate: string | Buffer, authority: string): boolean => new NodeCertificate(certificate).verify(new NodeCertificate(authority).publicKey);

/** Names in a server's certificate, in order. */
export function hostsOf(certificate: string): readonly string[] {
  const names = new x509.X509Certificate(certificate).getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  return names.map(({ value }) => value);
}

const subjectName = ({ name, organization, role, serial }: Subject): x509.JsonName => [
  { CN: [name] }, { O: [organization] }, { OU: [role] }, ...(serial === undefined ? [] : [{ [SERIAL_NUMBER]: [serial] }]),
];

/** The machine that is a node, and how often its key was renewed, as they stand in the subject of its certificate. */
export const serialOf = (machine: string, generation: number): string => `${generation}.${machine}`;

/** What {@link serialOf} made; nothing of a certificate that has none. */
export function machineIn(serial: unknown): { readonly machine?: string; readonly generation?: number } {
  const [, generation, machine] = /^(\d{1,9})\.([0-9a-f]{64})$/.exec(typeof serial === 'string' ? serial : '') ?? [];
  return machine === undefined ? {} : { machine, generation: Number(generation) };
}

const validity = ({ now, lifetimeMs }: Life): { readonly notBefore: Date; readonly notAfter: Date } => ({
  notBefore: new Date(later(now, -Math.min(MAX_BACKDATE_MS, lifetimeMs / 10))),
  notAfter: new Date(later(now, lifetimeMs)),
});

const pem = (certificate: x509.X509Certificate): string => `${certificate.toString('pem').trim()}\n`;

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
