/** Offset bases of two independent runs of FNV-1a, so that 64 bits come of 32-bit arithmetic. */
const BASES = [0x811c9dc5, 0x7ee3623a] as const;
const FNV_PRIME = 0x01000193;

/** A set with no member. */
export const EMPTY_DIGEST = '0000000000000000';

/**
 * The digest of a set of texts, kept as members come and go, whatever their order: the sums, modulo 2³², of two FNV-1a hashes
 * of each member. Tells by chance and mistake, not by malice, whether two sets are the same.
 *
 * FNV-1a: Fowler, Noll, Vo, http://www.isthe.com/chongo/tech/comp/fnv/
 */
export class SetDigest {
  #high = 0;
  #low = 0;

  add(text: string): void {
    this.#high = (this.#high + fnv1a(text, BASES[0])) >>> 0;
    this.#low = (this.#low + fnv1a(text, BASES[1])) >>> 0;
  }

  remove(text: string): void {
    this.#high = (this.#high - fnv1a(text, BASES[0])) >>> 0;
    this.#low = (this.#low - fnv1a(text, BASES[1])) >>> 0;
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    return hex(this.#high) + hex(this.#low);
  }
}

/** Over the UTF-16 units of the text, two bytes each. */
function fnv1a(text: string, basis: number): number {
  let hash = basis;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    hash = Math.imul(hash ^ (unit & 0xff), FNV_PRIME);
    hash = Math.imul(hash ^ (unit >>> 8), FNV_PRIME);
  }
  return hash >>> 0;
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');
