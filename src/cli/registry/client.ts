import { Agent, request } from 'node:https';
import { KontenaError, messageOf, type Millis, REGISTRY_PASSWORD, REGISTRY_SERVICE, REGISTRY_STACK, REGISTRY_USER, registryHost, serviceName } from '../../model/index.js';
import { forwardPorts } from '../forward.js';
import type { Run } from '../run.js';
import { authorityOf } from './authority.js';

const SILENCE_MS: Millis = 30_000;
/** The longest answer that is read: lists and manifests. */
const LONGEST_BYTES = 16 * 1024 * 1024;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** The registry of a grid, as somebody asks it who may read its password and reach its instances. */
export interface RegistryClient {
  /** @throws KontenaError KON_IMAGES_REFUSED for anything but these, KON_IMAGES_UNREACHABLE */
  ask(method: 'GET' | 'DELETE', path: string, accept?: readonly string[]): Promise<Answer>;
}

/** The whole name of the service that is the registry. */
export const REGISTRY = serviceName(REGISTRY_STACK, REGISTRY_SERVICE);

/** Speaks with the registry through the master and its node, from wherever this machine is. @throws KontenaError KON_NOT_FOUND where the grid has none */
export async function withRegistry<T>(run: Run, work: (client: RegistryClient) => Promise<T>): Promise<T> {
  const { control, grid } = await run.master();
  const password = await control.vault.readSecret(grid, REGISTRY_PASSWORD);
  const ca = await authorityOf(run);
  const over = new AbortController();
  let failure: Error | undefined;
  let forwarding: Promise<void> = Promise.resolve();
  const port = await new Promise<number>((resolve, reject) => {
    forwarding = forwardPorts({
      host: '127.0.0.1', port: 0, signal: over.signal,
      open: (signal) => control.instances.forward(grid, { name: REGISTRY, port: 443 }, signal),
      listening: (address) => resolve(Number(address.slice(address.lastIndexOf(':') + 1))),
      failed: (error) => (failure = error),
    });
    forwarding.catch(reject);
  });
  const host = registryHost(grid);
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const asker = new Asker({ agent, port, host, ca, authorization: `Basic ${Buffer.from(`${REGISTRY_USER}:${password}`).toString('base64')}` }, () => failure);
  try {
    return await work(asker);
  } finally {
    agent.destroy();
    over.abort();
    await forwarding;
  }
}

interface Way {
  readonly agent: Agent;
  readonly port: number;
  readonly host: string;
  readonly ca: string;
  readonly authorization: string;
}

class Asker implements RegistryClient {
  readonly #way: Way;
  readonly #failure: () => Error | undefined;

  constructor(way: Way, failure: () => Error | undefined) {
    this.#way = way;
    this.#failure = failure;
  }

  async ask(method: 'GET' | 'DELETE', path: string, accept: readonly string[] = ['*/*']): Promise<Answer> {
    const answer = await this.#send(method, path, accept).catch((error: unknown) => {
      const cause = this.#failure() ?? error;
      throw cause instanceof KontenaError ? cause : new KontenaError('KON_IMAGES_UNREACHABLE', `the grid's registry does not answer: ${messageOf(cause)}`, { cause });
    });
    if (answer.status >= 300) throw new KontenaError('KON_IMAGES_REFUSED', `the grid's registry answers ${String(answer.status)} to ${method} ${path}: ${answer.text.slice(0, 300).trim()}`);
    return answer;
  }

  #send(method: string, path: string, accept: readonly string[]): Promise<Answer> {
    const { agent, port, host, ca, authorization } = this.#way;
    return new Promise((resolve, reject) => {
      const sent = request({ method, path, port, agent, ca, host: '127.0.0.1', servername: host, timeout: SILENCE_MS, headers: { host, authorization, accept: accept.join(', ') } }, (answer) => {
        const pieces: Buffer[] = [];
        let size = 0;
        answer.on('data', (piece: Buffer) => {
          pieces.push(piece);
          if ((size += piece.length) > LONGEST_BYTES) sent.destroy(new Error('the answer is too long'));
        });
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(pieces).toString() }));
        answer.once('error', reject);
      });
      sent.once('timeout', () => sent.destroy(new Error(`nothing for ${String(SILENCE_MS / 1000)} s`)));
      sent.once('error', reject);
      sent.end();
    });
  }
}
