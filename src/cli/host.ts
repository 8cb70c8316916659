import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { codeOf, KontenaError, messageOf } from '../model/index.js';
import type { Door } from '../link/client/index.js';
import type { Control } from '../ports/index.js';
import type { Answer, Question } from '../stackfile/index.js';
import type { Console } from './console.js';
import type { Credential, RobotToken } from './context/index.js';
import { INTERRUPTED, UNREAD } from './exit.js';

/** Something that takes text: stdout or stderr. */
export interface Sink {
  readonly isTerminal: boolean;
  /** Characters per line of the terminal; undefined when it is none. */
  readonly columns: number | undefined;
  write(text: string | Uint8Array): void;
}

/** An open way to a master. Closing it lets the process end. */
export type Connection = Control & { close(): void };

/** The machine as a command meets it: terminal, environment, folders, and the way to a master. Tests bring their own. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Working directory. */
  readonly directory: string;
  readonly home: string;
  /** Folder that holds the bundled programs, master.mjs and agent.mjs. */
  readonly programs: string;
  readonly out: Sink;
  readonly err: Sink;
  /** Whether a person can be asked: stdin and stderr are terminals. */
  readonly isInteractive: boolean;
  /** What a person answers; undefined is nothing. Only where `isInteractive`. @throws Interrupted when it is left with Ctrl-C */
  ask(question: Question): Promise<Answer | undefined>;
  /** Runs a program in a folder, on this terminal. Returns its exit code. @throws KontenaError KON_PROGRAM_MISSING */
  run(program: string, args: readonly string[], folder: string): Promise<number>;
  /** Everything on stdin. */
  readInput(): Promise<string>;
  /** Where a program elsewhere can be spoken with. */
  openConsole(): Promise<Console>;
  /** Calls `listener` on Ctrl-C in place of ending the process. Returns how to stop listening. */
  onInterrupt(listener: () => void): () => void;
  /** Hands this process over to a program: from then on it is the master or the agent, with its own answer to signals and its own exit code. */
  become(program: 'master' | 'agent', args: readonly string[]): Promise<void>;
  /** Ends the process with all it wrote, unless it has become a program. */
  end(exitCode: number): Promise<void>;
  /** Shows an address in the browser of this machine, if there is one. */
  browse(url: string): void;
  /** A master, to sign in at. Nothing is told to it yet. @throws KontenaError KON_MASTER_UNREACHABLE */
  knock(server: string, options: { readonly timeoutMs: number }): Promise<Door>;
  /** The first call connects; when the master does not answer it fails within `timeoutMs`. */
  connect(credential: Credential | RobotToken, options: { readonly timeoutMs: number }): Promise<Connection>;
}

/** What was written has left the process. A reader that went away is none of its business. */
const flushed = (stream: NodeJS.WriteStream): Promise<void> => new Promise((done) => void stream.write('', () => done()));

/**
 * The machine this process runs on.
 *
 * @param load imports a module by its URL: code that came from a cache of machine code cannot
 */
export function realHost(programs: string, load: (url: string) => Promise<unknown>): Host {
  let hasBecome = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (codeOf(error) === 'EPIPE' && !hasBecome) process.exit(UNREAD);
    });
  }
  return {
    end: async (exitCode) => {
      if (hasBecome) {
        if (exitCode !== 0) process.exitCode = exitCode;
        return;
      }
      await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
      process.exit(exitCode); // a connection in the making would hold the process for minutes
    },
    env: process.env,
    directory: process.cwd(),
    home: homedir(),
    programs,
    out: sink(process.stdout),
    err: sink(process.stderr),
    isInteractive: process.stdin.isTTY && process.stderr.isTTY,
    ask: async (question) => (await import('./prompts.js')).askPerson(question),
    run: runProgram,
    readInput,
    openConsole: async () => (await import('./console.js')).realConsole(),
    onInterrupt: (listener) => {
      process.on('SIGINT', listener);
      return () => process.off('SIGINT', listener);
    },
    become: async (program, args) => {
      hasBecome = true;
      const path = join(programs, `${program}.mjs`);
      process.argv = [process.execPath, path, ...args];
      await load(pathToFileURL(path).href);
    },
    browse,
    knock: async (server, options) => (await import('../link/client/index.js')).openDoor(server, options),
    connect: async (credential, options) => {
      const client = await import('../link/client/index.js');
      return 'token' in credential ? client.connectWithToken(credential, options) : client.connect(credential, options);
    },
  };
}

function sink(stream: NodeJS.WriteStream): Sink {
  const isTerminal = stream.isTTY;
  return { isTerminal, columns: isTerminal ? stream.columns : undefined, write: (text) => void stream.write(text) };
}

async function runProgram(program: string, args: readonly string[], folder: string): Promise<number> {
  const { spawn } = await import('node:child_process');
  return new Promise((done, failed) => {
    const child = spawn(program, args, { cwd: folder, stdio: 'inherit' });
    child.once('error', (cause) => failed(new KontenaError('KON_PROGRAM_MISSING', `the program ${program} cannot be run: ${messageOf(cause)}`, { cause })));
    child.once('close', (code, signal) => done(code ?? (signal === 'SIGINT' ? INTERRUPTED : 1)));
  });
}

/** Where there is no browser, the address was printed too. */
function browse(url: string): void {
  void import('node:child_process').then(({ spawn }) => {
    const child = spawn(process.platform === 'darwin' ? 'open' : 'xdg-open', [url], { stdio: 'ignore', detached: true });
    child.once('error', () => undefined);
    child.unref();
  });
}

async function readInput(): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin) pieces.push(Buffer.from(piece as Uint8Array));
  return Buffer.concat(pieces).toString('utf8');
}
