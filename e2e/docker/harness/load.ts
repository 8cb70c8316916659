import { Agent, get } from 'node:http';

/** Steady requests, half of them on connections that are kept, half on new ones; and what became of them. */
export class Load {
  readonly #kept = new Agent({ keepAlive: true, maxSockets: 4 });
  readonly #timer: NodeJS.Timeout;
  readonly #under = new Set<Promise<void>>();
  /** What was wrong with those that failed. */
  readonly failed: string[] = [];
  /** How often which answer came. */
  readonly answers = new Map<string, number>();
  count = 0;

  /** Begins to ask, so many times a second. */
  constructor(private readonly target: { readonly host: string; readonly port: number; readonly name: string; readonly path: string }, perSecond: number) {
    this.#timer = setInterval(() => this.#begin(), 1_000 / perSecond);
  }

  /** Ceases to ask, and waits for the last answers. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#under);
    this.#kept.destroy();
  }

  #begin(): void {
    this.count += 1;
    const asking = this.#ask(this.count % 2 === 0 ? this.#kept : false).then(
      (answer) => void this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1),
      (error: unknown) => void this.failed.push(error instanceof Error ? error.message : String(error)),
    );
    this.#under.add(asking);
    void asking.finally(() => this.#under.delete(asking));
  }

  #ask(agent: Agent | false): Promise<string> {
    const { host, port, name, path } = this.target;
    return new Promise((resolve, reject) => {
      get({ host, port, path, agent, headers: { host: name }, timeout: 20_000 }, (answer) => {
        let body = '';
        answer.on('data', (piece: Buffer) => (body += String(piece)));
        answer.on('error', reject);
        answer.on('end', () => (answer.statusCode === 200 ? resolve(body.trim()) : reject(new Error(`status ${answer.statusCode}: ${body.trim()}`))));
      }).on('error', reject).on('timeout', function (this: { destroy(error: Error): void }) {
        this.destroy(new Error('no answer within 20 s'));
      });
    });
  }
}
