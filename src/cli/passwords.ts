import { KontenaError } from '../model/index.js';
import type { Host } from './host.js';

/** A password: typed unseen, or the next line of what is on stdin. @throws KontenaError KON_INVALID when there is none */
export async function askPassword(host: Host, text: string): Promise<string> {
  const given = host.isInteractive
    ? await host.ask({ kind: 'text', variable: '', text, isSecret: true, wrong: (answer) => (answer === '' ? 'is empty, and must not be' : undefined) })
    : (await host.readInput()).split(/\r?\n/, 1)[0];
  if (typeof given === 'string' && given !== '') return given;
  throw new KontenaError('KON_INVALID', 'there is no password: type it, or send it to stdin');
}

/** What the master proves itself by elsewhere, from stdin, where that is wanted. @throws KontenaError KON_INVALID when there is nothing */
export async function givenSecret(host: Host, isWanted: boolean): Promise<{ readonly secret?: string }> {
  if (!isWanted) return {};
  const secret = (await host.readInput()).split(/\r?\n/, 1)[0];
  if (secret === undefined || secret === '') throw new KontenaError('KON_INVALID', 'there is no secret on stdin');
  return { secret };
}
