import { resolve } from 'node:path';
import { systemClock } from '../../clock.js';
import type { Control, Log } from '../../ports/index.js';
import type { StackRegistry } from '../../stack-registry/index.js';
import type { Host } from '../host.js';
import { random } from './reader.js';

interface WatchStacks {
  readonly control: Control;
  readonly grid: string;
  /** As given; relative to the working directory. */
  readonly directory: string;
  readonly allowEmpty: boolean;
  /** Further folders whose files may be referred to. */
  readonly allowed: readonly string[];
  /** Undefined when none is named. */
  readonly openRegistry: () => Promise<StackRegistry | undefined>;
}

/** Keeps the grid as the files of a directory say, until Ctrl-C; says what it does, a line each. The stacks stay when it ends. */
export async function watchStacks(host: Host, { directory, allowed, openRegistry, ...options }: WatchStacks): Promise<number> {
  const path = resolve(host.directory, directory);
  const ended = new Promise<void>((done) => void host.onInterrupt(done));
  const { stackReader, watchDirectory } = await import('../../sources/index.js');
  const { stackFetcher } = await import('../../stack-registry/index.js');
  const { clusterOf } = await import('../../stackfile/index.js');
  const cluster = clusterOf(() => Promise.resolve(options));
  const openReader = (): ReturnType<typeof stackReader> => stackReader({ allowed: allowed.map((folder) => resolve(host.directory, folder)), grid: options.grid, environment: host.env, random, cluster, fetchStack: stackFetcher(openRegistry) });
  const watched = await watchDirectory({ ...options, directory: path, clock: systemClock, log: lineLog(host), openReader });
  host.err.write(`watching ${path}; Ctrl-C ends it and leaves the stacks as they are\n`);
  await ended;
  await watched.close();
  return 0;
}

/** What happens on stdout, what is wrong on stderr. */
function lineLog({ out, err }: Host): Log {
  const line = (message: string, facts: Readonly<Record<string, unknown>> = {}): string =>
    `${message}${Object.entries(facts).map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join('')}\n`;
  return {
    info: (message, facts) => out.write(line(message, facts)),
    warn: (message, facts) => err.write(`warning: ${line(message, facts)}`),
    error: (message, facts) => err.write(`error: ${line(message, facts)}`),
  };
}
