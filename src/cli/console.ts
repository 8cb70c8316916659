import type { Signal, TerminalSize } from '../model/index.js';

/** Where a program in a container is spoken with: the keys and the window of whoever runs the command, or what stands in a pipe. */
export interface Console {
  /** What is typed or piped is a terminal's. */
  readonly isTyped: boolean;
  /** Of the window that shows what is written; undefined where it is none. */
  readonly size: TerminalSize | undefined;
  /** Calls back when the window has another size. */
  onResize(listener: (size: TerminalSize) => void): void;
  /** Calls back for every signal that a program may be sent, in place of ending this process. */
  onSignal(listener: (signal: Signal) => void): void;
  /** What is typed or piped, until it ends. `isRaw`: key by key, none of them meaning anything here. */
  input(isRaw: boolean): AsyncIterable<Uint8Array>;
  /** Resolves when it was taken: who reads slowly is waited for. */
  write(stream: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void>;
  /** All is as it was before. */
  close(): void;
}

/** What a person or a service manager sends to a process they want to tell something. */
const PASSED_ON = ['HUP', 'INT', 'QUIT', 'TERM', 'USR1', 'USR2'] as const satisfies readonly Signal[];

/** The terminal or the pipes of this process. */
export function realConsole(): Console {
  const { stdin, stdout, stderr } = process;
  const undo: (() => void)[] = [];
  const sizeOf = (): TerminalSize | undefined => (stdout.isTTY ? { columns: stdout.columns, rows: stdout.rows } : undefined);
  return {
    isTyped: stdin.isTTY,
    get size() {
      return sizeOf();
    },
    onResize: (listener) => {
      const tell = (): void => {
        const size = sizeOf();
        if (size !== undefined) listener(size);
      };
      stdout.on('resize', tell);
      undo.push(() => stdout.off('resize', tell));
    },
    onSignal: (listener) => {
      for (const signal of PASSED_ON) {
        const tell = (): void => listener(signal);
        process.on(`SIG${signal}`, tell);
        undo.push(() => process.off(`SIG${signal}`, tell));
      }
    },
    input: (isRaw) => {
      if (isRaw && stdin.isTTY) {
        stdin.setRawMode(true);
        undo.push(() => void stdin.setRawMode(false));
      }
      undo.push(() => void stdin.pause());
      return stdin as AsyncIterable<Uint8Array>;
    },
    write: (stream, bytes) => new Promise((resolve) => void (stream === 'stdout' ? stdout : stderr).write(bytes, () => resolve())),
    close: () => {
      for (const step of undo.splice(0).reverse()) step();
    },
  };
}
