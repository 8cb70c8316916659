import { Agent, get } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';

/** Steady requests, some on connections that are kept, some on new ones, and where a port for https is named some over HTTP/2; and what became of them. */
export class Load {
  readonly #kept = new Agent({ keepAlive: true, maxSockets: 4 });
  #session: ClientHttp2Session | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #under = new Set<Promise<void>>();
  /** What was wrong with those that failed. */
  readonly failed: string[] = [];
  /** How often which answer came. */
  readonly answers = new Map<string, number>();
  count = 0;

  /** Begins to ask, so many times a second. */
  constructor(private readonly target: { readonly host: string; readonly port: number; readonly securePort?: number; readonly name: string; readonly path: string }, perSecond: number) {
    const began = performance.now();
    this.#timer = setInterval(() => {
      for (const due = ((performance.now() - began) * perSecond) / 1_000; this.count < due;) this.#begin();
    }, 1_000 / perSecond);
  }

  /** Ceases to ask, and waits for the last answers. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#under);
    this.#kept.destroy();
    this.#session?.destroy();
  }

  #begin(): void {
    this.count += 1;
    const way = this.count % (this.target.securePort === undefined ? 2 : 3);
    const asking = (way === 2 ? this.#askOverHttp2() : this.#ask(way === 0 ? this.#kept : false)).then(
      (answer) => void this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1),
      (error: unknown) => void this.failed.push(error instanceof Error ? error.message : String(error)),
    );
    this.#under.add(asking);
    void asking.finally(() => this.#under.delete(asking));
  }

  /** Over one session as long as it lives; a balancer that loads something ends it when it has answered. */
  async #askOverHttp2(): Promise<string> {
    const { host, securePort, name, path } = this.target;
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) {
      const session = connect(`https://${host}:${securePort}`, { servername: name, rejectUnauthorized: false });
      session.on('error', () => undefined); // told by its requests
      session.on('goaway', () => session.close());
      this.#session = session;
    }
    const stream = this.#session.request({ ':path': path, ':authority': name });
    let status: number | undefined;
    let body = '';
    stream.on('response', (headers) => (status = headers[':status']));
    stream.setTimeout(20_000, () => stream.close());
    for await (const piece of stream) body += String(piece);
    if (status !== 200) throw new Error(`status ${status} over HTTP/2: ${body.trim()}`);
    return body.trim();
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
