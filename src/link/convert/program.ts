import { KontenaError, type PathInfo, type ProgramCall, type ProgramInput, type ProgramOutput, SIGNALS, type TerminalSize } from '../../model/index.js';
import type * as wire from '../gen/kontena/v1/program.js';
import { NAME_CHARACTERS, PATH_CHARACTERS } from '../limits.js';
import { defined, orAbsent } from './plain.js';
import { oneOf } from './words.js';

/** A terminal larger than this is none. */
const MOST_CELLS = 10_000;
/** Words of a command, as the kernel allows at most. */
const MOST_WORDS = 100_000;

export const programCallTo = ({ command, hasInput, terminal, user = '' }: ProgramCall): wire.ProgramCall => ({ command: [...command], hasInput, terminal, user });

/** @throws KON_INVALID for a call without a command */
export function programCallFrom(call: wire.ProgramCall | undefined): ProgramCall {
  if (call === undefined || call.command.length === 0 || call.command.length > MOST_WORDS) throw new KontenaError('KON_INVALID', 'a program to be begun has no words, or too many');
  const { command, hasInput, terminal, user } = call;
  return { command, hasInput, ...defined({ terminal: terminal === undefined ? undefined : sizeFrom(terminal), user: orAbsent(user) }) };
}

export function programInputTo(input: ProgramInput): wire.ProgramInput {
  switch (input.kind) {
    case 'input':
      return { input: { $case: 'bytes', value: bufferOf(input.bytes) } };
    case 'inputEnd':
      return { input: { $case: 'end', value: {} } };
    case 'resize':
      return { input: { $case: 'resize', value: { columns: input.columns, rows: input.rows } } };
    case 'signal':
      return { input: { $case: 'signal', value: input.signal } };
  }
}

/** @throws KON_INVALID for what is not known here */
export function programInputFrom({ input }: wire.ProgramInput): ProgramInput {
  switch (input?.$case) {
    case 'bytes':
      return { kind: 'input', bytes: input.value };
    case 'end':
      return { kind: 'inputEnd' };
    case 'resize':
      return { kind: 'resize', ...sizeFrom(input.value) };
    case 'signal':
      return { kind: 'signal', signal: oneOf('signal', SIGNALS, input.value) };
    case undefined:
      throw new KontenaError('KON_INVALID', 'what goes to a program is of a kind that is not known here');
  }
}

export function programOutputTo(output: ProgramOutput): wire.ProgramOutput {
  if (output.kind === 'exit') return { output: { $case: 'exitCode', value: output.code } };
  return { output: { $case: output.stream, value: bufferOf(output.bytes) } };
}

/** @throws KON_INVALID for what is not known here */
export function programOutputFrom({ output }: wire.ProgramOutput): ProgramOutput {
  switch (output?.$case) {
    case 'stdout':
    case 'stderr':
      return { kind: 'output', stream: output.$case, bytes: output.value };
    case 'exitCode':
      return { kind: 'exit', code: output.value };
    case undefined:
      throw new KontenaError('KON_INVALID', 'what comes from a program is of a kind that is not known here');
  }
}

export const pathInfoTo = ({ kind, target = '' }: PathInfo): wire.PathInfo => ({ kind, target });

/** @throws KON_INVALID for what is not known here */
export const pathInfoFrom = ({ kind, target }: wire.PathInfo): PathInfo => ({
  kind: oneOf('kind', ['file', 'directory', 'link', 'other', 'missing'], kind.slice(0, NAME_CHARACTERS)),
  ...defined({ target: orAbsent(target.slice(0, PATH_CHARACTERS)) }),
});

const sizeFrom = ({ columns, rows }: wire.TerminalSize): TerminalSize => ({ columns: cells(columns), rows: cells(rows) });
const cells = (count: number): number => Math.min(Math.max(1, count), MOST_CELLS);

/** The same memory, as the class that is encoded without being copied twice. */
const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
