import { messageOf, nearest } from '../../model/index.js';

/** What oclif knows of a command line that it does not understand, by the looks of its errors. */
interface Misuse {
  readonly args?: readonly (string | { readonly name: string; readonly description?: string })[];
  readonly flags?: readonly string[];
  readonly parse?: { readonly input?: { readonly flags?: Readonly<Record<string, unknown>> } };
}

/** What is wrong with a command line, in our words where oclif's say less. */
export function usageSentence(error: Error & Misuse): string {
  const { args = [], flags = [], parse } = error;
  if (error.message.startsWith('Missing') && args.length > 0) return missing(args.filter((arg) => typeof arg !== 'string'));
  if (error.message.startsWith('Nonexistent flag')) return flags.map((flag) => unknownFlag(flag, Object.keys(parse?.input?.flags ?? {}))).join('\n');
  return tidy(messageOf(error));
}

function missing(args: readonly { readonly name: string; readonly description?: string }[]): string {
  const names = args.map(({ name }) => name.toUpperCase());
  if (args.length === 1) return `${names.join('')} is missing: ${args[0]?.description ?? ''}`;
  return [`${names.join(' and ')} are missing`, ...args.map(({ name, description = '' }) => `  ${name.toUpperCase()}: ${description}`)].join('\n');
}

function unknownFlag(flag: string, known: readonly string[]): string {
  const word = flag.replace(/^-+/, '');
  const meant = known.find((name) => word.length > 1 && name.startsWith(word)) ?? (word.length > 1 ? nearest(word, known) : undefined);
  return `there is no flag ${flag}${meant === undefined ? '' : `; did you mean --${meant}?`}`;
}

/** Without oclif's own frame around it. */
const tidy = (message: string): string =>
  message.split('\n').filter((line) => line.trim() !== '' && !/^(See more help|The following errors? occurred)/.test(line)).join('\n').trim()
    .replace(/^Parsing (--\S+)\s+/, '$1: ').replace(/^Missing required flag (\S+)$/m, 'the flag --$1 is missing');
