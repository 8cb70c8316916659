import { createServer, type Server } from 'node:http';
import { ANSWER_PATH, codeOf, ERRORS, type ErrorCode, later, messageOf, type Millis } from '../model/index.js';
import type { AnswerServer, Clock, MakeAnswerServer } from '../ports/index.js';

const AGAIN_MS: Millis = 5_000;
/** Who asks has one short question. */
const REQUEST_LIMIT_MS: Millis = 5_000;
const MOST_CONNECTIONS = 100;

export interface AnswerServersOptions {
  readonly clock: Clock;
  readonly port: number;
}

/** Makes servers that listen while there is something to answer. */
export const answerServers = ({ clock, port }: AnswerServersOptions): MakeAnswerServer => ({ onProblem }) => new HttpAnswerServer({ clock, port }, onProblem);

class HttpAnswerServer implements AnswerServer {
  readonly #options: AnswerServersOptions;
  readonly #onProblem: Parameters<MakeAnswerServer>[0]['onProblem'];
  #answers: ReadonlyMap<string, string> = new Map();
  #server: Server | undefined;
  #callOff: () => void = () => undefined;

  constructor(options: AnswerServersOptions, onProblem: Parameters<MakeAnswerServer>[0]['onProblem']) {
    this.#options = options;
    this.#onProblem = onProblem;
  }

  serve(answers: Readonly<Record<string, string>>): void {
    this.#answers = new Map(Object.entries(answers));
    if (this.#answers.size === 0) void this.stop();
    else if (this.#server === undefined) this.#listen();
  }

  stop(): Promise<void> {
    this.#callOff();
    const server = this.#server;
    this.#server = undefined;
    this.#onProblem(undefined);
    return server === undefined ? Promise.resolve() : closed(server);
  }

  #listen(): void {
    const server = createServer({ requestTimeout: REQUEST_LIMIT_MS, headersTimeout: REQUEST_LIMIT_MS, connectionsCheckingInterval: REQUEST_LIMIT_MS }, (request, response) => {
      const path = request.url ?? '';
      const answer = path.startsWith(ANSWER_PATH) ? this.#answers.get(path.slice(ANSWER_PATH.length)) : undefined;
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'text/plain', connection: 'close' }).end(answer ?? 'nothing is answered here\n');
    });
    server.maxConnections = MOST_CONNECTIONS;
    this.#server = server;
    server.on('error', (error) => this.#failed(server, error));
    server.listen(this.#options.port, () => this.#onProblem(undefined));
  }

  #failed(server: Server, error: Error): void {
    if (this.#server !== server) return;
    const { clock, port } = this.#options;
    this.#onProblem({ what: `port ${String(port)}`, reason: `certificate authorities cannot be answered: ${messageOf(error)}`, remedy: ERRORS[codeFor(error)].remedy });
    this.#callOff = clock.at(later(clock.now(), AGAIN_MS), () => {
      if (this.#server === server) this.#listen();
    });
  }
}

const codeFor = (error: Error): ErrorCode => (codeOf(error) === 'EACCES' ? 'KON_NETWORK_FORBIDDEN' : 'KON_ANSWER_PORT_TAKEN');

/** Connections are for one question each: none is waited for. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
