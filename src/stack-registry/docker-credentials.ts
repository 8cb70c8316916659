import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { KontenaError, messageOf } from '../model/index.js';

/** Who asks a registry. */
export type Credentials =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** What `docker login` is given by a registry that wants its password only once. */
  | { readonly kind: 'refresh-token'; readonly token: string };

type Table = Readonly<Record<string, unknown>>;

/** The user name by which a credential helper says that it keeps a refresh token. */
const TOKEN_USER = '<token>';

/** A helper that has not answered by then waits for a person. */
const HELPER_LIMIT_MS = 15_000;

/**
 * What `docker login` kept for a registry: in a credential helper where docker's config.json names one, else in that file.
 *
 * @param config path of config.json
 * @throws KontenaError KON_FILE_UNREADABLE, KON_REGISTRY_DENIED when the helper fails
 */
export async function dockerCredentials(config: string, host: string, env: Readonly<Record<string, string | undefined>>): Promise<Credentials | undefined> {
  const settings = await readSettings(config);
  const helper = tableOf(settings['credHelpers'])[host] ?? settings['credsStore'];
  const kept = typeof helper === 'string' && helper !== '' ? await askHelper(helper, host, env) : undefined;
  return kept ?? fromFile(tableOf(settings['auths']), host);
}

async function readSettings(path: string): Promise<Table> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return {}; // nobody logged in
  }
  try {
    return tableOf(JSON.parse(text));
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `${path}, which keeps what docker login was told, is damaged: ${messageOf(error)}`, { cause: error });
  }
}

function fromFile(auths: Table, host: string): Credentials | undefined {
  const entry = tableOf([host, `https://${host}`, `http://${host}`].map((key) => auths[key]).find((found) => found !== undefined));
  const { identitytoken: token, auth, username, password } = entry as { readonly identitytoken?: unknown; readonly auth?: unknown; readonly username?: unknown; readonly password?: unknown };
  if (typeof token === 'string' && token !== '') return { kind: 'refresh-token', token };
  if (typeof auth === 'string' && auth !== '') return fromPair(Buffer.from(auth, 'base64').toString('utf8'));
  return typeof username === 'string' && typeof password === 'string' ? { kind: 'password', user: username, password } : undefined;
}

function fromPair(pair: string): Credentials | undefined {
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : { kind: 'password', user: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

/** Asks `docker-credential-NAME get`, as docker does. Undefined when it keeps nothing for that host. */
async function askHelper(name: string, host: string, env: Readonly<Record<string, string | undefined>>): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`;
  const { code, out } = await new Promise<{ readonly code: number; readonly out: string }>((resolve, reject) => {
    const child = spawn(program, ['get'], { env, stdio: ['pipe', 'pipe', 'ignore'], signal: AbortSignal.timeout(HELPER_LIMIT_MS) });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (said += piece));
    child.once('error', (cause) => reject(new KontenaError('KON_REGISTRY_DENIED', `${program}, which docker's config.json names for ${host}, cannot be run: ${cause.message}`, { cause })));
    child.once('close', (ended) => resolve({ code: ended ?? 1, out: said }));
    child.stdin.on('error', () => undefined).end(host); // it may end without reading
  });
  if (code !== 0) {
    if (/credentials not found/i.test(out)) return undefined;
    throw new KontenaError('KON_REGISTRY_DENIED', `${program} does not give what it keeps for ${host}: ${out.trim() || `exit code ${String(code)}`}`);
  }
  const { Username: user, Secret: secret } = tableOf(parsed(out)) as { readonly Username?: unknown; readonly Secret?: unknown };
  if (typeof user !== 'string' || typeof secret !== 'string') return undefined;
  return user === TOKEN_USER ? { kind: 'refresh-token', token: secret } : { kind: 'password', user, password: secret };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const tableOf = (value: unknown): Table => (typeof value === 'object' && value !== null ? (value as Table) : {});
