import type { Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type Docker from 'dockerode';
import { type Millis, NO_SUCH_PROGRAM, NOT_EXECUTABLE, type ProgramCall, type ProgramInput, type ProgramOutput, type Signal, type TerminalSize } from '../model/index.js';
import type { RunningProgram } from '../ports/index.js';
import { statusOf, withoutNoise } from './engine-errors.js';
import { orUndefined } from './engine.js';
import { Frames } from './frames.js';
import { isThere, signalProgram } from './signals.js';
import { EVERY_BYTE, openLogs } from './streams.js';
import { unread } from './unread.js';

/**
 * The engine lets go of a terminal when these keys are typed one after the other, and holds back the first until it sees the
 * second. Unless told others it takes Ctrl-P, which every shell has a use for; these are Ctrl-Space and Ctrl-^, five times.
 */
const DETACH_KEYS = Array.from({ length: 5 }, () => 'ctrl-@,ctrl-^').join(',');

const TRY_EVERY_MS: Millis = 20;
/** A program has a terminal a moment after the engine said that it has begun. */
const RESIZE_TRIES = 50;
/** As long may it take on a busy machine until the engine says which number a program has. */
const NUMBER_TRIES = 500;
/** The engine knows of a program's end a moment after its output ended. */
const END_TRIES = 500;
/** A program whose caller left is told so; when it is still there after that, it is killed. */
const GRACE_MS: Millis = 5_000;

/** How the engine begins what it writes in the place of a program that could not be begun. */
const NOT_BEGUN = 'OCI runtime exec failed';

/** Where a program runs, and what an error of its engine, or of the way there, means. */
export interface Place {
  readonly client: Docker;
  readonly container: Docker.Container;
  readonly explain: (error: unknown) => Error;
}

/** Begins a program in a running container. It ends with whoever speaks to it. */
export async function beginProgram({ container, explain }: Place, { command, hasInput, terminal, user }: ProgramCall, abortSignal: AbortSignal): Promise<RunningProgram> {
  const isTerminal = terminal !== undefined;
  const exec = await container.exec({
    Cmd: [...command], Tty: isTerminal, AttachStdin: hasInput, AttachStdout: true, AttachStderr: !isTerminal, DetachKeys: DETACH_KEYS, abortSignal,
    ...(user === undefined ? {} : { User: user }),
  });
  const connection = await exec.start({ hijack: true, stdin: true, Tty: isTerminal });
  const state = async (): Promise<State> => {
    const found = await orUndefined([404], exec.inspect());
    return found === undefined ? ENDED_WITH_ITS_CONTAINER : { isRunning: found.Running, pid: found.Pid, exitCode: found.ExitCode ?? 0 };
  };
  const subject: Subject = {
    output: unread(connection, async () => isThere((await numbered(state)).pid ?? 0)),
    input: connection,
    isTerminal,
    state,
    signal: async (signal) => {
      const { isRunning, pid } = await numbered(state);
      if (isRunning && pid !== undefined && pid !== 0) await signalProgram({ container, pid }, signal); // afterwards the number may be another program's
    },
    resize: ({ columns, rows }) => exec.resize({ w: columns, h: rows }),
    leave: () => connection.destroy(),
  };
  const program = new Program(subject, explain);
  closeWith(abortSignal, program);
  if (terminal !== undefined) await program.send({ kind: 'resize', ...terminal });
  return program;
}

/**
 * Joins the program that a container was made for. It goes on without whoever listens, and reads nothing: its input was never
 * open. It is heard through its log: a slow reader of what the engine calls attaching would make it wait.
 */
export async function joinProgram({ client, container, explain }: Place, abortSignal: AbortSignal): Promise<RunningProgram> {
  const leaving = new AbortController();
  const state = async (): Promise<State> => {
    const { Running, Pid, ExitCode } = (await container.inspect()).State;
    return { isRunning: Running, pid: Pid, exitCode: ExitCode };
  };
  const subject: Subject = {
    output: (await openLogs(client, container.id, { ...EVERY_BYTE, follow: true, tail: 0 }, leaving.signal)) as AsyncIterable<Buffer>,
    isTerminal: false,
    state,
    signal: (signal) => container.kill({ signal: `SIG${signal}` }) as Promise<void>,
    resize: () => Promise.resolve(),
    leave: () => leaving.abort(),
  };
  const program = new Program(subject, explain);
  closeWith(abortSignal, program);
  return program;
}

function closeWith(signal: AbortSignal, program: RunningProgram): void {
  if (signal.aborted) program.close();
  else signal.addEventListener('abort', () => program.close(), { once: true });
}

interface State {
  readonly isRunning: boolean;
  /** On this machine; 0 when it could not be begun, undefined when nobody knows any more. */
  readonly pid: number | undefined;
  readonly exitCode: number;
}

/** The engine knows the number of a program a moment after the program has begun, and perhaps has written. */
async function numbered(state: () => Promise<State>): Promise<State> {
  for (let tries = 1; ; tries += 1) {
    const found = await state();
    if (!found.isRunning || found.pid !== 0 || tries >= NUMBER_TRIES) return found;
    await wait(TRY_EVERY_MS);
  }
}

/** The engine forgets the programs of a container that ended, all of which were killed. */
const ENDED_WITH_ITS_CONTAINER: State = { isRunning: false, pid: undefined, exitCode: 137 };

/** What can be asked of a program, and done to it. */
interface Subject {
  readonly output: AsyncIterable<Buffer>;
  /** Only of one that is begun for its caller, and ends with it. */
  readonly input?: Writable;
  readonly isTerminal: boolean;
  state(): Promise<State>;
  signal(signal: Signal): Promise<void>;
  resize(size: TerminalSize): Promise<void>;
  /** Lets go of the engine's end. */
  leave(): void;
}

class Program implements RunningProgram {
  readonly #subject: Subject;
  readonly #explain: Place['explain'];
  #isOver = false;

  constructor(subject: Subject, explain: Place['explain']) {
    this.#subject = subject;
    this.#explain = explain;
    subject.input?.on('error', () => undefined); // told to whoever reads
  }

  async *received(): AsyncIterable<ProgramOutput> {
    try {
      for await (const output of this.#output()) {
        const refusal = output.bytes.indexOf(NOT_BEGUN) === 0 ? await this.#refusal(output.bytes.toString()) : undefined;
        yield* refusal ?? [output];
        if (refusal !== undefined) return;
      }
      yield { kind: 'exit', code: (await this.#ended()).exitCode };
    } catch (error) {
      throw this.#explain(error);
    } finally {
      this.#isOver = true;
      this.#subject.leave();
    }
  }

  async send(input: ProgramInput): Promise<boolean> {
    if (this.#isOver) return false;
    try {
      await this.#give(input);
    } catch (error) {
      throw this.#explain(error);
    }
    return true;
  }

  end(): void {
    this.#subject.input?.end();
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#subject.leave();
    if (this.#subject.input !== undefined) void this.#endIt();
  }

  async *#output(): AsyncIterable<{ readonly kind: 'output'; readonly stream: 'stdout' | 'stderr'; readonly bytes: Buffer }> {
    const frames = new Frames();
    for await (const chunk of this.#subject.output) {
      if (this.#subject.isTerminal) yield { kind: 'output', stream: 'stdout', bytes: chunk };
      else for (const frame of frames.take(chunk)) yield { kind: 'output', ...frame };
    }
  }

  #give(input: ProgramInput): Promise<void> | void {
    switch (input.kind) {
      case 'input':
        return this.#write(input.bytes);
      case 'inputEnd':
        this.end();
        return;
      case 'resize':
        return this.#resize(input);
      case 'signal':
        return this.#subject.signal(input.signal);
    }
  }

  /** One that reads no more is none of its writer's business. */
  #write(bytes: Uint8Array): Promise<void> | void {
    const { input } = this.#subject;
    if (input !== undefined) return new Promise((resolve) => void input.write(bytes, () => resolve()));
  }

  async #resize(size: TerminalSize): Promise<void> {
    for (let tries = 1; !this.#isOver; tries += 1) {
      try {
        await this.#subject.resize(size);
        return;
      } catch (error) {
        if (statusOf(error) === undefined || tries >= RESIZE_TRIES) return; // it has ended meanwhile, or shows itself in the wrong size
        await wait(TRY_EVERY_MS);
      }
    }
  }

  /** The engine says on the program's own stdout that it could not begin it; a program that writes such words itself has run. */
  async #refusal(said: string): Promise<readonly ProgramOutput[] | undefined> {
    if ((await this.#ended()).pid !== 0) return undefined;
    const code = /executable file not found|no such file or directory/i.test(said) ? NO_SUCH_PROGRAM : NOT_EXECUTABLE;
    return [{ kind: 'output', stream: 'stderr', bytes: Buffer.from(`${withoutNoise(said)}\n`) }, { kind: 'exit', code }];
  }

  async #ended(): Promise<State> {
    for (let tries = 1; ; tries += 1) {
      const state = await this.#subject.state();
      if (!state.isRunning || tries >= END_TRIES) return state;
      await wait(TRY_EVERY_MS);
    }
  }

  /** Nobody is there to be told when it cannot be done: its container may be gone. */
  async #endIt(): Promise<void> {
    try {
      await this.#subject.signal('HUP');
      await wait(GRACE_MS);
      if ((await this.#subject.state()).isRunning) await this.#subject.signal('KILL');
    } catch {
      // as above
    }
  }
}
