import { createHash } from 'node:crypto';
import { plainText, type Plain } from '../text/node.js';
import type { Definition, VariableType } from './definition.js';
import { isPresent, textOfValue, type Value } from './value.js';

/** A value made into what its type says, or why it cannot be. */
export type Sanitised = { readonly value: Value } | { readonly wrong: string };

/** What a message says in the place of a secret. */
const UNTOLD = 'something else';

type Options = Readonly<Record<string, Plain>>;

const SANITISE: Readonly<Record<VariableType, (value: Value, options: Options, isSecret: boolean) => Sanitised>> = {
  string: (value, options) => (isPresent(value) ? stringOf(textOfValue(value), options) : { value: null }),
  integer: integerOf,
  boolean: booleanOf,
  enum: enumOf,
  uri: (value) => ({ value: isPresent(value) && textOfValue(value) !== '' ? textOfValue(value) : null }),
  array: arrayOf,
};

/** Makes a value what the type of its variable says. Of a secret, what is wrong does not tell it. */
export const sanitise = (value: Value, { type, options }: Definition, isSecret: boolean): Sanitised => SANITISE[type](value, options, isSecret);

function stringOf(given: string, options: Options): Sanitised {
  let text = given;
  if (options['encode_64'] === true) text = Buffer.from(text).toString('base64');
  if (options['decode_64'] === true) text = Buffer.from(text, 'base64').toString('utf8');
  const digest = options['hexdigest'];
  if (typeof digest === 'string') {
    if (!['md5', 'sha1', 'sha256', 'sha384', 'sha512'].includes(digest)) return { wrong: `there is no hexdigest "${digest}"` };
    text = createHash(digest).update(text).digest('hex');
  }
  if (options['upcase'] === true) text = text.toUpperCase();
  if (options['downcase'] === true) text = text.toLowerCase();
  if (options['strip'] === true) text = text.trim();
  if (options['chomp'] === true) text = text.replace(/\r?\n$/, '');
  if (options['capitalize'] === true) text = text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
  return { value: text.trim() === '' && options['empty_is_nil'] !== false ? null : text };
}

function integerOf(value: Value, options: Options, isSecret: boolean): Sanitised {
  if (!isPresent(value) || value === '') return { value: options['nil_is_zero'] === true ? 0 : null };
  if (typeof value === 'number') return { value: Math.trunc(value) };
  const digits = /^\s*([-+]?\d[\d_]*)/.exec(textOfValue(value))?.[1];
  return digits === undefined ? { wrong: `must be a whole number, and is ${isSecret ? UNTOLD : `"${textOfValue(value)}"`}` } : { value: Number(digits.replaceAll('_', '')) };
}

const TRUTHY: Plain = ['true', 'yes', '1', 'on', 'enabled', 'enable'];
const FALSY = ['false', 'no', '0', 'off', 'disabled', 'disable', ''];

/** Whether a value for a boolean is neither of its words for true nor any for false. It counts as false, as it always did. */
export function isDoubtful(value: Value, { type, options }: Definition): boolean {
  if (type !== 'boolean' || !isPresent(value)) return false;
  return ![...truthyWords(options), ...FALSY].includes(textOfValue(value).trim().toLowerCase());
}

const truthyWords = (options: Options): readonly string[] => [options['truthy'] ?? TRUTHY].flat().map((word) => plainText(word).toLowerCase());

function booleanOf(value: Value, options: Options): Sanitised {
  const words = truthyWords(options);
  const isTrue = !isPresent(value) ? options['nil_is'] === true : textOfValue(value).trim() === '' ? options['blank_is'] === true : words.includes(textOfValue(value).toLowerCase());
  const custom = options[String(isTrue)];
  if (custom !== undefined) return { value: simple(custom) };
  if (options['as'] === 'integer') return { value: isTrue ? 1 : 0 };
  return { value: options['as'] === 'string' ? String(isTrue) : isTrue };
}

export interface Choice {
  readonly value: string | number | boolean;
  readonly label: string;
  readonly description?: string;
}

/** What an enum may be chosen from. */
export function choicesOf(options: Plain | undefined): readonly Choice[] {
  if (options === undefined || options === null || typeof options !== 'object') return [];
  if (!isItems(options)) return Object.entries(options).map(([value, description]) => ({ value, label: value, description: plainText(description) }));
  return options.flatMap((option) => choiceOf(option) ?? []);
}

const isItems = (plain: Plain): plain is readonly Plain[] => Array.isArray(plain);
const simple = (plain: Plain): Value => (plain === null || typeof plain !== 'object' ? plain : isItems(plain) ? plain.map(simple) : null);

