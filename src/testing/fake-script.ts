import type { Millis, ServiceSpec } from '../model/index.js';

/** What a container does once it runs. */
export interface Script {
  readonly output: readonly string[];
  /** Undefined: it stays until it is stopped. */
  readonly endsAfterMs: Millis | undefined;
  readonly exitCode: number;
  readonly ignoresStop: boolean;
}

/**
 * Reads the little shell that fakes understand, of a command `/bin/sh -c TEXT`: `echo WORDS`, `busybox sleep SECONDS`, `exit CODE` and
 * `trap '' TERM`, joined by `;`. Without an `exit` a container stays, and a command ends well at once.
 */
export function scriptOf({ entrypoint = [], command = [] }: Pick<ServiceSpec, 'entrypoint' | 'command'>): Script {
  const output: string[] = [];
  let passedMs = 0;
  let ignoresStop = false;
  for (const statement of statements([...entrypoint, ...command])) {
    const [verb = '', ...words] = statement.replace(/^busybox /, '').split(/\s+/);
    if (verb === 'echo') output.push(words.join(' '));
    if (verb === 'sleep') passedMs += Number(words[0]) * 1000;
    if (verb === 'trap') ignoresStop = true;
    if (verb === 'exit') return { output, endsAfterMs: passedMs, exitCode: Number(words[0] ?? 0), ignoresStop };
  }
  return { output, endsAfterMs: undefined, exitCode: 0, ignoresStop };
}

const statements = (words: readonly string[]): readonly string[] =>
  words.at(-2) === '-c' ? (words.at(-1) ?? '').split(';').map((statement) => statement.trim()) : [];
