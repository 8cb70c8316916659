import { KontenaError } from '../model/index.js';
import type { RunningProgram } from '../ports/index.js';
import type { Console } from './console.js';

export interface Speaking {
  readonly console: Console;
  /** What is typed or piped goes to the program. */
  readonly hasInput: boolean;
  /** It has a terminal: every key and the size of the window are its own. */
  readonly hasTerminal: boolean;
}

/** Lets a person, or a pipe, speak with a program until it has ended. Returns its exit code. @throws what ended it otherwise */
export async function speak(program: RunningProgram, { console, hasInput, hasTerminal }: Speaking): Promise<number> {
  const tell = (input: Parameters<RunningProgram['send']>[0]): void => void program.send(input).catch(() => undefined); // told to whoever hears it
  console.onSignal((signal) => tell({ kind: 'signal', signal }));
  if (hasTerminal) console.onResize((size) => tell({ kind: 'resize', ...size }));
  if (hasInput) void give(program, console.input(hasTerminal)).catch(() => undefined);
  try {
    return await hear(program, (stream, bytes) => console.write(stream, bytes));
  } finally {
    console.close();
    program.close();
  }
}

/** Writes what a program says until it has ended. Returns its exit code. */
export async function hear(program: RunningProgram, write: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => Promise<void> | void): Promise<number> {
  for await (const output of program.received()) {
    if (output.kind === 'exit') return output.code;
    await write(output.stream, output.bytes);
  }
  throw new KontenaError('KON_INTERNAL', 'the program was left before it ended');
}

async function give(program: RunningProgram, input: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const bytes of input) if (!(await program.send({ kind: 'input', bytes }))) return;
  await program.send({ kind: 'inputEnd' });
}
