import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { isSealed, type Opener, opened, type Recipients, sealed } from './index.js';

const PASSPHRASE = { passphrase: 'open sesame', recipients: [] };
const KNOWS = { passphrase: 'open sesame', identities: [] };
/** Of several pieces of the format, and one that is not full. */
const BYTES = randomBytes(200_000);

async function* inPieces(bytes: Uint8Array, size = 30_000): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield await Promise.resolve(bytes.subarray(from, from + size));
}
async function whole(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
const seal = (to: Recipients, bytes: Uint8Array = BYTES): Promise<Buffer> => whole(sealed(inPieces(bytes), to));
const open = (bytes: Uint8Array, by: Opener): Promise<Buffer> => whole(opened(inPieces(bytes, 7_777), by));

describe('What is sealed', () => {
  test('by a passphrase opens with it alone', async () => {
    const bytes = await seal(PASSPHRASE);
    expect([isSealed(bytes), isSealed(BYTES), isSealed(new Uint8Array())]).toEqual([true, false, false]);
    expect((await open(bytes, KNOWS)).equals(BYTES)).toBe(true);
    await expect(open(bytes, { passphrase: 'open sesam', identities: [] })).rejects.toMatchObject({ code: 'KON_PASSPHRASE_WRONG' });
    await expect(open(bytes, { identities: [await generateX25519Identity()] })).rejects.toMatchObject({ code: 'KON_PASSPHRASE_WRONG' });
  }, 60_000);

  test('for recipients opens with the identity of any of them', async () => {
    const identities = await Promise.all([generateX25519Identity(), generateX25519Identity()]);
    const bytes = await seal({ recipients: await Promise.all(identities.map((identity) => identityToRecipient(identity))) });
    for (const identity of identities) expect((await open(bytes, { identities: [identity] })).equals(BYTES)).toBe(true);
    await expect(open(bytes, { identities: [await generateX25519Identity()] })).rejects.toMatchObject({ code: 'KON_PASSPHRASE_WRONG' });
  }, 60_000);

  test('is known to be bent, or cut at the end of a piece', async () => {
    const identity = await generateX25519Identity();
    const bytes = await seal({ recipients: [await identityToRecipient(identity)] });
    const bent = Buffer.from(bytes);
    bent[bent.length - 100]! ^= 1;
    await expect(open(bent, { identities: [identity] })).rejects.toThrow();
    const beginning = bytes.length - (BYTES.length % 65_536) - 16;
    await expect(open(bytes.subarray(0, beginning), { identities: [identity] })).rejects.toThrow();
  }, 60_000);
});

test.each([{ recipients: ['age1'] }, { recipients: ['ssh-ed25519 AAAA'] }])('Nobody is sealed for who is no recipient: %j', async (to) => {
  await expect(seal(to)).rejects.toMatchObject({ code: 'KON_INVALID', message: expect.stringContaining('begins with age1') });
});

test('What is no identity is refused', async () => {
  await expect(open(BYTES, { identities: ['age1'] })).rejects.toMatchObject({ code: 'KON_INVALID' });
});
