import { KontenaError } from '../model/index.js';
import { chooseContext, type Chosen, isDue, renewWhereItLies } from './context/index.js';
import type { Connection, Host } from './host.js';
import type { OpenGrid } from './run.js';

/** A master that has not answered by then is away: `--no-wait` promises an answer within 5 s. */
const CONNECT_LIMIT_MS = 4_000;

interface Wish {
  readonly context?: string | undefined;
  readonly grid?: string | undefined;
}

/** The context of one run, and its one connection to the master: each made when it is first asked for. */
export class Session {
  readonly #host: Host;
  readonly #wish: () => Promise<Wish>;
  #chosen: Chosen | undefined;
  #connection: Connection | undefined;

  /** @param wish what the flags of the command say */
  constructor(host: Host, wish: () => Promise<Wish>) {
    this.#host = host;
    this.#wish = wish;
  }

  /** @throws KontenaError KON_CONTEXT_MISSING, KON_CONTEXT_INVALID */
  async chosen(): Promise<Chosen> {
    return (this.#chosen ??= await chooseContext(this.#host, await this.#wish()));
  }

  async master(): Promise<OpenGrid> {
    const { credential, grid } = await this.chosen();
    this.#connection ??= await this.#host.connect(credential, { timeoutMs: CONNECT_LIMIT_MS });
    return { control: this.#connection, grid };
  }

  /** `dev (127.0.0.1:9292)`; undefined before it was chosen. */
  get destination(): string | undefined {
    return this.#chosen === undefined ? undefined : `${this.#chosen.name} (${this.#chosen.credential.server})`;
  }

  /** Renews the credential if it is time to, and closes the connection. */
  async close(): Promise<void> {
    await this.#renew();
    this.#connection?.close();
  }

  /** A credential that is used renews itself. That it cannot is no failure of the command: there is time yet, and another command will. */
  async #renew(): Promise<void> {
    const connection = this.#connection;
    const credential = this.#chosen?.credential;
    if (connection === undefined || this.#chosen === undefined || credential === undefined || 'token' in credential || !isDue(credential.certificate, Date.now())) return;
    try {
      await renewWhereItLies(this.#host, this.#chosen, () => connection.credentials.renew());
    } catch (error) {
      if (!(error instanceof KontenaError)) throw error;
    }
  }
}
