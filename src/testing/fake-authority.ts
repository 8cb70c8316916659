import { type Instant, later } from '../model/index.js';
import type { Authority, Clock, Issued, KeyProof } from '../ports/index.js';

/** A certificate authority without certificates: keys have names. */
export class FakeAuthority implements Authority {
  readonly #clock: Clock;
  readonly #endsAt: Instant;
  #number = 1;
  #adminKey = 1;
  #issued = 0;
  isRotating = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#endsAt = later(clock.now(), 10 * 365 * 24 * 3_600_000);
  }

  get signer(): string {
    return `authority ${this.#number}`;
  }

  admin(): Issued {
    return this.#give(`admin-${this.#adminKey}`, this.#endsAt);
  }

  renewAdmin(): Promise<void> {
    this.#adminKey += 1;
    return Promise.resolve();
  }

  issue(name: string, lifetimeMs: number): Promise<Issued> {
    this.#issued += 1;
    return Promise.resolve(this.#give(`${name}-${this.#issued}`, later(this.#clock.now(), lifetimeMs)));
  }

  certifyServer(names: readonly string[]): Promise<string> {
    return Promise.resolve(`certificate of ${names.join(', ')}`);
  }

  certify({ publicKey }: KeyProof, _name: string, lifetimeMs: number): Promise<Omit<Issued, 'key'>> {
    return Promise.resolve(this.#give(Buffer.from(publicKey).toString(), later(this.#clock.now(), lifetimeMs)));
  }

  rotate(): Promise<void> {
    this.#number += 1;
    this.isRotating = true;
    return Promise.resolve();
  }

  finish(): Promise<void> {
    this.isRotating = false;
    return Promise.resolve();
  }

  #give(key: string, endsAt: Instant): Issued {
    return { ca: this.signer, certificate: `certificate of ${key}`, key, keyFingerprint: key, endsAt };
  }
}
