import { spawn, type ChildProcess } from 'node:child_process';
import { environment, eventually, KONTENACTL } from '../docker/harness/index.js';

/** Keys as a terminal sends them. */
export const KEY = { enter: '\r', down: '\u001B[B', ctrlC: '\u0003' } as const;

const ESCAPES = /\u001B(\[[0-9;?]*[A-Za-z]|[=>])/g;

const plain = (shown: string): string => shown.replaceAll(ESCAPES, '').replaceAll('\r', '');

/** A command on a real pseudo-terminal (util-linux' `script` makes it), and somebody at its keyboard. */
export class Terminal {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;
  #seen = '';
  #all = '';

  /** @param line for the shell, in which `kontenactl` is the one that was built */
  constructor(line: string, { home, columns = 80 }: { readonly home: string; readonly columns?: number }) {
    const command = `stty cols ${String(columns)} rows 40; kontenactl() { '${process.execPath}' '${KONTENACTL}' "$@"; }; ${line}`;
    this.#child = spawn('script', ['-qefc', command, '/dev/null'], { cwd: home, env: { ...environment(home), SHELL: '/bin/sh', TERM: 'xterm' }, stdio: 'pipe' });
    this.#child.stdout?.on('data', (piece: Buffer) => {
      this.#seen += piece.toString();
      this.#all += piece.toString();
    });
    this.#ended = new Promise((resolve) => this.#child.once('close', (code) => resolve(code ?? 128)));
  }

  /** What was shown since the last text that was waited for, without colours and movements. */
  get text(): string {
    return plain(this.#seen);
  }

  /** All that was ever shown. */
  get everything(): string {
    return plain(this.#all);
  }

  /** Waits for a text, and forgets what was shown before its end. */
  async shows(text: string): Promise<void> {
    await eventually(`the terminal shows "${text}"`, () => (this.text.includes(text) ? true : undefined), 15_000, 20).catch((error: unknown) => {
      throw new Error(`${String(error)}; it shows: ${this.text}`);
    });
    this.#seen = this.text.slice(this.text.indexOf(text) + text.length);
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** The exit code, once the command has ended. */
  async ends(): Promise<number> {
    return this.#ended;
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
