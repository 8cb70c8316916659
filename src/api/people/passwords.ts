import { scrypt, timingSafeEqual } from 'node:crypto';
import { KontenaError } from '../../model/index.js';
import type { Random } from '../../ports/index.js';

/** What a password's hash costs: OWASP's, of those that come to the same the one with 16 MiB, as the master has other uses for memory. */
const COST = { N: 2 ** 14, r: 8, p: 5 } as const;
const HASH_BYTES = 32;
const SHORTEST = 12;
const LONGEST_BYTES = 1024;
/** Hashes that wait for the one under way, each for a twentieth of a second or some more. */
const MOST_WAITING = 20;

/** @throws KontenaError KON_INVALID */
export function requirePassword(password: string): void {
  if (Array.from(password).length < SHORTEST) throw new KontenaError('KON_INVALID', `a password has at least ${SHORTEST} characters`);
  if (Buffer.byteLength(password) > LONGEST_BYTES) throw new KontenaError('KON_INVALID', `a password has at most ${LONGEST_BYTES} bytes`);
}

/** Hashes passwords, one at a time: each takes a core and memory, and strangers may ask for it. */
export class Passwords {
  readonly #random: Random;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(random: Random) {
    this.#random = random;
  }

  /** What to keep of a password: `scrypt$N$r$p$salt$hash`. */
  async hash(password: string): Promise<string> {
    const salt = this.#random.secret(16);
    const { N, r, p } = COST;
    return ['scrypt', N, r, p, salt, (await this.#hashed(password, salt, COST)).toString('base64url')].join('$');
  }

  /** Whether it is the password of which this was kept; where nothing was, it is not, and that takes as long. @throws KontenaError KON_BUSY */
  async isRight(password: string, kept: string | undefined): Promise<boolean> {
    const [, N = COST.N, r = COST.r, p = COST.p, salt = '', hash = ''] = kept?.split('$') ?? [];
    const made = await this.#hashed(password.slice(0, LONGEST_BYTES), salt, { N: Number(N), r: Number(r), p: Number(p) });
    const wanted = Buffer.from(hash, 'base64url');
    return wanted.length === made.length && timingSafeEqual(wanted, made);
  }

  async #hashed(password: string, salt: string, cost: { readonly N: number; readonly r: number; readonly p: number }): Promise<Buffer> {
    if (this.#waiting >= MOST_WAITING) throw new KontenaError('KON_BUSY', 'too many people are signing in at once');
    this.#waiting += 1;
    const turn = this.#last.then(() => new Promise<Buffer>((done, failed) => scrypt(password.normalize('NFKC'), salt, HASH_BYTES, { ...cost, maxmem: 256 * cost.N * cost.r }, (error, made) => (error === null ? done(made) : failed(error)))));
    this.#last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }
}
