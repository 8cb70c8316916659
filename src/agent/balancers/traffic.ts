import { elapsedMs, type Instant, type Millis } from '../../model/index.js';
import type { ProxyView } from '../../ports/index.js';

/** Requests are counted over so long. */
const WINDOW_MS: Millis = 5_000;

export interface Rate {
  readonly requestsPerSecond: number;
  readonly errorsPerSecond: number;
}

const NONE: Rate = { requestsPerSecond: 0, errorsPerSecond: 0 };

/** How much of late passed through one balancer. */
export class Traffic {
  #since: { readonly at: Instant; readonly view: ProxyView } | undefined;
  #rates: Readonly<Record<string, Rate>> = {};

  see(view: ProxyView, now: Instant): void {
    const since = this.#since;
    if (since === undefined) this.#since = { at: now, view };
    else if (elapsedMs(since.at, now) >= WINDOW_MS) {
      const seconds = elapsedMs(since.at, now) / 1000;
      this.#rates = Object.fromEntries(Object.entries(view.backends).map(([service, { requests, errors }]) => {
        const before = since.view.reloads === view.reloads ? since.view.backends[service] : undefined; // a new process counts from nought
        return [service, { requestsPerSecond: perSecond(requests - (before?.requests ?? 0), seconds), errorsPerSecond: perSecond(errors - (before?.errors ?? 0), seconds) }];
      }));
      this.#since = { at: now, view };
    }
  }

  of(service: string): Rate {
    return this.#rates[service] ?? NONE;
  }
}

/** To a tenth: more is noise, and noise is news. */
const perSecond = (count: number, seconds: number): number => Math.round((Math.max(0, count) / seconds) * 10) / 10;
