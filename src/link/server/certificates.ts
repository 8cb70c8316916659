import type { experimental } from '@grpc/grpc-js';
import type { MasterPki } from '../pki/index.js';

type Provider = experimental.CertificateProvider;
type OnAuthorities = Parameters<Provider['addCaCertificateListener']>[0];
type OnIdentity = Parameters<Provider['addIdentityCertificateListener']>[0];

/** The master's certificates for a gRPC server. Renewed ones serve every new connection; those that are open are not cut. */
export class CurrentCertificates implements Provider {
  readonly #pki: MasterPki;
  readonly #onAuthorities = new Set<OnAuthorities>();
  readonly #onIdentity = new Set<OnIdentity>();

  constructor(pki: MasterPki) {
    this.#pki = pki;
    pki.onChange(() => {
      for (const listener of this.#onAuthorities) this.#tellAuthorities(listener);
      for (const listener of this.#onIdentity) this.#tellIdentity(listener);
    });
  }

  addCaCertificateListener(listener: OnAuthorities): void {
    this.#onAuthorities.add(listener);
    process.nextTick(() => this.#tellAuthorities(listener));
  }

  removeCaCertificateListener(listener: OnAuthorities): void {
    this.#onAuthorities.delete(listener);
  }

  addIdentityCertificateListener(listener: OnIdentity): void {
    this.#onIdentity.add(listener);
    process.nextTick(() => this.#tellIdentity(listener));
  }

  removeIdentityCertificateListener(listener: OnIdentity): void {
    this.#onIdentity.delete(listener);
  }

  #tellAuthorities(listener: OnAuthorities): void {
    listener({ caCertificate: Buffer.from(this.#pki.authorities) });
  }

  #tellIdentity(listener: OnIdentity): void {
    const { certificate, key } = this.#pki.server;
    listener({ certificate: Buffer.from(certificate), privateKey: Buffer.from(key) });
  }
}
