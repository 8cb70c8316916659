import { KontenaError, NO_SUCH_PROGRAM, type PathInfo, type ProgramCall, type ProgramInput, type ProgramOutput } from '../model/index.js';
import type { Inside, RunningProgram } from '../ports/index.js';

/**
 * Containers whose only program is `cat`: it gives back what is written to it, says on stderr what else it is told, and ends
 * with its input, or with 130 when it is interrupted. Their own reads nothing. They hold what was unpacked into them.
 */
export class FakeInside implements Inside {
  /** Every call, with the instance it was for. */
  readonly begun: { readonly instance: string; readonly call: ProgramCall | undefined }[] = [];
  readonly tars = new Map<string, Buffer>();
  /** Programs that were left by whoever spoke with them. */
  left = 0;

  begin(instance: string, call: ProgramCall, signal: AbortSignal): Promise<RunningProgram> {
    return this.#begin(instance, call, signal);
  }

  attach(instance: string, signal: AbortSignal): Promise<RunningProgram> {
    return this.#begin(instance, undefined, signal);
  }

  look(_instance: string, path: string): Promise<PathInfo> {
    if (path === '/link') return Promise.resolve({ kind: 'link', target: '/target' });
    return Promise.resolve({ kind: this.tars.has(path) ? 'directory' : 'missing' });
  }

  async *pack(instance: string, path: string): AsyncIterable<Uint8Array> {
    const tar = this.tars.get(path);
    if (tar === undefined) throw new KontenaError('KON_ENGINE_REFUSED', `cannot read ${path} of ${instance}: there is no such file`);
    yield tar;
  }

  async unpack(instance: string, directory: string, tar: AsyncIterable<Uint8Array>): Promise<void> {
    if (directory === '/read-only') throw new KontenaError('KON_ENGINE_REFUSED', `cannot write into ${directory} of ${instance}: it is read-only`);
    const pieces: Uint8Array[] = [];
    for await (const piece of tar) pieces.push(piece);
    this.tars.set(directory, Buffer.concat(pieces));
  }

  #begin(instance: string, call: ProgramCall | undefined, signal: AbortSignal): Promise<RunningProgram> {
    this.begun.push({ instance, call });
    if (instance.startsWith('todo/gone')) return Promise.reject(new KontenaError('KON_CONTAINER_MISSING', `${instance} has no container`));
    return Promise.resolve(new Cat(call, signal, () => (this.left += 1)));
  }
}

/** The program alone. */
export class Cat implements RunningProgram {
  readonly #said: ProgramOutput[] = [];
  #wake: () => void = () => undefined;
  #hasEnded = false;
  readonly #onLeft: () => void;
  readonly #reads: boolean;

  constructor(call: ProgramCall | undefined, signal: AbortSignal, onLeft: () => void) {
    this.#onLeft = onLeft;
    this.#reads = call !== undefined;
    signal.addEventListener('abort', () => this.close(), { once: true });
    const program = call?.command[0] ?? 'cat';
    if (program === 'cat' && call?.hasInput !== false) return;
    if (program !== 'cat') this.#say({ kind: 'output', stream: 'stderr', bytes: Buffer.from(`exec: "${program}": executable file not found in $PATH\n`) });
    this.#exit(program === 'cat' ? 0 : NO_SUCH_PROGRAM);
  }

  async *received(): AsyncIterable<ProgramOutput> {
    for (;;) {
      const next = this.#said.shift();
      if (next !== undefined) yield next;
      else if (this.#hasEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  send(input: ProgramInput): Promise<boolean> {
    switch (input.kind) {
      case 'input':
        this.#say({ kind: 'output', stream: 'stdout', bytes: input.bytes });
        break;
      case 'resize':
        this.#tell(`${input.columns}x${input.rows}`);
        break;
      case 'signal':
        this.#tell(input.signal);
        if (input.signal === 'INT') this.#exit(130);
        break;
      case 'inputEnd':
        this.end();
    }
    return Promise.resolve(!this.#hasEnded);
  }

  end(): void {
    if (this.#reads) this.#exit(0);
  }

  close(): void {
    if (!this.#hasEnded) this.#onLeft();
    this.#hasEnded = true;
    this.#wake();
  }

  #tell(what: string): void {
    this.#say({ kind: 'output', stream: 'stderr', bytes: Buffer.from(`${what}\n`) });
  }

  #exit(code: number): void {
    if (this.#hasEnded) return;
    this.#say({ kind: 'exit', code });
    this.#hasEnded = true;
  }

  #say(output: ProgramOutput): void {
    if (!this.#hasEnded) this.#said.push(output);
    this.#wake();
  }
}
