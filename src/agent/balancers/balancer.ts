import { type BalancingBody, elapsedMs, type Instant, isSame, type Millis } from '../../model/index.js';
import type { ProxyStep, Served, ServedCertificate } from '../../ports/index.js';
import type { Settled } from './settle.js';
import { Traffic } from './traffic.js';

/** One balancer as the agent knows it. Lost with the agent: it is asked, and told, once more. */
export class Balancer {
  /** Of its page of statistics, where it is told none; undefined before its folder is there. */
  password: string | undefined;
  /** What it was last seen to take. */
  settled: (Settled & { readonly question: string }) | undefined;
  refused: Readonly<Record<string, string>> = {};
  faults: readonly string[] = [];
  /** What lies in its folder. */
  kept: Served | undefined;
  loading: { readonly shape: string; readonly since: Instant; readonly served: Served | undefined } | undefined;
  hasFailedToLoad = false;
  #loadedAt: Instant | undefined;
  said: Omit<BalancingBody, 'node'> | undefined;
  /** How long the last change of a route took until it was served, by name. */
  tookMs: Readonly<Record<string, Millis>> = {};
  traffic = new Traffic();
  /** Certificates that it shows, and what it answers authorities; undefined while that is not known. */
  #certificates: readonly ServedCertificate[] | undefined;
  #challenges: Served['challenges'] | undefined;
  /** Since when services are reached otherwise than before, and which of them it was told. */
  readonly #changed = new Map<string, Instant>();
  readonly #told = new Set<string>();

  /** The instances of a service are others since then. */
  changed(service: string, since: Instant): void {
    if (!this.#changed.has(service)) this.#changed.set(service, since);
  }

  /** It does not answer, be it for a moment: what it knows when it does again is told once more. */
  missed(): void {
    this.traffic = new Traffic();
    this.#certificates = undefined;
    this.#challenges = undefined;
  }

  /** It is to read what was kept last. */
  loads(shape: string, now: Instant): void {
    this.loading = { shape, since: now, served: this.kept };
  }

  /** It serves what it was to read. */
  loaded(now: Instant): void {
    if (this.loading !== undefined) {
      this.#loadedAt = now;
      this.#certificates = this.loading.served?.certificates;
      this.#challenges = this.loading.served?.challenges;
      for (const service of this.#changed.keys()) this.#told.add(service);
    }
    this.loading = undefined;
    this.hasFailedToLoad = false;
  }

  /** Its process of before, which ends within this, may still be there. */
  isFresh(within: Millis, now: Instant): boolean {
    return this.loading !== undefined || (this.#loadedAt !== undefined && elapsedMs(this.#loadedAt, now) < within);
  }

  /** What it shows and answers otherwise than it should, as far as is known. */
  unsaid({ certificates, challenges }: Served): readonly ProxyStep[] {
    const fresh = certificates.filter((one) => this.#certificates?.some((shown) => isSame(shown, one)) !== true);
    return [
      ...fresh.map((certificate): ProxyStep => ({ do: 'certify', certificate })),
      ...(isSame(this.#challenges, challenges) || Object.keys(challenges).length + Object.keys(this.#challenges ?? {}).length === 0 ? [] : [{ do: 'answer', challenges } as const]),
    ];
  }

  /** It has taken this step. */
  took(step: ProxyStep): void {
    if (step.do === 'certify') this.#certificates = [...(this.#certificates ?? []).filter(({ name }) => name !== step.certificate.name), step.certificate];
    else if (step.do === 'answer') this.#challenges = step.challenges;
    else this.#told.add(step.do === 'add' ? step.route.service : step.service);
  }

  /** All of this is served now: what changed took until now. */
  isServed({ routes }: Served, now: Instant): void {
    for (const { name, service } of routes) {
      const since = this.#told.has(service) ? this.#changed.get(service) : undefined;
      if (since !== undefined) this.tookMs = { ...this.tookMs, [name]: elapsedMs(since, now) };
    }
    this.#changed.clear();
    this.#told.clear();
  }
}
