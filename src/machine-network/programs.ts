import { spawn } from 'node:child_process';
import type { Millis } from '../model/index.js';
import { missingProgram, programFailure } from './failures.js';

/** These programs talk to the kernel alone: one that takes longer hangs. */
const LIMIT_MS: Millis = 10_000;

/** Names are looked up once: the next look tries again. */
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', WG_ENDPOINT_RESOLUTION_RETRIES: '0' };

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What those need who run programs and nothing else. */
export type Runner = Pick<Programs, 'run' | 'must'>;

/** Runs programs in one network namespace. */
export class Programs {
  readonly #enter: readonly string[];
  /** What the kernel says of interfaces. Not /sys: that shows the namespace it was mounted in. */
  readonly devices: string;

  /** @param process whose namespace it is; undefined: this one's */
  constructor(process: number | undefined) {
    this.#enter = process === undefined ? [] : ['nsenter', `--net=/proc/${String(process)}/ns/net`];
    this.devices = `/proc/${process === undefined ? 'self' : String(process)}/net/dev`;
  }

  /** Runs a program to its end, whatever that is. @throws KontenaError KON_NETWORK_TOOL_MISSING when it is not installed */
  run(program: string, args: readonly string[], input = ''): Promise<Ended> {
    const [first = program, ...rest] = [...this.#enter, program, ...args];
    return new Promise((resolve, reject) => {
      // In a session of its own, or wireguard-go, which stays, would end with the terminal that the agent was started in.
      const child = spawn(first, rest, { cwd: '/', env: ENVIRONMENT, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
      let [out, err] = ['', ''];
      const late = setTimeout(() => {
        child.kill('SIGKILL');
        for (const pipe of [child.stdout, child.stderr]) pipe.destroy(); // what it started may hold them open
        resolve({ code: 1, out, err: `no answer within ${String(LIMIT_MS / 1000)} s` });
      }, LIMIT_MS);
      child.stdout.setEncoding('utf8').on('data', (piece: string) => (out += piece));
      child.stderr.setEncoding('utf8').on('data', (piece: string) => (err += piece));
      child.stdin.on('error', () => undefined); // it may end without reading
      child.stdin.end(input);
      child.once('error', (cause) => {
        clearTimeout(late);
        reject(missingProgram(program, cause));
      });
      child.once('close', (code) => {
        clearTimeout(late);
        resolve({ code: code ?? 1, out, err });
      });
    });
  }

  /** What a program that must succeed printed. @throws KontenaError what its failure means */
  async must(program: string, args: readonly string[], input?: string): Promise<string> {
    const ended = await this.run(program, args, input);
    if (ended.code === 0) return ended.out;
    throw programFailure([program, ...args].join(' '), ended.err);
  }
}
