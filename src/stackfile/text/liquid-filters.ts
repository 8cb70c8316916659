import type { FilterImplOptions, Operators } from 'liquidjs';
import { scalarText } from './scalar.js';

type Filter = Extract<FilterImplOptions, (...given: never[]) => unknown>;
type Filters = Readonly<Record<string, FilterImplOptions>>;

/** A number with a fraction, though that may be 0: 2.0 is written so, and divides without rounding. */
export class Fraction {
  constructor(readonly value: number) {}

  valueOf(): number {
    return this.value;
  }

  toString(): string {
    return scalarText(this.value, true);
  }

  equals(other: unknown): boolean {
    return Number(other) === this.value && typeof other !== 'string';
  }

  gt(other: unknown): boolean {
    return this.value > Number(other);
  }

  geq(other: unknown): boolean {
    return this.value >= Number(other);
  }

  lt(other: unknown): boolean {
    return this.value < Number(other);
  }

  leq(other: unknown): boolean {
    return this.value <= Number(other);
  }
}

interface Amount {
  readonly value: number;
  readonly isWhole: boolean;
}

/** A value as a number: of a text the digits that it begins with, 0 of what is none. */
function amountOf(given: unknown, isWritten = false): Amount {
  if (given instanceof Fraction) return { value: given.value, isWhole: false };
  if (typeof given === 'number') return { value: given, isWhole: Number.isInteger(given) && !isWritten };
  if (typeof given !== 'string') return { value: 0, isWhole: true };
  const isFraction = /^\s*-?\d+\.\d+\s*$/.test(given);
  return { value: Number((isFraction ? given : (/^\s*[-+]?\d+/.exec(given)?.[0] ?? '0')).trim()), isWhole: !isFraction };
}

const made = (value: number, isWhole: boolean): number | Fraction => (isWhole ? value : new Fraction(value));

/** Sums of decimal fractions are decimal fractions: 0.1 + 0.2 is 0.3. */
const decimal = (value: number): number => Number(value.toPrecision(15));
const sum = (value: number, isWhole: boolean): number | Fraction => (isWhole ? value : new Fraction(decimal(value)));

/** 0.6 / 3 is 0.2, where that is exact. */
function quotient(left: number, right: number): number {
  const short = decimal(left / right);
  return decimal(short * right) === left ? short : left / right;
}

function divided(left: Amount, right: Amount): number | Fraction {
  if (!left.isWhole || !right.isWhole) return new Fraction(quotient(left.value, right.value));
  if (right.value === 0) throw new RangeError('divides by 0');
  return Math.floor(left.value / right.value);
}

function remainder(left: Amount, right: Amount): number | Fraction {
  if (right.value === 0) throw new RangeError('divides by 0');
  return sum(left.value - right.value * Math.floor(left.value / right.value), left.isWhole && right.isWhole);
}

function rounded({ value, isWhole }: Amount, digits: Amount): number | Fraction {
  const scale = 10 ** Math.max(0, digits.value);
  const result = (Math.sign(value) * Math.round(decimal(Math.abs(value) * scale))) / scale;
  return made(result, isWhole || digits.value <= 0);
}

const SUMS: Readonly<Record<string, (left: Amount, right: Amount) => number | Fraction>> = {
  plus: (left, right) => sum(left.value + right.value, left.isWhole && right.isWhole),
  minus: (left, right) => sum(left.value - right.value, left.isWhole && right.isWhole),
  times: (left, right) => sum(left.value * right.value, left.isWhole && right.isWhole),
  divided_by: divided,
  modulo: remainder,
  round: rounded,
  ceil: ({ value }) => Math.ceil(value),
  floor: ({ value }) => Math.floor(value),
  abs: ({ value, isWhole }) => made(Math.abs(value), isWhole),
};

/** Whether a number of a template is written with a point, as `2.0` is. */
const isFractionToken = (token: Written | readonly unknown[] | undefined): boolean => token !== undefined && 'input' in token && /^-?\d+\.\d+$/.test(token.input.slice(token.begin, token.end));

interface Written {
  readonly input: string;
  readonly begin: number;
  readonly end: number;
}

const numbers = Object.fromEntries(Object.entries(SUMS).map(([name, filter]): readonly [string, Filter] => [name, function (left: unknown, right: unknown) {
  return filter(amountOf(left), amountOf(right, isFractionToken(this.token.args[0])));
}]));

/** Filters of text: an array is shown to them as it is written in a file. */
const OF_TEXT = [
  'append', 'prepend', 'upcase', 'downcase', 'capitalize', 'strip', 'lstrip', 'rstrip', 'replace', 'replace_first', 'remove', 'remove_first',
  'truncate', 'truncatewords', 'escape', 'escape_once', 'url_encode', 'url_decode', 'strip_html', 'strip_newlines', 'newline_to_br', 'split',
];

function written(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return `[${value.map((item: unknown) => (typeof item === 'string' ? JSON.stringify(item) : item === null ? 'nil' : String(written(item)))).join(', ')}]`;
}

/** A filter whose result is changed once more. */
const then = (filter: FilterImplOptions | undefined, change: (result: unknown) => unknown): Filter => function (value: unknown, ...rest: readonly unknown[]) {
  return typeof filter === 'function' ? change(filter.call(this, value, ...rest)) : value;
};

/** The filters that Ruby's Liquid has otherwise than liquidjs, of which `theirs` are. */
export function rubyFilters(theirs: Filters): Filters {
  const quotes = (text: unknown): unknown => String(text).replaceAll('&#34;', '&quot;');
  const changed: Filters = {
    ...theirs,
    escape: then(theirs['escape'], quotes),
    escape_once: then(theirs['escape_once'], quotes),
    url_encode: then(theirs['url_encode'], (text) => String(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)),
    split: function (text: unknown, separator: unknown) {
      if (separator === ' ' && typeof text === 'string') return text.split(/\s+/).filter((word) => word !== '');
      return typeof theirs['split'] === 'function' ? (theirs['split'].call(this, text, separator) as unknown) : [];
    },
  };
  const ofText = OF_TEXT.map((name): readonly [string, Filter] => [name, function (value: unknown, ...rest: readonly unknown[]) {
    const filter = changed[name];
    return typeof filter === 'function' ? (filter.call(this, written(value), ...rest) as unknown) : value;
  }]);
  const ofArrays = ['first', 'last'].map((name): readonly [string, Filter] => [name, (value: unknown) => (Array.isArray(value) ? ((value.at(name === 'first' ? 0 : -1) as unknown) ?? null) : null)]);
  return { ...numbers, ...Object.fromEntries(ofText), ...Object.fromEntries(ofArrays) };
}

/** Nothing is neither less nor more than anything; a text of digits is a number beside one. */
const compared = (isSo: (order: number) => boolean): Operators[string] => (left: unknown, right: unknown) => {
  if (typeof left === 'string' && typeof right === 'string') return isSo(left < right ? -1 : left > right ? 1 : 0);
  return [left, right].every((value) => ['number', 'string'].includes(typeof value) || value instanceof Fraction) && isSo(Number(left) - Number(right));
};

/** The comparisons that Ruby's Liquid has otherwise than liquidjs. */
export const rubyOperators: Operators = { '<': compared((order) => order < 0), '>': compared((order) => order > 0), '<=': compared((order) => order <= 0), '>=': compared((order) => order >= 0) };
