import type { ProgramInput, ProgramOutput } from '../model/index.js';
import type { RunningProgram, TwoWay } from '../ports/index.js';

/** Carries what comes both ways until both have ended or either breaks. @throws what broke it */
export async function carryBoth<A, B>(one: TwoWay<A, B>, other: TwoWay<B, A>): Promise<void> {
  try {
    await Promise.all([carry(one, other), carry(other, one)]);
  } finally {
    one.close();
    other.close();
  }
}

/** As {@link carryBoth}, until the program has ended: what its caller would say after that is for nobody. */
export async function attend(program: RunningProgram, caller: TwoWay<ProgramOutput, ProgramInput>): Promise<void> {
  try {
    await Promise.race([carry(program, caller), onlyIfItBreaks(carry(caller, program))]);
  } finally {
    program.close();
    caller.close();
  }
}

async function carry<T>(from: TwoWay<unknown, T>, to: TwoWay<T, unknown>): Promise<void> {
  for await (const item of from.received()) if (!(await to.send(item))) return;
  to.end();
}

const onlyIfItBreaks = (work: Promise<void>): Promise<never> => new Promise((_resolve, reject) => void work.catch(reject));
