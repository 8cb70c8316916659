import { type ErrorCode, KontenaError } from '../model/index.js';
import { answerText, TooLong } from './answer-text.js';
import type { Credentials } from './docker-credentials.js';
import { basicOf, causeOf, codeOf, isRecord, reason, sentenceOf, speaksNoTls } from './oci-answers.js';

interface Request {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Answers that are no failure besides those of 200 and more. */
  readonly accept?: readonly number[];
  /** How long the answer may be; as an error or a token is when absent. */
  readonly mostBytes?: number;
}

/** What goes over the wire, but for who asks. */
interface Sent {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer that has come whole. */
export interface Answer {
  readonly status: number;
  readonly isOk: boolean;
  /** Where it came from, after all redirections. */
  readonly url: string;
  readonly headers: Headers;
  readonly text: string;
}

interface Registry {
  readonly host: string;
  /** On the machine itself http is spoken to what does not speak TLS. */
  readonly scheme: 'http' | 'https' | 'https-or-http';
  /** Of whoever asks; undefined when nobody logged in. */
  readonly credentials: () => Promise<Credentials | undefined>;
  /** Whether that person lets a server which is not the registry have them. */
  readonly mayTell: (server: string) => Promise<boolean>;
  /** A registry that has not answered whole by then is away. */
  readonly limitMs: number;
}

/** Bytes of an answer that is an error, a token, or nothing. */
const SHORT_BYTES = 64 * 1024;
/** Bytes of one page of a list, and pages of a list. */
const [PAGE_BYTES, MOST_PAGES] = [4 * 1024 * 1024, 100];
const MOST_REDIRECTIONS = 5;

/** One OCI registry over HTTP, asked with a password or with tokens that its token server gives. */
export class OciClient {
  readonly #registry: Registry;
  /** Its origin, as far as known. */
  #base: string;
  #authorization: string | undefined;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#base = new URL(`${registry.scheme === 'http' ? 'http' : 'https'}://${registry.host}`).origin;
  }

