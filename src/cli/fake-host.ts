import type { KontenaError, Signal, TerminalSize } from '../model/index.js';
import type { Resource } from '../ports/index.js';
import type { Console } from './console.js';
import type { Credential, RobotToken } from './context/index.js';
import type { Answer, Question } from '../stackfile/index.js';
import { Interrupted } from './exit.js';
import type { Door } from '../link/client/index.js';
import { FakeMaster } from './fake-master.js';
import type { Connection, Host } from './host.js';

/** As an answer: the question is left. */
export const CTRL_C = '\u0003';

interface Wish {
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  /** What a person answers; without it there is nobody to ask. */
  readonly answer?: string;
  readonly input?: string;
  /** What is typed into the window; without it what is piped is `input`. */
  readonly typed?: string;
}

/** A machine made of a folder, whose master is a fake and whose terminal is text. */
export class FakeHost implements Host {
  readonly master = new FakeMaster();
  readonly programs: string;
  readonly home: string;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly connected: (Credential | RobotToken)[] = [];
  readonly questions: string[] = [];
  readonly became: string[] = [];
  readonly ran: string[] = [];
  /** Of programs that fail, by name. */
  exitCodes: Readonly<Record<string, number>> = {};
  stdout = '';
  stderr = '';
  interrupt: () => void = () => undefined;
  /** Somebody draws at the window, or sends this process a signal, while it speaks with a program. */
  resize: (size: TerminalSize) => void = () => undefined;
  signal: (signal: Signal) => void = () => undefined;
  /** The terminal is as it was before. */
  isRestored = true;
  /** By what one may sign in. */
  ways: readonly string[] = ['password'];
  /** What connecting fails with. */
  refusal: KontenaError | undefined;
  readonly #wish: Wish;

  constructor(wish: Wish) {
    this.#wish = wish;
    this.home = wish.home;
    this.directory = wish.home;
    this.programs = wish.home;
    this.env = wish.env ?? {};
  }

  get out(): Host['out'] {
    const { columns } = this.#wish;
    return { isTerminal: columns !== undefined, columns, write: (text) => void (this.stdout += text.toString()) };
  }

  get err(): Host['err'] {
    return { isTerminal: this.isInteractive, columns: this.#wish.columns, write: (text) => void (this.stderr += text.toString()) };
  }

  get isInteractive(): boolean {
    return this.#wish.answer !== undefined;
  }

  ask(question: Question): Promise<Answer | undefined> {
    const { answer = '' } = this.#wish;
    const isYesOrNo = question.kind === 'yes-or-no';
    const isHidden = question.kind === 'text' && question.isSecret;
    this.questions.push(isYesOrNo ? `${question.text} [${question.default ? 'Y/n' : 'y/N'}] ` : `${question.text}${isHidden ? ' (hidden)' : ''}`);
    if (answer === CTRL_C) return Promise.reject(new Interrupted());
    return Promise.resolve(isYesOrNo ? answer === 'y' : answer);
  }

  run(program: string, args: readonly string[]): Promise<number> {
    this.ran.push([program, ...args].join(' '));
    return Promise.resolve(this.exitCodes[program] ?? 0);
  }

  readInput(): Promise<string> {
    return Promise.resolve(this.#wish.input ?? '');
  }

  openConsole(): Promise<Console> {
    const { typed, input = '', columns } = this.#wish;
    const give = async function* give(): AsyncIterable<Uint8Array> {
      await Promise.resolve();
      yield Buffer.from(typed ?? input);
    };
    return Promise.resolve({
      isTyped: typed !== undefined,
      size: columns === undefined ? undefined : { columns, rows: 24 },
      onResize: (listener) => void (this.resize = listener),
      onSignal: (listener) => void (this.signal = listener),
      input: (isRaw) => {
        this.isRestored = !isRaw;
        return give();
      },
      write: async (stream, bytes) => {
        await Promise.resolve();
        (stream === 'stdout' ? this.out : this.err).write(Buffer.from(bytes).toString());
      },
      close: () => void (this.isRestored = true),
    });
  }

  onInterrupt(listener: () => void): () => void {
    this.interrupt = listener;
    return () => undefined;
  }

  become(program: string, args: readonly string[]): Promise<void> {
    this.became.push([program, ...args].join(' '));
    return Promise.resolve();
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  browse(url: string): void {
    this.ran.push(`browser ${url}`);
  }

  knock(server: string): Promise<Door> {
    return Promise.resolve({
      authority: { certificate: 'CA', fingerprint: 'f1' },
      ways: () => Promise.resolve(this.ways),
      begin: (redirect) => {
        this.master.asked.push(`begin ${redirect === undefined ? 'elsewhere' : 'in a browser'}`);
        let asked = 0;
        return Promise.resolve({
          url: 'https://id.example.com/device',
          code: redirect === undefined ? 'ABCD-EFGH' : '',
          complete: () => Promise.resolve((asked += 1) < 3 ? undefined : { user: 'ada', ca: 'CA', certificate: 'CERT4', key: 'KEY4', endsAt: 1_800_000_000_000 as never }),
        });
      },
      withPassword: ({ user, password }) => {
        this.master.asked.push(`sign in ${server} ${user} ${String(password.length)}`);
        return Promise.resolve({ user, ca: 'CA', certificate: 'CERT3', key: 'KEY3', endsAt: 1_800_000_000_000 as never });
      },
    });
  }

  connect(credential: Credential | RobotToken): Promise<Connection> {
    this.connected.push(credential);
    return this.refusal === undefined ? Promise.resolve(this.master) : Promise.reject(this.refusal);
  }
}

/** A record as the master shows it, with the least that must be there. */
export const resource = (kind: string, name: string, parts: Partial<Resource> = {}): Resource => ({
  kind, grid: 'default', name, revision: 41, createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z', updatedBy: 'admin', spec: {}, status: {}, ...parts,
});
