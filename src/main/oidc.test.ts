import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import Provider from 'oidc-provider';
import { type Begun, connect, type Connected, type Credential, type Door, openDoor, type Papers } from '../link/client/index.js';
import type { OidcBody } from '../model/index.js';
import type { Log } from '../ports/index.js';
import { type Master, startMaster } from './master-process.js';

/** People who sign in at a real provider of OpenID Connect, and providers and browsers that lie. */
jest.setTimeout(120_000);

const BACK = 'http://127.0.0.1:9/signed-in';
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const root = mkdtempSync(join(tmpdir(), 'kontena-oidc-'));
const closing: (() => unknown)[] = [];
/** Who has an account at the provider, and in which groups. */
const accounts = new Map<string, readonly string[]>();
let server: Server;
let settings: OidcBody;
let data: string;
let master: Master;
let admin: Connected;
let own: Credential;
let door: Door;

const listening = (on: Server): Promise<string> => new Promise((done) => on.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${(on.address() as AddressInfo).port}`)));

beforeAll(async () => {
  for (const way of ['info', 'warn'] as const) jest.spyOn(console, way).mockImplementation(() => undefined); // it warns of all that makes it a test's
  server = createServer();
  const issuer = await listening(server);
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'kontena', token_endpoint_auth_method: 'none', application_type: 'native', redirect_uris: ['http://127.0.0.1/signed-in'], grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'] }],
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
    scopes: ['openid', 'offline_access', 'profile'],
    features: { deviceFlow: { enabled: true }, devInteractions: { enabled: true } },
    cookies: { keys: ['a key of a test'] },
    findAccount: (_context, sub) => {
      const groups = accounts.get(sub);
      return groups === undefined ? undefined : { accountId: sub, claims: () => ({ sub, preferred_username: sub, groups: [...groups] }) };
    },
  });
  provider.on('server_error', (_context, why) => process.stderr.write(`${why.stack ?? ''}\n`));
  const serve = provider.callback();
  server.on('request', (request, response) => void serve(request, response));
  settings = { kind: 'oidc', issuer, clientId: 'kontena', scopes: ['openid', 'profile'], userClaim: 'preferred_username', groupsClaim: 'groups' };
});
beforeEach(async () => {
  accounts.clear();
  accounts.set('ada', ['devs']);
  data = mkdtempSync(join(root, 'master-'));
  master = await startMaster({ data, host: '127.0.0.1', port: 0, advertise: [], watchDirectory: undefined, allowEmpty: false, openStackRegistry: () => Promise.resolve(undefined), log: silent });
  own = JSON.parse(readFileSync(join(data, 'admin.json'), 'utf8')) as Credential;
  admin = connect(own, { timeoutMs: 10_000 });
  door = await openDoor(own.server, { timeoutMs: 10_000 });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  admin.close();
  await master.close();
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(root, { recursive: true, force: true });
});

const as = (papers: Pick<Papers, 'ca' | 'certificate' | 'key'>): Connected => {
  const client = connect({ ...papers, server: own.server }, { timeoutMs: 10_000 });
  closing.push(() => client.close());
  return client;
};
const refused = (code: string, message: string | RegExp = /./) => expect.objectContaining({ code, message: expect.stringMatching(message) });

/** Walks the provider's pages as a browser does, until it is sent to an address of no page. Returns that, or the last page. */
async function browse(url: string, login: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const cookies = new Map<string, string>();
  let next = url;
  let form: URLSearchParams | undefined;
  for (let steps = 0; steps < 20; steps += 1) {
    const answer = await fetch(next, { redirect: 'manual', ...(form === undefined ? {} : { method: 'POST', body: form }), headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') } });
    for (const set of answer.headers.getSetCookie()) cookies.set(...(/^([^=]+)=([^;]*)/.exec(set)?.slice(1) as [string, string]));
    const location = answer.headers.get('location');
    const text = await answer.text();
    form = undefined;
    if (location !== null) {
      next = new URL(location, next).href;
      if (next.startsWith(BACK)) return next;
      continue;
    }
    const action = /<form[^>]*action="([^"]+)"/.exec(text)?.[1];
    if (action === undefined) return text;
    const fields = [...text.matchAll(/<input[^>]*>/g)].map(([tag]) => [/name="([^"]*)"/.exec(tag)?.[1] ?? '', /value="([^"]*)"/.exec(tag)?.[1] ?? ''] as const);
    form = new URLSearchParams({ ...Object.fromEntries(fields), ...(text.includes('name="login"') ? { login, password: 'any' } : {}), ...more });
    next = new URL(action, next).href;
  }
  throw new Error(`no end of pages at ${next}`);
}

const signIn = async (login = 'ada'): Promise<Papers> => {
  const { url, complete } = await door.begin(BACK);
  return (await complete(await browse(url, login)))!;
};

describe('at a provider of OpenID Connect a person', () => {
  beforeEach(async () => {
    await admin.providers.set({ settings });
  });

  test('signs in by a browser, has the roles of their groups, and renews the session while the provider says yes', async () => {
    await admin.members.add('default', { name: 'group/devs', role: 'developer' });
    await admin.members.add('default', { name: 'group/ops', role: 'operator' });
    expect(await door.ways()).toEqual(['password', 'oidc']);
    const papers = await signIn();
    expect(papers.user).toBe('ada');
    expect(await as(papers).sessions.who()).toMatchObject({ name: 'ada', provider: 'oidc', groups: ['devs'], roles: [{ role: 'developer', grid: 'default' }] });
    accounts.set('ada', ['ops']);
    const renewed = await as(papers).credentials.renew();
    expect(await as(renewed).sessions.who()).toMatchObject({ groups: ['ops'], roles: [{ role: 'operator', grid: 'default' }] });
    accounts.delete('ada');
    await expect(as(renewed).credentials.renew()).rejects.toEqual(refused('KON_SIGN_IN_REFUSED'));
    await admin.providers.test('oidc');
  });

  test('signs in without a browser here, by a code that is typed elsewhere', async () => {
    const { url, code, complete } = await door.begin();
    expect(await complete()).toBeUndefined();
    await browse(url, 'ada', { user_code: code });
    let papers: Papers | undefined;
    for (let left = 20; left > 0 && papers === undefined; left -= 1) papers = await complete();
    expect(papers).toMatchObject({ user: 'ada' });
    await expect(complete()).rejects.toEqual(refused('KON_SIGN_IN_REFUSED', 'is over'));
  });

  test('is refused with an answer that was used, is another\'s, or is none', async () => {
    const first: Begun = await door.begin(BACK);
    const answer = await browse(first.url, 'ada');
    const other: Begun = await door.begin(BACK);
    await expect(other.complete(answer)).rejects.toEqual(refused('KON_SIGN_IN_REFUSED', /state/i));
    await first.complete(answer);
    await expect(first.complete(answer)).rejects.toEqual(refused('KON_SIGN_IN_REFUSED', 'is over'));
    const third = await door.begin(BACK);
    const replayed = new URL(answer);
    replayed.searchParams.set('state', new URL(third.url).searchParams.get('state') ?? '');
    await expect(third.complete(replayed.href)).rejects.toEqual(refused('KON_SIGN_IN_REFUSED', 'invalid_grant'));
    for (const none of [undefined, 'no address', `${BACK}?error=access_denied&state=x`]) await expect((await door.begin(BACK)).complete(none)).rejects.toEqual(refused('KON_SIGN_IN_REFUSED'));
    for (const elsewhere of ['https://evil.example.com/', 'http://127.0.0.1:80@evil.example.com/x', 'http://localhost:80/x']) await expect(door.begin(elsewhere)).rejects.toEqual(refused('KON_INVALID', 'sent back to the machine'));
  });

  test('is nobody else: not a credential, not a user of the master\'s own, nor one who is kept out', async () => {
    for (const name of ['admin', 'bob']) accounts.set(name, []);
    await admin.users.add({ name: 'bob', password: 'a long enough password' });
    await expect(signIn('admin')).rejects.toEqual(refused('KON_CONFLICT', 'there is a credential admin'));
    await expect(signIn('bob')).rejects.toEqual(refused('KON_SIGN_IN_REFUSED', 'user bob is of password'));
    await admin.credentials.create({ name: 'eve', lifetimeSeconds: 3600, role: 'operator', grid: 'default' });
    accounts.set('eve', []);
    await expect(signIn('eve')).rejects.toEqual(refused('KON_SIGN_IN_REFUSED', 'somebody else called eve had roles'));
    const ada = as(await signIn());
    await admin.users.disable({ name: 'ada', isDisabled: true });
    await expect(ada.master.info()).rejects.toEqual(refused('KON_UNAUTHENTICATED'));
    await expect(signIn()).rejects.toEqual(refused('KON_SIGN_IN_REFUSED'));
    await expect(admin.users.setPassword({ name: 'ada', password: 'a long enough password' })).rejects.toEqual(refused('KON_INVALID', 'user ada is of oidc'));
  });

  test('cannot sign in when the provider is away, and the admin of the master still can look', async () => {
    await admin.resources.remove('default', 'provider', 'oidc');
    await expect(door.begin(BACK)).rejects.toEqual(refused('KON_NOT_FOUND', 'no provider of OpenID Connect'));
    await expect(admin.providers.set({ settings: { ...settings, issuer: 'http://127.0.0.1:2' } })).rejects.toEqual(refused('KON_PROVIDER_UNREACHABLE'));
    await expect(admin.providers.set({ settings: { ...settings, issuer: own.server } })).rejects.toEqual(refused('KON_INVALID', 'https://'));
    await expect(admin.providers.set({ settings: { ...settings, issuer: `${settings.issuer}/other` } })).rejects.toEqual(refused('KON_PROVIDER_REFUSED'));
    await expect(admin.providers.test('oidc')).rejects.toEqual(refused('KON_NOT_FOUND'));
  });

  test('leaves no token and no code where others could read it', async () => {
    const { url, complete } = await door.begin(BACK);
    const answer = await browse(url, 'ada');
    await complete(answer);
    const code = new URL(answer).searchParams.get('code') ?? '';
    expect(code.length).toBeGreaterThan(10);
    for (const file of readdirSync(data).filter((name) => name.includes('sqlite'))) {
      const bytes = readFileSync(join(data, file));
      for (const secret of [code, '"token":']) expect(bytes.includes(secret)).toBe(false);
    }
  });
});

/** A provider that gives whatever ID token it is told to, and signs it with its own key unless told otherwise. */
class Liar {
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly #server = createServer((request, response) => {
    const give = (body: object): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url === '/.well-known/openid-configuration') give({ issuer: this.issuer, authorization_endpoint: `${this.issuer}/auth`, token_endpoint: `${this.issuer}/token`, jwks_uri: `${this.issuer}/jwks`, response_types_supported: ['code'], id_token_signing_alg_values_supported: ['RS256'] });
    else if (request.url === '/jwks') give({ keys: [{ ...this.#keys.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }] });
    else give({ access_token: 'a', token_type: 'bearer', id_token: this.#token() });
  });
  issuer = '';
  nonce = '';
  over: object = {};
  header: object = {};
  isForged = false;

  async open(): Promise<void> {
    this.issuer = await listening(this.#server);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #token(): string {
    const now = Math.floor(Date.now() / 1000);
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: this.issuer, aud: 'kontena', sub: 'ada', preferred_username: 'ada', groups: ['devs'], iat: now, exp: now + 300, nonce: this.nonce, ...this.over };
    const text = `${part({ alg: 'RS256', kid: 'k', ...this.header })}.${part(claims)}`;
    if ('alg' in this.header) return `${text}.`;
    const signature = createSign('sha256').update(text).sign(this.#keys.privateKey);
    if (this.isForged) signature[10] = (signature[10] ?? 0) ^ 1;
    return `${text}.${signature.toString('base64url')}`;
  }
}

test('An ID token for another client, of another issuer, with a nonce not ours, unsigned, forged or of yesterday lets nobody in', async () => {
  const liar = new Liar();
  await liar.open();
  closing.push(() => liar.close());
  await admin.providers.set({ settings: { ...settings, issuer: liar.issuer } });
  const told = async (lie: Partial<Pick<Liar, 'over' | 'header' | 'isForged'>>): Promise<unknown> => {
    const { url, complete } = await door.begin(BACK);
    const asked = new URL(url).searchParams;
    Object.assign(liar, { over: {}, header: {}, isForged: false, nonce: asked.get('nonce') ?? '', ...lie });
    expect([asked.get('code_challenge_method'), asked.get('redirect_uri')]).toEqual(['S256', BACK]);
    return complete(`${BACK}?code=c&state=${asked.get('state') ?? ''}`);
  };
  expect(await told({})).toMatchObject({ user: 'ada' });
  const hourAgo = Math.floor(Date.now() / 1000) - 3600;
  for (const over of [{ aud: 'another' }, { iss: 'https://another.example.com' }, { nonce: 'not ours' }, { nonce: undefined }, { exp: hourAgo }, { preferred_username: undefined }, { preferred_username: 'a/b' }, { preferred_username: ['ada'] }]) {
    await expect(told({ over })).rejects.toEqual(refused('KON_SIGN_IN_REFUSED'));
  }
  await expect(told({ header: { alg: 'none' } })).rejects.toEqual(refused('KON_SIGN_IN_REFUSED'));
  await expect(told({ isForged: true })).rejects.toEqual(refused('KON_SIGN_IN_REFUSED'));
  expect(await told({ over: { groups: ['devs', 7, 'a\u001b[31mb', ''] } })).toMatchObject({ user: 'ada' });
});
