import 'reflect-metadata';
import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { type Challenge, KontenaError, type Millis, type Proof } from '../model/index.js';
import type { AuthorityAccount, CertificateAuthority, Clock, OpenAuthority, OrderStanding } from '../ports/index.js';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
export const LIFE_MS: Millis = 90 * 86_400_000;

interface FakeOrder {
  readonly names: readonly string[];
  status: OrderStanding['status'];
  reason: string | undefined;
  certificate: string | undefined;
}

/** A certificate authority in memory: it outlives those who ask it, and counts. */
export class FakeCertificateAuthority {
  readonly accounts = new Map<string, AuthorityAccount>();
  readonly orders: FakeOrder[] = [];
  /** Whether the proof of a name is there when the authority looks. */
  isProved: (proof: Proof) => boolean = () => true;
  /** Called around each request, before it is carried out and after, and waited for: what it throws is thrown at who asks. */
  around: (when: 'before' | 'after', what: string) => Promise<void> | void = () => undefined;

  constructor(readonly clock: Clock) {}

  get issued(): number {
    return this.orders.filter(({ certificate }) => certificate !== undefined).length;
  }

  readonly open: OpenAuthority = (account) => this.#asked('open', () => {
    this.accounts.set(account.key, account);
    return this.#to();
  });

  #to(): CertificateAuthority {
    const at = (url: string): FakeOrder => {
      const order = this.orders[Number(url)];
      if (order === undefined) throw new KontenaError('KON_AUTHORITY_REFUSED', `there is no order ${url}`);
      return order;
    };
    const proofOf = (url: string, name: string, challenge: Challenge): Proof =>
      ({ name: name.replace('*.', ''), challenge, token: `${url}-${name}`, answer: `answer for ${url}-${name}`, url: `${url}/${name}` });
    return {
      place: (names) => this.#asked('place', () => String(this.orders.push({ names, status: 'pending', reason: undefined, certificate: undefined }) - 1)),
      look: (url, challenge) => this.#asked('look', () => {
        const { names, status, reason } = at(url);
        return { status, proofs: status === 'pending' ? names.map((name) => proofOf(url, name, challenge)) : [], ...(reason === undefined ? {} : { reason }) };
      }),
      show: (proof) => this.#asked('show', () => {
        const order = at(proof.url.slice(0, proof.url.indexOf('/')));
        const isProved = this.isProved(proof);
        order.status = isProved ? 'ready' : 'invalid';
        order.reason = isProved ? undefined : `${proof.name}: nobody answers`;
      }),
      finish: (url, { names, privateKey }) => this.#asked('finish', async () => {
        const order = at(url);
        if (order.status !== 'ready') throw new KontenaError('KON_AUTHORITY_REFUSED', `order ${url} is ${order.status}`);
        order.certificate = await certify(privateKey, names, this.clock.now());
        order.status = 'valid';
      }),
      fetch: (url) => this.#asked('fetch', () => at(url).certificate ?? ''),
    };
  }

  async #asked<T>(what: string, answer: () => T | Promise<T>): Promise<T> {
    await this.around('before', what);
    const answered = await answer();
    await this.around('after', what);
    return answered;
  }
}

/** A certificate for a key, PEM. */
async function certify(privateKey: string, names: readonly string[], nowMs: number): Promise<string> {
  const key = createPrivateKey(privateKey);
  const publicKey = await webcrypto.subtle.importKey('spki', createPublicKey(key).export({ type: 'spki', format: 'der' }), ALGORITHM, true, ['verify']);
  const signingKey = await webcrypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), ALGORITHM, true, ['sign']);
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${names[0] ?? ''}`, issuer: 'CN=an authority of tests', publicKey, signingKey, signingAlgorithm: ALGORITHM,
    notBefore: new Date(nowMs), notAfter: new Date(nowMs + LIFE_MS), extensions: [new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value })))],
  });
  return `${certificate.toString('pem').trim()}\n`;
}
