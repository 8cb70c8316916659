import { KontenaError } from '../model/index.js';
import type { Kept } from '../ports/index.js';
import type { Host } from './host.js';
import type { Run } from './run.js';

/** The value of a secret: from the command line, typed unseen, or from stdin without its last line break. @throws KontenaError KON_INVALID when there is none */
export async function secretValue(host: Host, name: string, given: string | undefined): Promise<string> {
  const value = given ?? (await unseen(host, name, `Value of secret ${name}`));
  if (value === undefined) throw new KontenaError('KON_INVALID', `there is no value for secret ${name}: write it after the name, or send it to stdin`);
  return value;
}

/** A password for a registry, likewise. @throws KontenaError KON_INVALID when there is none */
export async function passwordAt(host: Host, registry: string, given: string | undefined): Promise<string> {
  const password = given ?? (await unseen(host, 'password', `Password at ${registry}`));
  if (password === undefined) throw new KontenaError('KON_INVALID', `there is no password for ${registry}: give it with -p, or send it to stdin`);
  return password;
}

/** What is typed unseen, or read from stdin without its last line break; undefined when that is nothing. */
async function unseen(host: Host, variable: string, text: string): Promise<string | undefined> {
  if (!host.isInteractive) return (await host.readInput()).replace(/\r?\n$/, '') || undefined;
  const typed = await host.ask({ kind: 'text', variable, text, isSecret: true, wrong: (answer) => (answer === '' ? 'has no value, and needs one' : undefined) });
  return typeof typed === 'string' ? typed : undefined;
}

/** Says what became of a secret or a certificate, and who is replaced for it. */
export function tellKept(run: Pick<Run, 'print' | 'note'>, kind: 'secret' | 'certificate', { name, version, isChanged, usedBy }: Kept): void {
  run.print(isChanged ? `${kind}/${name} is kept in version ${String(version)}` : `${kind}/${name} is kept so already`);
  if (isChanged && usedBy.length > 0) run.note(`It is opened by ${usedBy.join(', ')}, which ${usedBy.length === 1 ? 'is' : 'are'} replaced now.`);
}
