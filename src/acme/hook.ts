import { execFile } from 'node:child_process';
import { KontenaError, type Millis } from '../model/index.js';

const HOOK_LIMIT_MS: Millis = 120_000;
/** So much of what it wrote is told. */
const TOLD_CHARACTERS = 500;

/** Runs a program of the master's machine to its end; no shell sees its words. @throws KontenaError KON_DNS_HOOK_FAILED */
export function runHook(program: string, words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(program, words, { timeout: HOOK_LIMIT_MS }, (error, _stdout, stderr) => {
      if (error === null) resolve();
      else reject(new KontenaError('KON_DNS_HOOK_FAILED', `${program} ${words.slice(0, 2).join(' ')} failed: ${lastWords(stderr) || error.message}`, { cause: error }));
    });
  });
}

const lastWords = (text: string): string => text.trim().slice(-TOLD_CHARACTERS).replaceAll(/\s+/g, ' ');
