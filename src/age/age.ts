import { ReadableStream } from 'node:stream/web';
import { Decrypter, Encrypter } from 'age-encryption';
import { KontenaError, messageOf } from '../model/index.js';

/** Who may open a file: whoever knows the passphrase, or has the identity of one of the recipients. */
export interface Recipients {
  readonly passphrase?: string | undefined;
  /** `age1…`; not together with a passphrase, as the format has it. */
  readonly recipients: readonly string[];
}

/** What opens it. */
export interface Opener {
  readonly passphrase?: string | undefined;
  /** `AGE-SECRET-KEY-1…` */
  readonly identities: readonly string[];
}

/** How every file of age begins. */
const MARK = 'age-encryption.org/v1\n';
export const MARK_BYTES = MARK.length;

/** Whether a file that begins so is sealed. */
export const isSealed = (beginning: Uint8Array): boolean => Buffer.from(beginning.subarray(0, MARK_BYTES)).toString('latin1') === MARK;

/** Seals what comes, in pieces of 64 KiB. @throws KontenaError KON_INVALID for what is no recipient */
export async function* sealed(pieces: AsyncIterable<Uint8Array>, { passphrase, recipients }: Recipients): AsyncGenerator<Uint8Array> {
  const encrypter = new Encrypter();
  try {
    if (passphrase !== undefined) encrypter.setPassphrase(passphrase);
    for (const recipient of recipients) encrypter.addRecipient(recipient);
  } catch (error) {
    throw new KontenaError('KON_INVALID', `a recipient of age is wanted, which begins with age1: ${messageOf(error)}`, { cause: error });
  }
  yield* piecesOf(await encrypter.encrypt(streamOf(pieces)));
}

/**
 * Opens what was sealed so, here or by the `age` program. What was bent or cut is told before its last piece is given.
 *
 * @throws KontenaError KON_PASSPHRASE_WRONG when none of this opens it, KON_INVALID for what is no identity
 */
export async function* opened(pieces: AsyncIterable<Uint8Array>, { passphrase, identities }: Opener): AsyncGenerator<Uint8Array> {
  const decrypter = new Decrypter();
  try {
    if (passphrase !== undefined) decrypter.addPassphrase(passphrase);
    for (const identity of identities) decrypter.addIdentity(identity);
  } catch (error) {
    throw new KontenaError('KON_INVALID', `an identity of age is wanted, which begins with AGE-SECRET-KEY-1: ${messageOf(error)}`, { cause: error });
  }
  let stream: ReadableStream<Uint8Array>;
  try {
    stream = await decrypter.decrypt(streamOf(pieces));
  } catch (error) {
    throw new KontenaError('KON_PASSPHRASE_WRONG', `what was named does not open it: ${messageOf(error)}`, { cause: error });
  }
  yield* piecesOf(stream);
}

const streamOf = (pieces: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> => ReadableStream.from<Uint8Array>(pieces);

const piecesOf = (stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> => stream as AsyncIterable<Uint8Array>;
