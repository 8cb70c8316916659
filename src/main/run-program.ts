import { PRIVATE_UMASK } from '../files/index.js';
import { KontenaError, messageOf } from '../model/index.js';

/** Something that runs until told to stop. */
export interface Program {
  close(): Promise<void>;
}

/** A second signal, or this long after the first, ends the process at once. */
const CLOSE_LIMIT_MS = 10_000;

/** Starts a program, closes it on SIGTERM and SIGINT, and says in two lines why it could not start. */
export async function runProgram(start: () => Promise<Program | undefined>): Promise<void> {
  process.umask(PRIVATE_UMASK);
  try {
    const program = await start();
    if (program !== undefined) closeOnSignal(program);
  } catch (error) {
    process.stderr.write(`error: ${messageOf(error)}\n`);
    if (error instanceof KontenaError) process.stderr.write(`${error.remedy}\n`);
    if (process.argv.includes('--debug') && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
    process.exit(1);
  }
}

function closeOnSignal(program: Program): void {
  let isClosing = false;
  const close = (): void => {
    if (isClosing) process.exit(1);
    isClosing = true;
    setTimeout(() => process.exit(1), CLOSE_LIMIT_MS).unref();
    program.close().then(() => process.exit(0), () => process.exit(1));
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}
