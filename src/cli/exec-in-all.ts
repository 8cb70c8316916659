import { KontenaError, messageOf, type ProgramCall } from '../model/index.js';
import type { Control } from '../ports/index.js';
import { collect } from './collect.js';
import type { Console } from './console.js';
import { hear } from './speak.js';

export interface InAll {
  readonly control: Pick<Control, 'instances' | 'resources'>;
  readonly grid: string;
  readonly service: string;
  readonly call: ProgramCall;
  readonly console: Console;
  /** What each line of an instance begins with. */
  readonly label: (instance: string) => string;
}

/** One that could not be spoken with, as shells count what failed. */
const FAILED = 1;

/**
 * Runs a command in every instance of a service that runs, at once; each line bears the instance's name. Returns the
 * first exit code, in the order of instances, that is not 0.
 *
 * @throws KontenaError KON_NOT_FOUND, KON_CONFLICT when none runs
 */
export async function execInAll({ control, grid, service, call, console, label }: InAll, signal: AbortSignal): Promise<number> {
  await collect(control.resources.list({ grid, kind: 'service', name: service })); // or it is said that there is none
  const instances = (await collect(control.resources.list({ grid, kind: 'instance', of: service }))).filter(({ status }) => status.phase === 'running').map(({ name }) => name);
  if (instances.length === 0) throw new KontenaError('KON_CONFLICT', `no instance of ${service} runs at the moment`);
  const programs = instances.map((name) => ({ name, program: control.instances.exec(grid, { name, call }, signal) }));
  console.onSignal((sent) => programs.forEach(({ program }) => void program.send({ kind: 'signal', signal: sent }).catch(() => undefined)));
  try {
    const codes = await Promise.all(programs.map(async ({ name, program }) => {
      const lines = new LabelledLines(label(name), (stream, bytes) => console.write(stream, bytes));
      try {
        return await hear(program, (stream, bytes) => lines.write(stream, bytes));
      } catch (error) {
        await lines.write('stderr', Buffer.from(`error: ${messageOf(error)}\n`));
        return FAILED;
      } finally {
        await lines.end();
      }
    }));
    return codes.find((code) => code !== 0) ?? 0;
  } finally {
    console.close();
  }
}

const NEW_LINE = 0x0a;

/** Makes whole lines of what comes in pieces, each with a label, so that those of several programs do not mix. */
class LabelledLines {
  readonly #label: Buffer;
  readonly #write: Console['write'];
  readonly #begun: Record<'stdout' | 'stderr', Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };

  constructor(label: string, write: Console['write']) {
    this.#label = Buffer.from(label);
    this.#write = write;
  }

  async write(stream: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void> {
    const all = Buffer.concat([this.#begun[stream], bytes]);
    const lines: Buffer[] = [];
    let from = 0;
    for (let end = all.indexOf(NEW_LINE); end >= 0; end = all.indexOf(NEW_LINE, from)) {
      lines.push(this.#label, all.subarray(from, end + 1));
      from = end + 1;
    }
    this.#begun[stream] = all.subarray(from);
    if (lines.length > 0) await this.#write(stream, Buffer.concat(lines));
  }

  /** What was begun and never ended with a new line. */
  async end(): Promise<void> {
    for (const stream of ['stdout', 'stderr'] as const) if (this.#begun[stream].length > 0) await this.#write(stream, Buffer.concat([this.#label, this.#begun[stream], Buffer.of(NEW_LINE)]));
  }
}
