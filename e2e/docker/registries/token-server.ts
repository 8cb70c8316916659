import { createPrivateKey, randomUUID, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { USER } from './docker-registry.js';

const [ISSUER, SERVICE] = ['tokens of a test', 'stacks of a test'];

export interface TokenServer {
  /** The section `auth` of a registry that takes its tokens. */
  readonly auth: Readonly<Record<string, unknown>>;
  /** `http://host:port`. */
  readonly address: string;
  /** Scopes of the tokens given. */
  readonly given: readonly string[];
  readonly close: () => void;
}

/** Gives tokens as the distribution registry wants them: a JWT, signed with a key whose certificate comes along. Only USER may push. */
export async function startTokenServer(files: { readonly key: string; readonly certificate: string }): Promise<TokenServer> {
  const key = createPrivateKey(readFileSync(files.key));
  const certificate = new X509Certificate(readFileSync(files.certificate)).raw.toString('base64');
  const given: string[] = [];
  const server = createServer((request, response) => {
    const who = userOf(request);
    if (who === 'unknown') {
      response.writeHead(401).end();
      return;
    }
    const scopes = new URL(request.url ?? '/', 'http://tokens').searchParams.getAll('scope');
    given.push(...scopes);
    const access = scopes.map((scope) => accessOf(scope, who === USER.name));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token: token({ access, subject: who }, key, certificate) }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const auth = { token: { realm: `http://127.0.0.1:${port}/token`, service: SERVICE, issuer: ISSUER, rootcertbundle: files.certificate } };
  return { auth, address: `http://127.0.0.1:${port}`, given, close: () => server.close().closeAllConnections() };
}

function userOf({ headers }: IncomingMessage): string {
  if (headers.authorization === undefined) return '';
  return headers.authorization === `Basic ${Buffer.from(`${USER.name}:${USER.password}`).toString('base64')}` ? USER.name : 'unknown';
}

/** `repository:acme/todo:pull,push` as the actions that are granted. */
function accessOf(scope: string, isTrusted: boolean): object {
  const [type = '', name = '', actions = ''] = scope.split(':');
  return { type, name, actions: actions.split(',').filter((action) => isTrusted || action === 'pull') };
}

function token({ access, subject }: { readonly access: readonly object[]; readonly subject: string }, key: KeyObject, certificate: string): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: ISSUER, sub: subject, aud: SERVICE, exp: now + 60, nbf: now - 10, iat: now, jti: randomUUID(), access };
  const text = `${part({ typ: 'JWT', alg: 'ES256', x5c: [certificate] })}.${part(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
