import { elapsedMs, type Instant } from '../model/index.js';
import type { PassedOn } from './passed-on.js';

/** What is kept at most. */
const MOST_ANSWERS = 5_000;
const MOST_BYTES = 4 * 1024 * 1024;

interface Kept {
  readonly passed: PassedOn;
  readonly at: Instant;
}

/** Answers of others for as long as they are good. The oldest make room. */
export class Cache {
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  /** What is still good, and how old it is in seconds. */
  get(key: string, now: Instant): { readonly passed: PassedOn; readonly agedSeconds: number } | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    const ageMs = elapsedMs(kept.at, now);
    if (ageMs >= 0 && ageMs < kept.passed.goodMs) return { passed: kept.passed, agedSeconds: Math.floor(ageMs / 1000) };
    this.#drop(key);
    return undefined;
  }

  put(key: string, passed: PassedOn, now: Instant): void {
    this.#drop(key);
    if (passed.goodMs === 0) return;
    this.#kept.set(key, { passed, at: now });
    this.#bytes += passed.bytes.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_ANSWERS && this.#bytes <= MOST_BYTES) return;
      this.#drop(oldest);
    }
  }

  /** Other servers may say other things. */
  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  get size(): { readonly answers: number; readonly bytes: number } {
    return { answers: this.#kept.size, bytes: this.#bytes };
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.passed.bytes.length ?? 0;
    this.#kept.delete(key);
  }
}
