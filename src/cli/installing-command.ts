import type { Declared } from './declaring-command.js';
import { waitFlags } from './flags.js';
import { FollowingCommand } from './following-command.js';
import { Flags } from './oclif.js';
import { valueFlags, type ValueFlags } from './stack-command.js';
import { treeLines, type Wish } from './stacks/index.js';

/** What `stack install` and `stack upgrade` take alike. */
export const installFlags = {
  ...valueFlags,
  ...waitFlags,
  deploy: Flags.boolean({ default: true, allowNo: true, hidden: true, summary: 'As --wait: what is declared is deployed.' }),
  'skip-dependencies': Flags.boolean({ default: false, summary: 'Leave the stacks it depends on as they are.' }),
};

export interface InstallFlags extends ValueFlags {
  readonly wait: boolean;
  readonly deploy: boolean;
  readonly timeout: number;
  readonly 'skip-dependencies': boolean;
}

interface Installation {
  readonly wish: Wish;
  readonly flags: InstallFlags;
  readonly isDry: boolean;
  readonly isJson: boolean;
  /** Asks what is to be asked before anything is changed. */
  readonly confirm?: (stacks: readonly Declared[]) => Promise<void>;
}

/** A command that declares a stack from its file, the stacks it depends on before it. */
export abstract class InstallingCommand extends FollowingCommand {
  protected async install({ wish, flags, isDry, isJson, confirm }: Installation): Promise<number> {
    const reader = await this.reader({ isOnline: true, isInteractive: true });
    const all = await reader.readAll(wish);
    const keepsOthers = flags['skip-dependencies'];
    const read = keepsOthers ? all.slice(-1) : all;
    const root = all.at(-1);
    if (!isJson && root !== undefined && read.length > 1) this.print(...treeLines(root.stack.name, wish.source, root.dependencies, read.map(({ stack }) => stack)));
    await this.warnOf(read.flatMap(({ mistakes }) => mistakes));
    await confirm?.(read);

    const { applied, removed } = await this.declareAll(read, { isDry, keepsOthers, told: async (one) => (isJson ? undefined : this.tell(one, isDry)) });
    if (!isJson) this.tellRemoved(removed);
    if (root !== undefined) await this.writeValues(flags['values-to'], root);
    return this.finish({ applied, pruned: removed, isJson, timeoutMs: flags.wait && flags.deploy && !isDry ? flags.timeout : undefined });
  }
}
