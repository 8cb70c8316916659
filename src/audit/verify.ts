import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { type AuditLine, type AuditTitle, KontenaError, messageOf } from '../model/index.js';
import { chained, GENESIS, isSigned } from './seal.js';

/** What a log was found to be. */
export interface AuditReport {
  readonly cluster: string;
  /** SHA-256 of the key that its signatures were checked with, in hex. */
  readonly keyFingerprint: string;
  readonly entries: number;
  /** Of the last entry: with it, a later log can be held against this one. */
  readonly hash: string;
  /** When the last entry was signed, in milliseconds since the Unix epoch. */
  readonly signedAt: number | undefined;
}

/** An earlier end of the same log, which it must still hold. */
export interface KnownHead {
  readonly number: number;
  readonly hash: string;
}

export interface VerifyOptions {
  /** PEM; the one that the log itself names when absent, which proves nothing to who was given the log by a stranger. */
  readonly publicKey?: string | undefined;
  readonly known?: KnownHead | undefined;
}

/**
 * Reads an exported log line by line and recomputes its chain: no entry is other than it was, none is missing, and the last
 * is signed.
 *
 * @throws KontenaError KON_AUDIT_BROKEN, which says where and how; KON_INVALID for a key that is none
 */
export async function verifyAudit(pieces: AsyncIterable<string>, options: VerifyOptions = {}): Promise<AuditReport> {
  let reader: Reader | undefined;
  for await (const lines of wholeLines(pieces)) {
    for (const line of lines) {
      if (reader === undefined) reader = new Reader(titleOf(line), options);
      else reader.take(line);
    }
  }
  if (reader === undefined) throw broken('it is empty');
  return reader.end();
}

const broken = (how: string): KontenaError => new KontenaError('KON_AUDIT_BROKEN', `the audit log is not as it was written: ${how}`);

/** The lines of each piece that are whole by then. */
async function* wholeLines(pieces: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield lines;
  }
  if (rest !== '') throw broken('its last line is cut off');
}

function titleOf(line: string): AuditTitle {
  const title = parsed(line, 'its first line') as Partial<AuditTitle>;
  if (title.audit !== 1 || typeof title.cluster !== 'string' || typeof title.publicKey !== 'string') throw broken('its first line is not that of an audit log');
  return title as AuditTitle;
}

function parsed(line: string, which: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new KontenaError('KON_AUDIT_BROKEN', `the audit log is not as it was written: ${which} is no JSON`, { cause: error });
  }
}

/** The public key, PEM, that a log names at its beginning. @throws KontenaError KON_AUDIT_BROKEN */
export const keyOfAudit = (beginning: string): string => titleOf(beginning.split('\n', 1)[0] ?? '').publicKey;

class Reader {
  readonly #cluster: string;
  readonly #key: KeyObject;
  readonly #known: KnownHead | undefined;
  #number = 0;
  #at = 0;
  #hash = GENESIS;
  #signed: { readonly number: number; readonly at: number } | undefined;

  constructor({ cluster, publicKey }: AuditTitle, options: VerifyOptions) {
    this.#cluster = cluster;
    this.#key = keyOf(options.publicKey ?? publicKey);
    this.#known = options.known;
  }

  take(text: string): void {
    const line = parsed(text, `the line after entry ${this.#number}`) as AuditLine;
    if ('entry' in line) this.#entry(line);
    else this.#signature(line);
  }

  end(): AuditReport {
    if (this.#known !== undefined && this.#known.number > this.#number) throw broken(`it ends with entry ${this.#number}, and ${this.#known.number} is known to have been there`);
    if (this.#signed?.number !== this.#number) throw broken(`its end is not signed: it was cut after entry ${this.#number}`);
    const fingerprint = createHash('sha256').update(this.#key.export({ type: 'spki', format: 'der' })).digest('hex');
    return { cluster: this.#cluster, keyFingerprint: fingerprint, entries: this.#number, hash: this.#hash, signedAt: this.#signed.at };
  }

  #entry({ entry, hash }: Extract<AuditLine, { readonly entry: unknown }>): void {
    if (entry.number !== this.#number + 1) throw broken(`after entry ${this.#number} comes ${entry.number}`);
    if (!(entry.at >= this.#at)) throw broken(`entry ${entry.number} is earlier than the one before it`);
    if (chained(this.#hash, JSON.stringify(entry)) !== hash) throw broken(`entry ${entry.number} was changed, or one before it`);
    if (this.#known?.number === entry.number && this.#known.hash !== hash) throw broken(`entry ${entry.number} is not the one that is known`);
    this.#number = entry.number;
    this.#at = entry.at;
    this.#hash = hash;
  }

  #signature({ number, at, signature }: Extract<AuditLine, { readonly signature: string }>): void {
    if (number !== this.#number) throw broken(`the signature of entry ${number} stands after entry ${this.#number}`);
    if (!isSigned({ cluster: this.#cluster, number, hash: this.#hash, at }, signature, this.#key)) throw broken(`the signature of entry ${number} is not by this key`);
    this.#signed = { number, at };
  }
}

function keyOf(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (error) {
    throw new KontenaError('KON_INVALID', `this is not the public key of an audit log, as \`kontenactl audit key\` prints it: ${messageOf(error)}`, { cause: error });
  }
}
