import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { KontenaError, messageOf } from '../model/index.js';
import type { Kept } from '../ports/index.js';
import { KontenaCommand } from './command.js';

/** A command that writes to the vault. */
export abstract class VaultCommand extends KontenaCommand {
  /** The value of a secret: from the command line, typed unseen, or from stdin without its last line break. @throws KontenaError KON_INVALID when there is none */
  protected async valueFor(name: string, given: string | undefined): Promise<string> {
    if (given !== undefined) return given;
    if (this.host.isInteractive) {
      const typed = await this.host.ask({ kind: 'text', variable: name, text: `Value of secret ${name}`, isSecret: true, wrong: (answer) => (answer === '' ? 'has no value, and needs one' : undefined) });
      if (typeof typed === 'string') return typed;
    } else {
      const text = (await this.host.readInput()).replace(/\r?\n$/, '');
      if (text !== '') return text;
    }
    throw new KontenaError('KON_INVALID', `there is no value for secret ${name}: write it after the name, or send it to stdin`);
  }

  /** The text of a file, relative to where the command runs. @throws KontenaError KON_FILE_UNREADABLE */
  protected async readText(file: string): Promise<string> {
    try {
      return await readFile(resolve(this.host.directory, file), 'utf8');
    } catch (error) {
      throw new KontenaError('KON_FILE_UNREADABLE', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
    }
  }

  /** What became of it, and who is replaced for it. */
  protected tellKept(kind: string, { name, version, isChanged, usedBy }: Kept): void {
    this.print(isChanged ? `${kind}/${name} is kept in version ${String(version)}` : `${kind}/${name} is kept so already`);
    if (isChanged && usedBy.length > 0) this.note(`It is opened by ${usedBy.join(', ')}, which ${usedBy.length === 1 ? 'is' : 'are'} replaced now.`);
  }
}
