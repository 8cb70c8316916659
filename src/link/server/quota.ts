import { type Metadata, ServerInterceptingCall, type ServerInterceptingCallInterface, type ServerInterceptor } from '@grpc/grpc-js';
import { KontenaError, later, type Millis } from '../../model/index.js';
import type { Clock } from '../../ports/index.js';
import { toStatus } from '../convert/errors.js';
import { REQUEST_LIMIT_MS, REQUESTS_RECEIVED, STREAMS_ANSWERED, STREAMS_BOTH_WAYS } from '../limits.js';

export interface QuotaOptions {
  readonly clock: Clock;
  /** Tells one client from another; by the certificate unless said otherwise. */
  readonly whose?: (call: Pick<ServerInterceptingCallInterface, 'getAuthContext'>, metadata: Metadata) => string;
  readonly requests?: number;
  readonly streams?: number;
  readonly bothWays?: number;
  readonly requestLimitMs?: Millis;
}

/**
 * Bounds what one client's certificate, or token, takes of the master: requests received at once, the time each may take to come, and
 * streams. A request that waits for its turn is not read, so that it costs what HTTP/2 lets the other end send unasked.
 */
export function quotas({ clock, whose = byCertificate, requests = REQUESTS_RECEIVED, streams = STREAMS_ANSWERED, bothWays = STREAMS_BOTH_WAYS, requestLimitMs = REQUEST_LIMIT_MS }: QuotaOptions): ServerInterceptor {
  const shares = new Map<string, Share>();
  const shareOf = (who: string): Share => {
    const share = shares.get(who) ?? new Share(requests);
    shares.set(who, share);
    return share;
  };
  const tooMany = new KontenaError('KON_BUSY', `as many streams are open with this credential as one may have: ${streams}, ${bothWays} of them both ways`);
  const tooSlow = new KontenaError('KON_TIMEOUT', `the request has not come whole within ${requestLimitMs / 1000} s`);

  return ({ requestStream, responseStream }, call) => {
    let leave = (): void => undefined;
    let received = (): void => undefined;
    return new ServerInterceptingCall(call, {
      start: (next) => next({
        // Counted here, because whatever got so far is told of its end.
        onReceiveMetadata: (metadata, goOn) => {
          const who = whose(call, metadata);
          const share = shareOf(who);
          const taken = { streams: Number(responseStream), bothWays: Number(requestStream) };
          if (share.streams + taken.streams > streams || share.bothWays + taken.bothWays > bothWays) {
            call.sendStatus(toStatus(tooMany));
            return;
          }
          share.take(taken, 1);
          leave = () => {
            share.take(taken, -1);
            if (share.isUnused) shares.delete(who);
          };
          if (requestStream) {
            goOn(metadata); // it has no end that could be waited for
            return;
          }
          let callOff = (): void => undefined;
          const done = share.receive(() => {
            callOff = clock.at(later(clock.now(), requestLimitMs), () => call.sendStatus(toStatus(tooSlow)));
            goOn(metadata);
          });
          received = () => {
            callOff();
            done();
          };
        },
        onReceiveHalfClose: (goOn) => {
          received();
          goOn();
        },
        onCancel: () => {
          received();
          leave();
        },
      }),
    });
  };
}

const byCertificate: NonNullable<QuotaOptions['whose']> = (call) => call.getAuthContext().sslPeerCertificate?.fingerprint256 ?? '';

/** What one certificate, or token, has under way. */
class Share {
  readonly #most: number;
  readonly #receiving = new Set<() => void>();
  readonly #waiting = new Set<() => void>();
  streams = 0;
  bothWays = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get isUnused(): boolean {
    return this.streams + this.bothWays + this.#receiving.size + this.#waiting.size === 0;
  }

  take(counts: { readonly streams: number; readonly bothWays: number }, sign: 1 | -1): void {
    this.streams += sign * counts.streams;
    this.bothWays += sign * counts.bothWays;
  }

  /** Begins now, or when those before have come whole. Returns a function that says that this one has, or never will. */
  receive(begin: () => void): () => void {
    const one = (): void => begin();
    this.#waiting.add(one);
    this.#next();
    return () => {
      this.#waiting.delete(one);
      this.#receiving.delete(one);
      this.#next();
    };
  }

  #next(): void {
    for (const one of this.#waiting) {
      if (this.#receiving.size >= this.#most) return;
      this.#waiting.delete(one);
      this.#receiving.add(one);
      one();
    }
  }
}
