import { type ChannelCredentials, Client, connectivityState } from '@grpc/grpc-js';
import { KontenaError, type Millis } from '../../model/index.js';
import type { TwoWay } from '../../ports/index.js';
import { explain } from '../convert/errors.js';
import { quieten } from '../convert/quiet.js';
import { endOfCall, type Talk } from '../convert/talk.js';

/** The name every server certificate of a master bears, whatever address it is reached by. */
export const MASTER_NAME = 'kontena-master';

/** Options of every channel to a master. Proxies of the environment are for the web, not for a cluster. */
export const CHANNEL_OPTIONS = {
  'grpc.ssl_target_name_override': MASTER_NAME,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_http_proxy': 0,
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  // A master that vanished without a word is noticed within half a minute.
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 10_000,
} as const;

/** What the generated code says of one method. */
interface Method<Request, Answer> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Answer;
}

/** A channel to one master. Connects with the first call; every failure comes back as a KontenaError. */
export class MasterChannel {
  /** HOST:PORT. */
  readonly #server: string;
  readonly #timeoutMs: Millis;
  readonly #client: Client;

  constructor(server: string, credentials: ChannelCredentials, timeoutMs: Millis) {
    quieten();
    this.#server = server;
    this.#timeoutMs = timeoutMs;
    this.#client = new Client(server, credentials, CHANNEL_OPTIONS);
  }

  close(): void {
    this.#client.close();
  }

  /** One question, one answer. */
  async ask<Request, Answer>(method: Method<Request, Answer>, request: Request): Promise<Answer> {
    await this.#settled();
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(method.path, method.requestSerialize, method.responseDeserialize, request, (error, answer) => {
        if (answer !== undefined) resolve(answer);
        else reject(explain(error, this.#server));
      });
    });
  }

  /** The answers of one stream. It ends by itself, or when the reader leaves or the signal aborts, which cancels the call. */
  async *answers<Request, Answer>(method: Method<Request, Answer>, request: Request, signal?: AbortSignal): AsyncGenerator<Answer, void> {
    if (isAborted(signal)) return;
    await this.#settled();
    const call = this.#client.makeServerStreamRequest(method.path, method.requestSerialize, method.responseDeserialize, request);
    const cancel = (): void => call.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      for await (const answer of call) yield answer as Answer;
    } catch (error) {
      if (!isAborted(signal)) throw explain(error, this.#server);
    } finally {
      signal?.removeEventListener('abort', cancel);
      call.cancel();
    }
  }

  /** A call in which both ends speak. What keeps it from being made is thrown when it is read. */
  both<In, Out, Request, Answer>(method: Method<Request, Answer>, { input, output }: Pick<Talk<unknown, In, Out, Request, Answer>, 'input' | 'output'>, first: Request, signal: AbortSignal): TwoWay<In, Out> {
    const call = this.#client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize);
    const cancel = (): void => call.cancel();
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
    call.once('close', () => signal.removeEventListener('abort', cancel));
    call.on('error', () => undefined); // told to whoever reads
    call.write(first);
    return endOfCall({ call, messages: call.iterator({ destroyOnReturn: false }), sent: input, received: output, close: cancel, explain: (error) => explain(error, this.#server) });
  }

  /** Resolves when the channel is connected or has failed to; the call that follows then says why. */
  #settled(): Promise<void> {
    const channel = this.#client.getChannel();
    const deadline = Date.now() + this.#timeoutMs;
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const state = channel.getConnectivityState(true);
        if (state === connectivityState.READY || state === connectivityState.TRANSIENT_FAILURE) {
          resolve();
          return;
        }
        channel.watchConnectivityState(state, deadline, (error) => {
          if (error === undefined) look();
          else reject(new KontenaError('KON_MASTER_UNREACHABLE', `no master answers at ${this.#server} within ${this.#timeoutMs / 1000} s`));
        });
      };
      look();
    });
  }
}

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;
