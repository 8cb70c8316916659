import { KontenaError } from '../model/index.js';

/** `user/stack`. */
export interface StackName {
  readonly user: string;
  readonly stack: string;
}

/** What may be a folder, a tag and a part of a path alike; it begins with no dot, so that it never leads elsewhere. */
const WORD = '[A-Za-z0-9_][A-Za-z0-9_.-]*';
const REFERENCE = new RegExp(`^(${WORD})/(${WORD})(?::([A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}))?$`);

export const isStackReference = (text: string): boolean => REFERENCE.test(text);

/** What `user/stack[:version]` names. @throws KontenaError KON_INVALID */
export function parseReference(text: string): { readonly name: StackName; readonly version: string | undefined } {
  const [, user, stack, version] = REFERENCE.exec(text) ?? [];
  if (user === undefined || stack === undefined) throw new KontenaError('KON_INVALID', `"${text}" names no stack of a registry: it is written user/stack or user/stack:version`);
  return { name: { user, stack }, version };
}

export const fullName = ({ user, stack }: StackName): string => `${user}/${stack}`;

/** Whether a folder found in a registry can be a name or a version: others lie there too. */
export const isWord = (text: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/.test(text);

/** Versions as semver orders them, the newest first. What is no number is compared as text. */
export const newestFirst = (versions: readonly string[]): readonly string[] => [...versions].sort((a, b) => compare(b, a));

/** The newest that is no trial version, else the newest. */
export function newest(versions: readonly string[]): string | undefined {
  const sorted = newestFirst(versions);
  return sorted.find((version) => !version.includes('-')) ?? sorted[0];
}

function compare(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  const release = compareParts(left.release, right.release);
  if (release !== 0) return release;
  if (left.trial.length === 0 || right.trial.length === 0) return right.trial.length - left.trial.length; // 1.0.0-rc.1 comes before 1.0.0
  return compareParts(left.trial, right.trial);
}

function split(version: string): { readonly release: readonly string[]; readonly trial: readonly string[] } {
  const [plain = ''] = version.replace(/^v(?=\d)/, '').split('+');
  const dash = plain.indexOf('-');
  return dash < 0 ? { release: plain.split('.'), trial: [] } : { release: plain.slice(0, dash).split('.'), trial: plain.slice(dash + 1).split('.') };
}

function compareParts(left: readonly string[], right: readonly string[]): number {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = comparePart(left[index] ?? '', right[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOtherNumber) return Number(a) - Number(b);
  if (isNumber !== isOtherNumber && a !== '' && b !== '') return isNumber ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
