import { readFile } from 'node:fs/promises';
import { KontenaError, messageOf } from '../model/index.js';

/** A registry that does not answer by then is away. */
const LIMIT_MS = 30_000;

interface Request {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Answers that are no failure besides those of 200 and more. */
  readonly accept?: readonly number[];
}

/** One OCI registry over HTTP, with the credentials that `docker login` kept for it. */
export class OciClient {
  readonly #base: string;
  readonly #host: string;
  readonly #dockerConfig: string;
  #authorization: string | undefined;

  /** @param dockerConfig path of docker's config.json */
  constructor({ host, isPlain, dockerConfig }: { readonly host: string; /** http, not https. */ readonly isPlain: boolean; readonly dockerConfig: string }) {
    this.#host = host;
    this.#base = `${isPlain ? 'http' : 'https'}://${host}`;
    this.#dockerConfig = dockerConfig;
  }

  /** @param path below the registry, or a whole address @throws KontenaError KON_REGISTRY_FAILED */
  async request(path: string, { method = 'GET', headers = {}, body, accept = [] }: Request = {}): Promise<Response> {
    const url = new URL(path, this.#base);
    const send = (): Promise<Response> => this.#send(url, { method, headers: { ...headers, ...this.#authorizationFor(url) }, ...(body === undefined ? {} : { body }) });
    let response = await send();
    if (response.status === 401 && (await this.#authorize(response.headers.get('www-authenticate') ?? ''))) response = await send();
    if (response.ok || accept.includes(response.status)) return response;
    throw this.#failed(`${method} ${url.pathname}: ${await reason(response)}`);
  }

  /** All items of a list that comes in pages. */
  async list(path: string, field: string, accept: readonly number[] = []): Promise<readonly string[]> {
    const found: string[] = [];
    for (let next: string | undefined = path; next !== undefined;) {
      const response = await this.request(next, { accept });
      const page: unknown = response.ok ? await response.json() : {};
      const items: unknown = isRecord(page) ? page[field] : undefined;
      if (Array.isArray(items)) found.push(...items.filter((item) => typeof item === 'string'));
      next = /<([^>]+)>;\s*rel="?next/.exec(response.headers.get('link') ?? '')?.[1];
    }
    return found;
  }

  async #send(url: URL, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, { ...init, signal: AbortSignal.timeout(LIMIT_MS) });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw this.#failed(messageOf(cause), error);
    }
  }

  /** Credentials are for the registry alone, not for where it sends us to. */
  #authorizationFor(url: URL): Readonly<Record<string, string>> {
    return this.#authorization === undefined || url.host !== new URL(this.#base).host ? {} : { authorization: this.#authorization };
  }

  /** Answers the challenge of a registry. Returns whether there is something new to try. */
  async #authorize(challenge: string): Promise<boolean> {
    const basic = await this.#credentials();
    const [, scheme = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(challenge) ?? [];
    const found = scheme.toLowerCase() === 'bearer' ? await this.#token(rest, basic) : basic;
    if (found === undefined || found === this.#authorization) return false;
    this.#authorization = found;
    return true;
  }

  /** A token for what was asked, from where the registry says. */
  async #token(challenge: string, basic: string | undefined): Promise<string | undefined> {
    const words = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]));
    const realm = words.get('realm');
    if (realm === undefined) return undefined;
    const url = new URL(realm, this.#base);
    for (const [key, value] of words) if (key === 'service' || key === 'scope') url.searchParams.set(key, value);
    const answer = await this.#send(url, { headers: basic === undefined ? {} : { authorization: basic } });
    const given: unknown = answer.ok ? await answer.json() : {};
    const token = isRecord(given) ? (given['token'] ?? given['access_token']) : undefined;
    return typeof token === 'string' ? `Bearer ${token}` : undefined;
  }

  async #credentials(): Promise<string | undefined> {
    try {
      const config: unknown = JSON.parse(await readFile(this.#dockerConfig, 'utf8'));
      const auths = isRecord(config) && isRecord(config['auths']) ? config['auths'] : {};
      const entry = auths[this.#host] ?? auths[`https://${this.#host}`];
      return isRecord(entry) && typeof entry['auth'] === 'string' && entry['auth'] !== '' ? `Basic ${entry['auth']}` : undefined;
    } catch {
      return undefined; // nobody logged in
    }
  }

  #failed(why: string, cause?: unknown): KontenaError {
    return new KontenaError('KON_REGISTRY_FAILED', `the stack registry ${this.#base} cannot be used: ${why}`, { cause });
  }
}

async function reason(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const errors: readonly unknown[] = isRecord(body) && Array.isArray(body['errors']) ? body['errors'] : [];
  const first = errors[0];
  return isRecord(first) && typeof first['message'] === 'string' ? first['message'] : `status ${String(response.status)}`;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