  /** @param path below the registry, or a whole address @throws KontenaError KON_REGISTRY_UNREACHABLE, KON_REGISTRY_DENIED, KON_REGISTRY_UNTRUSTED, KON_REGISTRY_FAILED */
  async request(path: string, { method = 'GET', headers = {}, body, accept = [], mostBytes = SHORT_BYTES }: Request = {}): Promise<Answer> {
    const send = (): Promise<Answer> => this.#follow(new URL(path, this.#base), { method, headers, ...(body === undefined ? {} : { body }) }, mostBytes);
    let answer = await send();
    if (answer.status === 401 && (await this.#authorize(answer.headers.get('www-authenticate') ?? ''))) answer = await send();
    if (answer.isOk || accept.includes(answer.status)) return answer;
    throw await this.#refusal(`${method} ${new URL(path, this.#base).pathname}`, answer);
  }

  /** The answer to a request as data. @throws KontenaError as `request` does */
  async requestJson(path: string, request: Request = {}): Promise<{ readonly answer: Answer; readonly data: unknown }> {
    const answer = await this.request(path, request);
    return { answer, data: answer.isOk ? this.#parsed(answer) : undefined };
  }

  /** All items of a list that comes in pages, each from the registry itself. */
  async list(path: string, field: string, accept: readonly number[] = []): Promise<readonly string[]> {
    const found: string[] = [];
    let next: string | undefined = path;
    for (let page = 0; next !== undefined; page += 1) {
      if (page === MOST_PAGES) throw this.#failed('KON_REGISTRY_FAILED', `its list ${path} has more than ${String(MOST_PAGES)} pages`);
      const { origin } = this.#addressed(next);
      if (origin !== this.#base && page > 0) throw this.#failed('KON_REGISTRY_FAILED', `it continues the list ${path} on another server, ${origin}`);
      const { answer, data } = await this.requestJson(next, { accept, mostBytes: PAGE_BYTES });
      const items: unknown = isRecord(data) ? data[field] : undefined;
      if (Array.isArray(items)) for (const item of items) if (typeof item === 'string') found.push(item);
      next = /<([^>]+)>;\s*rel="?next/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    return found;
  }

  /** Sends a request where it belongs in the end. Nobody but the registry is told who asks. */
  async #follow(begin: URL, { headers, ...init }: Sent, mostBytes: number): Promise<Answer> {
    let url = begin;
    for (let step = 0; ; step += 1) {
      const answer = await this.#send(url, { ...init, headers: { ...headers, ...this.#authorizationFor(url) } }, mostBytes);
      const to = this.#redirection(answer);
      if (to === undefined) return answer;
      const isLast = step === MOST_REDIRECTIONS;
      if (isLast || !this.#mayFollow(init.method, new URL(answer.url), to)) throw this.#failed('KON_REGISTRY_FAILED', `it sends ${init.method} ${begin.pathname} on to ${to.origin}, ${isLast ? 'after too many others' : 'and that is not followed'}`);
      url = to;
    }
  }

  #redirection({ status, headers, url }: Answer): URL | undefined {
    const location = status >= 300 && status < 400 ? headers.get('location') : null;
    return location === null ? undefined : this.#addressed(location, url);
  }

  /** What a registry calls an address. */
  #addressed(text: string, from = this.#base): URL {
    if (URL.canParse(text, from)) return new URL(text, from);
    throw this.#failed('KON_REGISTRY_FAILED', 'it names an address that is none: this is no OCI registry');
  }

  /** What is pushed goes nowhere but to the registry, and nothing is asked for more openly than it was. */
  #mayFollow(method: string, from: URL, to: URL): boolean {
    if (to.protocol === 'http:' && this.#base.startsWith('https:')) return false;
    return method === 'GET' || method === 'HEAD' || to.origin === from.origin;
  }

  async #send(url: URL, init: RequestInit, mostBytes: number): Promise<Answer> {
    try {
      const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(this.#registry.limitMs) });
      return { status: response.status, isOk: response.ok, url: response.url, headers: response.headers, text: await answerText(response, response.ok ? mostBytes : SHORT_BYTES) };
    } catch (error) {
      if (error instanceof TooLong) throw this.#failed('KON_REGISTRY_FAILED', `${url.pathname}: ${error.message}`, error);
      if (this.#registry.scheme !== 'https-or-http' || url.protocol !== 'https:' || url.host !== this.#registry.host || !speaksNoTls(error)) throw this.#away(url, error);
      this.#base = `http://${this.#registry.host}`;
      return this.#send(new URL(url.href.replace(/^https/, 'http')), init, mostBytes);
    }
  }

  #parsed({ text, url }: Answer): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw this.#failed('KON_REGISTRY_FAILED', `${new URL(url).pathname} is answered with something else than JSON: this is no OCI registry`, error);
    }
  }

  /** Credentials are for the registry alone, not for where it sends us to. */
  #authorizationFor(url: URL): Readonly<Record<string, string>> {
    return this.#authorization === undefined || url.origin !== this.#base ? {} : { authorization: this.#authorization };
  }

  /** Answers the challenge of a registry. Returns whether there is something new to try. */
  async #authorize(challenge: string): Promise<boolean> {
    const credentials = await this.#registry.credentials();
    const [, bearer] = /\bBearer\s+(.*)$/i.exec(challenge) ?? [];
    const found = bearer === undefined ? basicOf(credentials) : await this.#token(bearer, credentials);
    if (found === undefined || found === this.#authorization) return false;
    this.#authorization = found;
    return true;
  }

  /** A token for what was asked, from where the registry says. */
  async #token(challenge: string, credentials: Credentials | undefined): Promise<string | undefined> {
    const words = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]));
    const realm = words.get('realm');
    if (realm === undefined) return undefined;
    const url = this.#addressed(realm);
    await this.#askBeforeTelling(url, credentials !== undefined);
    for (const [key, value] of words) if (key === 'service' || key === 'scope') url.searchParams.set(key, value);
    const given = this.#granted(await this.#askToken(url, words, credentials), url, credentials);
    const token = isRecord(given) ? (given['token'] ?? given['access_token']) : undefined;
    return typeof token === 'string' ? `Bearer ${token}` : undefined;
  }

  /** A password goes to another server only where the person who has it allows that. */
  async #askBeforeTelling({ origin, protocol }: URL, isTold: boolean): Promise<void> {
    if (protocol === 'http:' && this.#base.startsWith('https:')) throw this.#failed('KON_REGISTRY_UNTRUSTED', `it sends the password to ${origin}, where it could be read on the way`);
    if (!isTold || origin === this.#base || (await this.#registry.mayTell(origin))) return;
    throw this.#failed('KON_TOKEN_SERVER_UNKNOWN', `it wants the password or token to be sent to ${origin}, another server: if that is right, say \`kontenactl stack registry trust ${this.#registry.host} ${origin}\``);
  }

  #granted(answer: Answer, { origin }: URL, credentials: Credentials | undefined): unknown {
    if (answer.isOk) return this.#parsed(answer);
    if (answer.status !== 401 && answer.status !== 403) throw this.#failed('KON_REGISTRY_FAILED', `its token server ${origin} answers ${reason(answer)}`);
    const whom = credentials === undefined ? 'whoever has not logged in' : 'the name or the password';
    throw this.#failed('KON_REGISTRY_DENIED', `its token server ${origin} refuses ${whom}`);
  }

  /** With a name and a password as the registry's own protocol has it, with a refresh token as OAuth2 has it. */
  #askToken(url: URL, words: ReadonlyMap<string, string>, credentials: Credentials | undefined): Promise<Answer> {
    const basic = basicOf(credentials);
    if (credentials?.kind !== 'refresh-token') return this.#send(url, { headers: basic === undefined ? {} : { authorization: basic } }, SHORT_BYTES);
    const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'kontenactl', refresh_token: credentials.token, service: words.get('service') ?? '', scope: words.get('scope') ?? '' });
    return this.#send(new URL(url.pathname, url), { method: 'POST', body: form.toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } }, SHORT_BYTES);
  }

  async #refusal(what: string, answer: Answer): Promise<KontenaError> {
    return answer.status === 401 || answer.status === 403 ? this.#denied(what, answer) : this.#failed('KON_REGISTRY_FAILED', `${what}: ${reason(answer)}`);
  }

  async #denied(what: string, { status }: Answer): Promise<KontenaError> {
    const credentials = await this.#registry.credentials();
    const isForbidden = status === 403 || this.#authorization?.startsWith('Bearer') === true;
    if (credentials === undefined) return this.#failed('KON_REGISTRY_DENIED', 'it wants a name and a password');
    return this.#failed('KON_REGISTRY_DENIED', isForbidden ? `it does not allow ${what}` : 'the name or the password is wrong');
  }

  #away(url: URL, error: unknown): KontenaError {
    const cause = causeOf(error);
    const where = url.origin === this.#base ? '' : ` (asked: ${url.origin})`;
    if (/CERT|SELF_SIGNED|VERIFY_LEAF/.test(codeOf(error))) return this.#failed('KON_REGISTRY_UNTRUSTED', `its TLS certificate is not trusted here: ${sentenceOf(cause)}${where}`, error);
    if (speaksNoTls(error) && url.protocol === 'https:') return this.#failed('KON_REGISTRY_FAILED', `it does not speak TLS; --insecure-http speaks http to it${where}`, error);
    const isLate = isRecord(error) && error['name'] === 'TimeoutError';
    return this.#failed('KON_REGISTRY_UNREACHABLE', `${isLate ? `no answer within ${String(this.#registry.limitMs / 1000)} s` : sentenceOf(cause)}${where}`, error);
  }

  #failed(code: ErrorCode, why: string, cause?: unknown): KontenaError {
    return new KontenaError(code, `the stack registry ${this.#base} cannot be used: ${why}`, { cause });
  }
}
