import { createHash } from 'node:crypto';
import type { Random } from '../../ports/index.js';

const range = (from: number, to: number): string => String.fromCharCode(...Array.from({ length: to - from + 1 }, (_, index) => from + index));
const NUMBERS = range(48, 57);
const LETTERS = range(97, 122);
const CAPITALS = LETTERS.toUpperCase();

const CHARSETS: Readonly<Record<string, string>> = {
  numbers: NUMBERS, letters: LETTERS + CAPITALS, downcase: LETTERS, upcase: CAPITALS,
  alphanumeric: NUMBERS + LETTERS + CAPITALS,
  hex: `${NUMBERS}abcdef`, hex_upcase: `${NUMBERS}ABCDEF`,
  base64: `${CAPITALS}${LETTERS}${NUMBERS}+/`,
  ascii_printable: range(33, 126),
};

/** As long as a secret in an environment may be. */
const LONGEST = 65_536;

/** Unguessable text. `charset` is a known name, a range like `a-f`, or the characters themselves. @throws RangeError for a length or charset that cannot be */
export function randomText(length: number, charset: string, random: Random): string {
  const characters = (Object.hasOwn(CHARSETS, charset) ? CHARSETS[charset] : undefined) ?? rangeOf(charset) ?? charset;
  judge(length, charset, characters);
  const most = 256 - (256 % characters.length);
  let text = '';
  while (text.length < length) {
    for (const byte of Buffer.from(random.secret(length), 'base64url')) {
      // bytes beyond the last full turn would favour the first characters
      if (byte < most && text.length < length) text += characters.charAt(byte % characters.length);
    }
  }
  return text;
}

function judge(length: number, charset: string, characters: string): void {
  if (!Number.isInteger(length) || length < 1 || length > LONGEST) throw new RangeError(`the length must be 1 to ${LONGEST}, and is ${length}`);
  if (characters === '' || characters.length > 256) throw new RangeError('the charset must have 1 to 256 characters');
  if (charset === 'base64' && length % 4 !== 0) throw new RangeError(`base64 has a length that 4 divides, and not ${length}`);
}

function rangeOf(charset: string): string | undefined {
  const match = /^(.)-(.)$/.exec(charset);
  return match === null ? undefined : range((match[1] as string).charCodeAt(0), (match[2] as string).charCodeAt(0));
}

/** A whole number from `min` to `max`, both included. */
export const randomNumber = (min: number, max: number, random: Random): number => min + Math.floor(random.fraction() * (max - min + 1));

/** A version 4 UUID. */
export function randomUuid(random: Random): string {
  const hex = createHash('sha256').update(random.secret(16)).digest('hex');
  const variant = '89ab'.charAt(parseInt(hex.charAt(16), 16) % 4);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