function choiceOf(option: Plain): Choice | undefined {
  if (option === null || isItems(option)) return undefined;
  if (typeof option !== 'object') return { value: option, label: String(option) };
  const { value, label, description } = option;
  if (value === undefined || value === null || typeof value === 'object') return undefined;
  return { value, label: typeof label === 'string' ? label : String(value), ...(typeof description === 'string' ? { description } : {}) };
}

function enumOf(value: Value, options: Options): Sanitised {
  if (!isPresent(value) || value === '') return { value: null };
  const chosen = choicesOf(options['options']).find((choice) => String(choice.value) === textOfValue(value));
  return { value: chosen?.value ?? value };
}

function itemsOf(value: Value, separator: string): readonly Value[] {
  if (!isPresent(value) || value === '') return [];
  return typeof value === 'string' ? parts(value, separator) : typeof value === 'object' ? value : [value];
}

/** A text in parts; those at the end that are empty count for nothing. */
function parts(text: string, separator: string): readonly string[] {
  const all = separator === ' ' ? text.trim().split(/\s+/) : text.split(separator);
  return all.slice(0, all.findLastIndex((part) => part !== '') + 1);
}

const inOrder = (one: Value, other: Value): number => (typeof one === 'number' && typeof other === 'number' ? one - other : textOfValue(one) < textOfValue(other) ? -1 : 1);

function arrayOf(value: Value, options: Options): Sanitised {
  const separator = typeof options['split'] === 'string' ? options['split'] : ',';
  let items = itemsOf(value, separator);
  if (options['compact'] === true) items = items.filter((item) => isPresent(item) && item !== '');
  if (options['sort'] === true) items = [...items].sort(inOrder);
  if (options['uniq'] === true) items = [...new Set(items)];
  if (options['count'] === true) return { value: items.length };
  if (items.length === 0 && options['empty_is_nil'] === true) return { value: null };
  return { value: typeof options['join'] === 'string' ? items.map(textOfValue).join(options['join']) : items };
}

/** What is wrong with a value that has its type; nothing when all is well. */
export function judge(value: Value, { type, options, isRequired }: Definition, isSecret: boolean): readonly string[] {
  if (!isPresent(value)) return isRequired ? [options['default'] === '' ? 'has no value, and needs one: an empty default is none, write required: false where there may be none' : 'has no value, and needs one'] : [];
  const said = isSecret ? UNTOLD : textOfValue(value);
  return [...judgeIn(value, options['in'], said), ...(JUDGE[type]?.(value, options, said) ?? [])];
}

/** @param said the value as a message may tell it */
function judgeIn(value: Value, allowed: Plain | undefined, said: string): readonly string[] {
  if (allowed === undefined || !isItems(allowed)) return [];
  return allowed.map(plainText).includes(textOfValue(value)) ? [] : [`must be one of ${allowed.map(plainText).join(', ')}, and is ${said}`];
}

const JUDGE: Partial<Record<VariableType, (value: Value, options: Options, said: string) => readonly string[]>> = {
  string: (value, { min_length, max_length }) => {
    const length = textOfValue(value).length;
    if (typeof min_length === 'number' && length < min_length) return [`is too short: it needs ${min_length} characters, and has ${length}`];
    return typeof max_length === 'number' && length > max_length ? [`is too long: it may have ${max_length} characters, and has ${length}`] : [];
  },
  integer: (value, { min, max }, said) => {
    const least = typeof min === 'number' ? min : min === null ? -Infinity : 0;
    if (Number(value) < least) return [`is too small: the minimum is ${least}, and it is ${said}`];
    return typeof max === 'number' && Number(value) > max ? [`is too large: the maximum is ${max}, and it is ${said}`] : [];
  },
  enum: (value, options, said) => {
    const choices = choicesOf(options['options']).map((choice) => String(choice.value));
    return choices.length === 0 || options['can_be_other'] === true || choices.includes(textOfValue(value)) ? [] : [`must be one of ${choices.join(', ')}, and is ${said}`];
  },
  uri: (value, { schemes }, said) => {
    const allowed = isItems(schemes ?? null) ? (schemes as readonly Plain[]).map(String) : ['http', 'https'];
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(textOfValue(value))?.[1];
    return scheme !== undefined && allowed.includes(scheme) ? [] : [`must begin with ${allowed.map((one) => `${one}://`).join(' or ')}, and is ${said}`];
  },
};
