import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { randomInt } from 'node:crypto';
import packet, { type DecodedPacket } from 'dns-packet';
import { elapsedMs, type Instant, type Millis } from '../model/index.js';
import type { Clock } from '../ports/index.js';
import { CODE, codeOf, type Query } from './message.js';

const PORT = 53;
/** How long one server may take. */
const ANSWER_MS: Millis = 2_000;
/** Questions under way at once, and answers that are kept. */
const MOST_ASKED = 500;
const MOST_KEPT = 5_000;
/** An answer is kept no longer, whatever it says; a "no" neither. */
const LONGEST_SECONDS = 300;
const LONGEST_NO_SECONDS = 30;
const HEADER_BYTES = 12;

export interface ForwarderOptions {
  readonly clock: Clock;
  /** Whom to ask, in order. */
  readonly resolvers: () => readonly string[];
  /** Port of those. */
  readonly port?: number;
}

export interface Forwarded {
  readonly response: DecodedPacket;
  /** How long ago it was given. */
  readonly agedSeconds: number;
}

/** Asks the servers of names that this machine uses: each question once at a time, and not again while its answer is good. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #kept = new Map<string, { readonly response: DecodedPacket; readonly at: Instant; readonly goodMs: Millis }>();
  readonly #asked = new Map<string, Promise<DecodedPacket | undefined>>();

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  /** @param isOwn addresses that are this server's own: to ask there is to ask oneself. @returns undefined when nobody answers */
  async ask(query: Query, isOwn: (address: string) => boolean): Promise<Forwarded | undefined> {
    const { clock } = this.#options;
    const key = `${query.question.name.toLowerCase()} ${query.question.type} ${String(query.question.class)}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      const ageMs = elapsedMs(kept.at, clock.now());
      if (ageMs >= 0 && ageMs < kept.goodMs) return { response: kept.response, agedSeconds: Math.floor(ageMs / 1000) };
      this.#kept.delete(key);
    }
    const asking = this.#asked.get(key) ?? this.#begin(key, query, isOwn);
    const response = await asking;
    return response === undefined ? undefined : { response, agedSeconds: 0 };
  }

  #begin(key: string, query: Query, isOwn: (address: string) => boolean): Promise<DecodedPacket | undefined> {
    if (this.#asked.size >= MOST_ASKED) return Promise.resolve(undefined);
    const asking = this.#askEach(query, isOwn).then((response) => {
      if (response !== undefined) this.#keep(key, response);
      return response;
    });
    this.#asked.set(key, asking);
    void asking.finally(() => this.#asked.delete(key));
    return asking;
  }

  async #askEach(query: Query, isOwn: (address: string) => boolean): Promise<DecodedPacket | undefined> {
    const { resolvers, port = PORT } = this.#options;
    for (const address of resolvers()) {
      if (isOwn(address)) continue;
      const response = await askByUdp(query, { address, port }).catch(() => undefined);
      const whole = response?.flag_tc === true ? await askByTcp(query, { address, port }).catch(() => undefined) : response;
      if (whole !== undefined && codeOf(whole) !== CODE.failed && codeOf(whole) !== CODE.refused) return whole;
    }
    return undefined;
  }

  #keep(key: string, response: DecodedPacket): void {
    const seconds = secondsGood(response);
    if (seconds === 0) return;
    this.#kept.set(key, { response, at: this.#options.clock.now(), goodMs: seconds * 1000 });
    const oldest = this.#kept.size > MOST_KEPT ? this.#kept.keys().next().value : undefined;
    if (oldest !== undefined) this.#kept.delete(oldest);
  }
}

/** How long an answer may be kept: the least of what its records say; a "no" as long as the zone says. */
function secondsGood(response: DecodedPacket): number {
  const answers = response.answers ?? [];
  const ttls = (answers.length > 0 ? answers : (response.authorities ?? [])).flatMap((one) => ('ttl' in one && one.ttl !== undefined ? [one.ttl] : []));
  if (ttls.length === 0) return 0;
  return Math.min(answers.length > 0 ? LONGEST_SECONDS : LONGEST_NO_SECONDS, ...ttls);
}

interface Server {
  readonly address: string;
  readonly port: number;
}

/** The query under an id of our own, which only who was asked knows. */
function underId({ bytes }: Query): { readonly id: number; readonly asked: Buffer } {
  const id = randomInt(0x1_0000);
  const asked = Buffer.from(bytes);
  asked.writeUInt16BE(id, 0);
  return { id, asked };
}

/** From a port of its own that nobody can know: who would answer in another's place must guess that and the id. */
function askByUdp(query: Query, { address, port }: Server): Promise<DecodedPacket> {
  const { id, asked } = underId(query);
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const late = setTimeout(() => end(() => reject(new Error('no answer'))), ANSWER_MS);
    const end = (then: () => void): void => {
      clearTimeout(late);
      socket.close();
      then();
    };
    socket.on('error', (error) => end(() => reject(error)));
    socket.on('message', (bytes, from) => {
      const response = from.address === address && from.port === port ? answerTo(query, id, bytes) : undefined;
      if (response !== undefined) end(() => resolve(response));
    });
    socket.send(asked, port, address);
  });
}

function askByTcp(query: Query, { address, port }: Server): Promise<DecodedPacket> {
  const { id, asked } = underId(query);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    const pieces: Buffer[] = [];
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(ANSWER_MS, () => fail(new Error('no answer')));
    socket.on('error', fail);
    socket.on('close', () => reject(new Error('no answer')));
    socket.on('connect', () => socket.write(Buffer.concat([lengthOf(asked), asked])));
    socket.on('data', (piece) => {
      pieces.push(piece);
      const all = Buffer.concat(pieces);
      if (all.length < 2 || all.length < 2 + all.readUInt16BE(0)) return;
      const response = answerTo(query, id, all.subarray(2, 2 + all.readUInt16BE(0)));
      socket.destroy();
      if (response === undefined) reject(new Error('that was no answer'));
      else resolve(response);
    });
  });
}

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return length;
}

/** What was decoded, if it answers this very question. */
function answerTo({ question }: Query, id: number, bytes: Buffer): DecodedPacket | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt16BE(0) !== id) return undefined;
  try {
    const response = packet.decode(bytes);
    const [asked] = response.questions ?? [];
    return response.flag_qr && asked?.name.toLowerCase() === question.name.toLowerCase() && asked.type === question.type ? response : undefined;
  } catch {
    return undefined;
  }
}
