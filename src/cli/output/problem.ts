import { isNativeError } from 'node:util/types';
import { KontenaError, messageOf } from '../../model/index.js';
import type { Colours } from './colour.js';
import { usageSentence } from './usage.js';

/** What a failed command prints on stderr, and how it exits. */
export interface Problem {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

interface Circumstances {
  readonly colours: Colours;
  /** With the stack trace. */
  readonly isDebug: boolean;
  /** Begins "See: kontenactl apply --help" after wrong usage. */
  readonly usage: string;
  /** `dev (127.0.0.1:9292)`: where the command was going; undefined before it chose. */
  readonly context: string | undefined;
  /** What is wrong in the stack files, in lines. */
  readonly mistakes: readonly string[];
}

/** Codes that are about the way to the master: there the context is part of the story. */
const ABOUT_THE_WAY: readonly string[] = ['KON_MASTER_UNREACHABLE', 'KON_CERTIFICATE_UNTRUSTED', 'KON_UNAUTHENTICATED', 'KON_FORBIDDEN'];

/** Exit code of a refusal or failure, and of wrong usage. */
const FAILED = 1;
const WRONG_USAGE = 2;

/** Says what went wrong, to what, and what to do next. */
export function renderProblem(error: unknown, circumstances: Circumstances): Problem {
  const { colours, isDebug, usage, context, mistakes } = circumstances;
  const trace = isDebug && isNativeError(error) ? (error.stack ?? '').split('\n').slice(1) : [];
  const head = (text: string): string => `${colours.red('error:')} ${text}`;
  const exit = usageExit(error);
  if (exit !== undefined && isNativeError(error)) return { lines: [head(usageSentence(error)), `See: ${usage} --help`, ...trace], exitCode: exit };
  if (error instanceof KontenaError) {
    const where = context !== undefined && ABOUT_THE_WAY.includes(error.code) ? [`context: ${context}`] : [];
    return { lines: [head(error.message), ...mistakes, ...where, error.remedy, ...trace], exitCode: FAILED };
  }
  const hint = isDebug ? [] : ['This is a fault in Kontena. Run again with --debug and report what it prints.'];
  return { lines: [head(messageOf(error)), ...hint, ...trace], exitCode: FAILED };
}

/** The exit code oclif gives a parse error; undefined for what is not one. */
function usageExit(error: unknown): number | undefined {
  if (!isNativeError(error)) return undefined;
  if (/^Expected an integer/.test(error.message)) return WRONG_USAGE; // the one complaint oclif throws bare
  if (!('oclif' in error)) return undefined;
  const { oclif } = error;
  const exit = typeof oclif === 'object' && oclif !== null && 'exit' in oclif ? oclif.exit : undefined;
  return typeof exit === 'number' ? exit : WRONG_USAGE;
}
