export type Scalar = string | number | boolean | null;

/** What a plain word means, and what a reader would not expect of it. */
export interface Meaning {
  readonly value: Scalar;
  readonly isFloat?: boolean;
  /** What it was read as, when that surprises: for a warning. */
  readonly surprise?: string;
  /** Why it cannot be taken. */
  readonly refused?: string;
}

const BASE_60 = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+$/;
const BASE_60_FLOAT = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*$/;
const FLOAT = /^[-+]?([0-9][0-9_,]*\.[0-9]*|\.[0-9]+)([eE][+-][0-9]+)?$/;
const DECIMAL = /^[-+]?(0|[1-9]([0-9]|[_,][0-9])*)$/;
const OCTAL = /^[-+]?0[0-7_,]+$/;
const HEX = /^[-+]?0x[_,]*[0-9a-fA-F][0-9a-fA-F_,]*$/;
const BINARY = /^[-+]?0b[_,]*[01][01_,]*$/;
const DATE = /^\d{4}-(1[012]|0\d|\d)-([12]\d|3[01]|0\d|\d)$/;
const TIME = /^-?\d{4}-\d{1,2}-\d{1,2}([Tt]|\s+)\d{1,2}:\d\d:\d\d(\.\d*)?(\s*(Z|[-+]\d{1,2}:?(\d\d)?))?$/;

/** The meaning of an unquoted word in YAML 1.1, as the original read it. */
export function meaningOf(word: string): Meaning {
  return wordMeaning(word) ?? numberMeaning(word) ?? refusal(word) ?? { value: word };
}

function wordMeaning(word: string): Meaning | undefined {
  if (word === '' || word === '~' || /^null$/i.test(word)) return { value: null };
  if (/^true$/i.test(word)) return { value: true };
  if (/^false$/i.test(word)) return { value: false };
  if (/^(yes|on)$/i.test(word)) return { value: true, surprise: 'true' };
  if (/^(no|off)$/i.test(word)) return { value: false, surprise: 'false' };
  return undefined;
}

function numberMeaning(word: string): Meaning | undefined {
  if (!/^[-+.\d]/.test(word)) return undefined;
  if (/^[-+]?\.inf$/i.test(word)) return { value: word.startsWith('-') ? -Infinity : Infinity, isFloat: true };
  if (/^\.nan$/i.test(word)) return { value: NaN, isFloat: true };
  if (BASE_60.test(word)) return surprising(base60(word), false);
  if (BASE_60_FLOAT.test(word)) return surprising(base60(word), true);
  if (FLOAT.test(word)) return plainNumber(word, Number(word.replace(/[_,]/g, '')), true);
  return integerMeaning(word);
}

function integerMeaning(word: string): Meaning | undefined {
  const sign = word.startsWith('-') ? -1 : 1;
  const digits = word.replace(/^[-+]/, '').replace(/[_,]/g, '');
  if (DECIMAL.test(word)) return Number.isSafeInteger(Number(digits)) ? plainNumber(word, sign * Number(digits), false) : { value: `${sign < 0 ? '-' : ''}${digits}` }; // text keeps every digit
  if (OCTAL.test(word)) return surprising(sign * parseInt(digits, 8), false);
  if (HEX.test(word)) return { value: sign * parseInt(digits.slice(2), 16) };
  if (BINARY.test(word)) return surprising(sign * parseInt(digits.slice(2), 2), false);
  return undefined;
}

const surprising = (value: number, isFloat: boolean): Meaning => ({ value, isFloat, surprise: `the number ${value}` });
const plainNumber = (word: string, value: number, isFloat: boolean): Meaning => (word.includes(',') ? surprising(value, isFloat) : { value, isFloat });

function base60(word: string): number {
  const sign = word.startsWith('-') ? -1 : 1;
  const parts = word.replace(/^[-+]/, '').replace(/_/g, '').split(':');
  return sign * parts.reduce((sum, part) => sum * 60 + Number(part), 0);
}

function refusal(word: string): Meaning | undefined {
  if (DATE.test(word) || TIME.test(word)) return { value: word, refused: 'reads as a date, and a stack file holds none' };
  if (/^:./.test(word)) return { value: word, refused: 'begins with a colon and reads as a symbol, and a stack file holds none' };
  return undefined;
}

/** A value as the original wrote it into text: floats keep their point. */
export function scalarText(value: Scalar, isFloat = false): string {
  if (value === null) return '';
  if (typeof value === 'number' && isFloat && Number.isInteger(value)) return value.toFixed(1);
  return String(value);
}
