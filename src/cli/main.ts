import { Config, Help } from '@oclif/core';
import { provideHost, Reported, type CommandClass } from './command.js';
import { COMMANDS } from './commands/index.js';
import type { Host } from './host.js';
import { MANIFEST } from './manifest.js';
import { coloursFor, renderProblem } from './output/index.js';
import { nearest } from './nearest.js';
import { UsageError } from './usage-error.js';

/** Commands have at most this many words: `stack registry push`. */
const MOST_WORDS = 3;
const HELP_FLAGS = ['--help', '-h'];

/** What oclif knows before it reads a command line. @param folder holds the bundle and the list of its commands */
export const loadConfig = (folder: string, options: { readonly ignoreManifest?: boolean } = {}): Promise<Config> =>
  Config.load({ root: folder, pjson: MANIFEST, userPlugins: false, devPlugins: false, jitPlugins: false, ...options });

/** Runs one command line and returns the exit code. */
export async function runCommandLine(args: readonly string[], folder: string, host: Host): Promise<number> {
  const config = await loadConfig(folder);
  provideHost(config, host);
  try {
    const words = args[0] === 'help' ? args.slice(1) : args;
    const { id, rest } = findCommand(words);
    if (args.length === 0 || args[0] === 'help' || wantsHelp(rest) || (id === undefined && isTopic(words, config))) {
      await new Help(config, { all: false }).showHelp(id === undefined ? topicOf(words) : [id]);
      return 0;
    }
    if (args[0] === '--version') return await execute(COMMANDS.version, ['--client'], config);
    if (id === undefined) throw unknownCommand(args);
    return await execute(COMMANDS[id], rest, config, id);
  } catch (error) {
    if (error instanceof Reported) return error.exitCode;
    const problem = renderProblem(error, { colours: coloursFor(host.err, host.env), isDebug: args.includes('--debug'), usage: config.bin, context: undefined });
    host.err.write(`${problem.lines.join('\n')}\n`);
    return problem.exitCode;
  }
}

/** Runs one command of a loaded configuration. Not by oclif's own `run`, which loads the configuration anew, twice. */
function execute(command: CommandClass | undefined, args: readonly string[], config: Config, id?: string): Promise<number> {
  if (command === undefined) throw new UsageError('there is no such command');
  if (id !== undefined) command.id = id;
  return new command([...args], config).execute();
}

/** The command with the most words that the line begins with, by its own name or another. */
function findCommand(args: readonly string[]): { readonly id: string | undefined; readonly rest: readonly string[] } {
  const end = args.findIndex((word) => word.startsWith('-'));
  const words = args.slice(0, Math.min(MOST_WORDS, end < 0 ? args.length : end));
  for (let count = words.length; count > 0; count -= 1) {
    const id = idOf(words.slice(0, count).join(':'));
    if (id !== undefined) return { id, rest: args.slice(count) };
  }
  return { id: undefined, rest: args };
}

function idOf(name: string): string | undefined {
  if (name in COMMANDS) return name;
  return Object.keys(COMMANDS).find((id) => COMMANDS[id]?.otherNames.includes(name));
}

function wantsHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? args.length : end).some((word) => HELP_FLAGS.includes(word));
}

const topicOf = (args: readonly string[]): string[] => {
  const words = args.filter((word) => !word.startsWith('-'));
  return words.length === 0 ? [] : [words.join(':')];
};

const isTopic = (args: readonly string[], config: Config): boolean => {
  const [topic] = topicOf(args);
  return topic !== undefined && config.findTopic(topic) !== undefined;
};

function unknownCommand(args: readonly string[]): UsageError {
  const words = topicOf(args)[0]?.split(':').slice(0, 2).join(' ') ?? args.join(' ');
  const near = nearest(words, Object.keys(COMMANDS).map((id) => id.replaceAll(':', ' ')));
  return new UsageError(`there is no command "${words}"${near === undefined ? '' : `; did you mean "${near}"?`}`);
}
