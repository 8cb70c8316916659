import { dirname } from 'node:path';
import { nearest } from '../model/index.js';
import { Config } from './oclif.js';
import { provideHost, Reported, type CommandClass } from './command.js';
import { COMMANDS } from './commands/index.js';
import type { Host } from './host.js';
import { MANIFEST, MANIFEST_WITH_COMMANDS } from './manifest.js';
import { coloursFor, renderProblem } from './output/index.js';
import { UsageError } from './usage-error.js';

/** Commands have at most this many words: `stack registry push`. */
const MOST_WORDS = 3;
const HELP_FLAGS = ['--help', '-h'];

const OWN_ONLY = { userPlugins: false, devPlugins: false, jitPlugins: false };

/** Every command as the help shows it. @param folder holds the bundle and the list of its commands */
export const loadHelp = (folder: string): Promise<Config> =>
  Config.load({ root: folder, pjson: MANIFEST_WITH_COMMANDS, ...OWN_ONLY });

/** Runs one command line and returns the exit code. */
export async function runCommandLine(args: readonly string[], folder: string, host: Host): Promise<number> {
  // not the folder itself: of the list of commands there, which takes a while to read, only the help has need
  const config = await Config.load({ root: dirname(folder), pjson: MANIFEST, ...OWN_ONLY });
  provideHost(config, host);
  try {
    const hasAskedHelp = args.length === 0 || args[0] === 'help';
    const words = args[0] === 'help' ? args.slice(1) : args;
    const { id, rest } = findCommand(words);
    if (hasAskedHelp || wantsHelp(rest) || (id === undefined && isTopic(words))) return await showHelp(id, words, folder);
    if (args[0] === '--version') return await execute(COMMANDS.version, ['--client'], config);
    if (id === undefined) throw unknownCommand(args);
    return await execute(COMMANDS[id], rest, config, id);
  } catch (error) {
    if (error instanceof Reported) return error.exitCode;
    const problem = renderProblem(error, { colours: coloursFor(host.err, host.env), isDebug: args.includes('--debug'), usage: config.bin, context: undefined, mistakes: [] });
    host.err.write(`${problem.lines.join('\n')}\n`);
    return problem.exitCode;
  }
}

/** The help of a command, of a topic, or of all. @throws UsageError when there is no such thing */
async function showHelp(id: string | undefined, words: readonly string[], folder: string): Promise<number> {
  const topic = topicOf(words);
  if (id === undefined && topic.length > 0 && !isTopic(words)) throw unknownCommand(words);
  const { Help } = await import('./help.js');
  await new Help(await loadHelp(folder), { all: false }).showHelp(id === undefined ? topic : [id]);
  return 0;
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

const isTopic = (args: readonly string[]): boolean => {
  const [topic] = topicOf(args);
  return topic !== undefined && Object.keys(COMMANDS).some((id) => id.startsWith(`${topic}:`));
};

function unknownCommand(args: readonly string[]): UsageError {
  const [first = ''] = args;
  if (first.startsWith('-')) return new UsageError(`"${first}" stands before the command: flags come after it`);
  const end = args.findIndex((word) => word.startsWith('-'));
  const words = args.slice(0, end < 0 ? args.length : end);
  const known = Object.keys(COMMANDS).map((id) => id.split(':'));
  // what follows a command are its arguments: of the line, as many words are compared as a command has
  for (let count = Math.min(MOST_WORDS, words.length); count > 0; count -= 1) {
    const written = words.slice(0, count).join(' ');
    const near = nearest(written, known.filter(({ length }) => length === count).map((id) => id.join(' ')));
    if (near !== undefined) return new UsageError(`there is no command "${written}"; did you mean "${near}"?`);
  }
  const unknown = words.findIndex((_word, index) => !isTopic(words.slice(0, index + 1))) + 1;
  return new UsageError(`there is no command "${words.slice(0, unknown === 0 ? undefined : unknown).join(' ')}"`);
}
