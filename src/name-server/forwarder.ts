import { randomBytes } from 'node:crypto';
import { elapsedMs, type Instant, later, type Millis } from '../model/index.js';
import type { Clock } from '../ports/index.js';
import { Cache } from './cache.js';
import { isLong, isMarked, MARK_BYTES } from './edns.js';
import type { Query } from './message.js';
import type { PassedOn } from './passed-on.js';
import { askUpstream } from './upstream.js';
import { CODE } from './wire.js';

const PORT = 53;
/** No further server is asked so long after the first: by then who asked has given up, or asked again. */
const GIVE_UP_MS: Millis = 4_000;
/** One that did not answer is asked after all others for so long. */
const AVOID_MS: Millis = 15_000;
/** Of the machine's servers, so many are asked: three are what the resolver of the C library knows. */
const MOST_SERVERS = 3;
/** Different questions under way at once. */
const MOST_ASKED = 500;

export interface ForwarderOptions {
  readonly clock: Clock;
  /** Whom to ask, in order. The same list until it is another. */
  readonly resolvers: () => readonly string[];
  /** Port of those. */
  readonly port?: number;
}

export interface Forwarded {
  readonly passed: PassedOn;
  /** How long ago it was given. */
  readonly agedSeconds: number;
}

interface Asked {
  readonly answer: Promise<PassedOn | undefined>;
  /** It came back from who is being asked just now. */
  cameBack: boolean;
}

/** Asks the servers of names that this machine uses: each question once at a time, and not again while its answer is good. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #cache = new Cache();
  readonly #asked = new Map<string, Asked>();
  /** Until when a server is asked last. */
  readonly #avoided = new Map<string, Instant>();
  /** By which this server knows its own questions when they come back. */
  readonly #mark = randomBytes(MARK_BYTES);
  #resolvers: readonly string[] = [];
  #circle: string | undefined;

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  /** Of the servers that this machine uses, one that has no answer but to ask us in turn. */
  get circle(): string | undefined {
    return this.#circle;
  }

  /** Whether a question is one of our own, or of a circle. It must not be asked again. */
  comesBack(query: Query): boolean {
    const way = query.edns?.way;
    if (way === undefined || !isMarked(way, this.#mark)) return way !== undefined && isLong(way); // anybody can write a long way, nobody our mark
    const { name, type } = query.question;
    const begin = `${name.toLowerCase()} ${type} `; // whoever brought it back may have changed the rest
    for (const [key, asked] of this.#asked) if (key.startsWith(begin)) asked.cameBack = true;
    return true;
  }

  /** @param isOwn addresses that are this server's own: to ask there is to ask oneself. @returns undefined when nobody answers */
  async ask(query: Query, isOwn: (address: string) => boolean): Promise<Forwarded | undefined> {
    this.#look();
    const key = keyOf(query);
    const kept = this.#cache.get(key, this.#options.clock.now());
    if (kept !== undefined) return kept;
    const passed = await (this.#asked.get(key)?.answer ?? this.#begin(key, query, isOwn));
    return passed === undefined ? undefined : { passed, agedSeconds: 0 };
  }

  /** Others than before may say other things, and be as sound as any. */
  #look(): void {
    const resolvers = this.#options.resolvers();
    if (resolvers === this.#resolvers) return;
    this.#resolvers = resolvers;
    this.#cache.clear();
    this.#avoided.clear();
    this.#circle = undefined;
  }

  #begin(key: string, query: Query, isOwn: (address: string) => boolean): Promise<PassedOn | undefined> {
    if (this.#asked.size >= MOST_ASKED) return Promise.resolve(undefined);
    const state = { cameBack: false };
    const answer = this.#askEach(query, this.#inOrder(isOwn), state).then((passed) => {
      if (passed !== undefined) this.#cache.put(key, passed, this.#options.clock.now());
      return passed;
    }).finally(() => this.#asked.delete(key));
    this.#asked.set(key, Object.assign(state, { answer }));
    return answer;
  }

  /** As the machine has them, but those last that did not answer. */
  #inOrder(isOwn: (address: string) => boolean): readonly string[] {
    const now = this.#options.clock.now();
    const isAvoided = (address: string): boolean => (this.#avoided.get(address) ?? now) > now;
    const others = this.#resolvers.filter((address) => !isOwn(address)).slice(0, MOST_SERVERS);
    return [...others.filter((address) => !isAvoided(address)), ...others.filter(isAvoided)];
  }

  async #askEach(query: Query, servers: readonly string[], state: Pick<Asked, 'cameBack'>): Promise<PassedOn | undefined> {
    const { clock, port = PORT } = this.#options;
    const begun = clock.now();
    const way = Buffer.concat([query.edns?.way ?? Buffer.alloc(0), this.#mark]);
    for (const address of servers) {
      if (elapsedMs(begun, clock.now()) >= GIVE_UP_MS) return undefined;
      state.cameBack = false;
      const passed = await askUpstream(query, { address, port }, { clock, way }).catch(() => undefined); // no more sockets to be had
      this.#judge(address, passed, state);
      if (isGood(passed)) return passed;
    }
    return undefined;
  }

  /** What is to be thought of a server after what it said. */
  #judge(address: string, passed: PassedOn | undefined, { cameBack }: Pick<Asked, 'cameBack'>): void {
    const { clock } = this.#options;
    if (isGood(passed)) {
      this.#avoided.delete(address);
      if (this.#circle === address) this.#circle = undefined;
      return;
    }
    if (cameBack) this.#circle = address;
    if (passed === undefined) this.#avoided.set(address, later(clock.now(), AVOID_MS));
  }
}

const isGood = (passed: PassedOn | undefined): boolean => passed?.code === CODE.ok || passed?.code === CODE.unknown;

const keyOf = ({ question, flags, edns }: Query): string => `${question.name.toLowerCase()} ${question.type} ${String(flags)} ${String(edns?.isDnssecOk ?? false)}`;
