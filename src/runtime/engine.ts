import { Agent } from 'node:http';
import { inspect } from 'node:util';
import Docker from 'dockerode';
import { KontenaError, type Millis } from '../model/index.js';
import { statusOf, toKontenaError } from './engine-errors.js';

/** The oldest API spoken: that of Docker Engine 20.10. Newer engines are spoken to in it too, or in the oldest they still know. */
const API = { major: 1, minor: 41 } as const;

/** An answer that takes longer is none. Creating and starting may wait behind fifty others on a small machine. */
export const READ_TIMEOUT_MS: Millis = 30_000;
export const WRITE_TIMEOUT_MS: Millis = 180_000;

interface Call {
  /** The beginning of the sentence if it fails: `todo/web.1@5 cannot start`. */
  readonly what: string;
  readonly timeoutMs: Millis;
}

/**
 * dockerode puts every request into words, for a debug log that nobody reads, with all it hangs on: every socket of the
 * agent, tens of milliseconds each time. This one is put into one word.
 */
class Connections extends Agent {
  [inspect.custom](): string {
    return 'Connections';
  }
}

/** The connection to one container engine: agrees on a version first, puts a limit to each call, and says what its failures mean. */
export class Engine {
  readonly #connections = new Connections({ keepAlive: true });
  readonly #path: string;
  #client: Promise<Docker> | undefined;

  /** @param socket `unix:///var/run/docker.sock`, or the path alone */
  constructor(readonly socket: string) {
    this.#path = socket.replace(/^unix:\/\//, '');
  }

  /** @throws KontenaError what the engine's failure means; KON_ENGINE_UNREACHABLE when it gives no answer in time */
  async call<T>({ what, timeoutMs }: Call, ask: (client: Docker, signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), timeoutMs);
    try {
      return await Promise.race([this.#ready().then((client) => ask(client, limit.signal)), rejectedBy(limit.signal)]);
    } catch (error) {
      throw toKontenaError(error, what, this.socket);
    } finally {
      clearTimeout(timer);
    }
  }

  /** As {@link call}, for streams, whose length nobody knows: the signal alone ends it. */
  async stream<T>(what: string, ask: (client: Docker) => Promise<T>): Promise<T> {
    try {
      return await ask(await this.#ready());
    } catch (error) {
      throw toKontenaError(error, what, this.socket);
    }
  }

  /** What went wrong with the engine, or on the way to it. */
  explain(error: unknown, what: string): KontenaError {
    return toKontenaError(error, what, this.socket);
  }

  #ready(): Promise<Docker> {
    this.#client ??= this.#agree().catch((error: unknown) => {
      this.#client = undefined; // it may be another engine when we come again
      throw error;
    });
    return this.#client;
  }

  async #agree(): Promise<Docker> {
    const { ApiVersion, MinAPIVersion, Version } = await this.#connect().version();
    if (minorOf(ApiVersion) < API.minor) {
      throw new KontenaError('KON_ENGINE_TOO_OLD', `the container engine at ${this.socket} is ${Version} and speaks API ${ApiVersion}; ${API.major}.${API.minor} is needed`);
    }
    return this.#connect(`v${API.major}.${Math.max(API.minor, minorOf(MinAPIVersion))}`);
  }

  /** `host` is named, as nothing, because dockerode would take one from DOCKER_HOST and forget the socket. */
  #connect(version?: string): Docker {
    const options: Docker.DockerOptions & { readonly agent: Agent } = { socketPath: this.#path, host: '', protocol: 'http', agent: this.#connections };
    return new Docker(version === undefined ? options : { ...options, version });
  }
}

/** 41 of `1.41`; 0 of what is no version. */
const minorOf = (version: string): number => Number(/^1\.(\d+)$/.exec(version)?.[1] ?? 0);

/** Not every call of dockerode takes a signal; what is given up on so is left to end by itself. */
const rejectedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

/** The answer, or undefined where the engine refuses with one of these HTTP statuses. */
export async function orUndefined<T>(statuses: readonly number[], answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (statuses.includes(statusOf(error) ?? 0)) return undefined;
    throw error;
  }
}
