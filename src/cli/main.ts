import { Config, run, type Command } from '@oclif/core';
import { isNativeError } from 'node:util/types';
import { provideHost, Reported } from './command.js';
import type { Host } from './host.js';
import { MANIFEST } from './manifest.js';
import { coloursFor, renderProblem } from './output/index.js';

/** What oclif knows before it reads a command line. @param folder holds the bundle and the list of its commands */
export const loadConfig = (folder: string, options: { readonly ignoreManifest?: boolean } = {}): Promise<Config> =>
  Config.load({ root: folder, pjson: MANIFEST, userPlugins: false, devPlugins: false, jitPlugins: false, ...options });

/** Runs one command line and returns the exit code. */
export async function runCommandLine(args: readonly string[], folder: string, host: Host): Promise<number> {
  const config = await loadConfig(folder);
  provideHost(config, host);
  return guard(args, host, config, async () => run([...args], config));
}

/** Runs one command, already found; what tests use. */
export function runCommand(command: Command.Class, args: readonly string[], config: Config, host: Host): Promise<number> {
  provideHost(config, host);
  return guard(args, host, config, async () => command.run([...args], config));
}

async function guard(args: readonly string[], host: Host, config: Config, work: () => Promise<unknown>): Promise<number> {
  try {
    const code = await work();
    return typeof code === 'number' ? code : 0;
  } catch (error) {
    if (error instanceof Reported) return error.exitCode;
    if (isExit(error)) return error.oclif.exit;
    const problem = renderProblem(named(error, args), { colours: coloursFor(host.err, host.env), isDebug: args.includes('--debug'), usage: config.bin, context: undefined });
    host.err.write(`${problem.lines.join('\n')}\n`);
    return problem.exitCode;
  }
}

/** oclif ends by throwing after it printed a help text. */
function isExit(error: unknown): error is Error & { readonly oclif: { readonly exit: number } } {
  return isNativeError(error) && 'code' in error && error.code === 'EEXIT';
}

/** oclif says "command foo:bar not found"; people write it with blanks. */
function named(error: unknown, args: readonly string[]): unknown {
  if (!isNativeError(error) || !/^command .* not found$/.test(error.message)) return error;
  const words = args.filter((word) => !word.startsWith('-')).slice(0, 2).join(' ');
  error.message = `there is no command "${words}"`;
  return error;
}
