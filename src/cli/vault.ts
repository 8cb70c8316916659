import { KontenaError } from '../model/index.js';
import type { Kept } from '../ports/index.js';
import type { Host } from './host.js';
import type { Run } from './run.js';

/** The value of a secret: from the command line, typed unseen, or from stdin without its last line break. @throws KontenaError KON_INVALID when there is none */
export async function secretValue(host: Host, name: string, given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  if (host.isInteractive) {
    const typed = await host.ask({ kind: 'text', variable: name, text: `Value of secret ${name}`, isSecret: true, wrong: (answer) => (answer === '' ? 'has no value, and needs one' : undefined) });
    if (typeof typed === 'string') return typed;
  } else {
    const text = (await host.readInput()).replace(/\r?\n$/, '');
    if (text !== '') return text;
  }
  throw new KontenaError('KON_INVALID', `there is no value for secret ${name}: write it after the name, or send it to stdin`);
}

/** Says what became of a secret or a certificate, and who is replaced for it. */
export function tellKept(run: Pick<Run, 'print' | 'note'>, kind: 'secret' | 'certificate', { name, version, isChanged, usedBy }: Kept): void {
  run.print(isChanged ? `${kind}/${name} is kept in version ${String(version)}` : `${kind}/${name} is kept so already`);
  if (isChanged && usedBy.length > 0) run.note(`It is opened by ${usedBy.join(', ')}, which ${usedBy.length === 1 ? 'is' : 'are'} replaced now.`);
}
