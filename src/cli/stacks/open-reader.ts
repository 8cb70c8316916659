import type { StackRegistry } from '../../stack-registry/index.js';
import type { Run } from '../run.js';
import type { SourceFlags } from './flags.js';
import type { InstalledStacks } from './installed.js';
import { prompterFor } from './prompter.js';
import { StackReader } from './reader.js';
import { findRegistry, missingSource } from './registry.js';

interface Circumstances {
  /** A person may be asked, where there is one. */
  readonly isInteractive: boolean;
  /** Of the grid that variables may ask; without, nothing is asked of a grid. */
  readonly installed?: InstalledStacks | undefined;
  /** That is open already. */
  readonly registry?: StackRegistry;
  /** What the master would refuse is a warning only. */
  readonly isLenient?: boolean;
}

/** A reader of stack files for a command, as its flags say. The stack registry is opened when something of it is first wanted. */
export async function openReader(run: Run, flags: SourceFlags, { isInteractive, installed, registry, isLenient = false }: Circumstances): Promise<StackReader> {
  const { host, sources } = run;
  const { stackFetcher } = await import('../../stack-registry/index.js');
  let opened = registry === undefined ? undefined : Promise.resolve<StackRegistry | undefined>(registry);
  const open = (): Promise<StackRegistry | undefined> => (opened ??= findRegistry(host, flags));
  return new StackReader({
    host, sources, isLenient, allowed: flags['allow-files'], isStrict: flags.strict, fetchStack: stackFetcher(open), missing: (source) => missingSource(source, open),
    ...(installed === undefined ? {} : { grid: (await run.chosen()).grid, openGrid: () => installed.grid(), installed: (name: string) => installed.variablesOf(name) }),
    ...(isInteractive && host.isInteractive ? { prompter: prompterFor(host) } : {}),
  });
}
