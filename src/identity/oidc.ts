import { isNativeError } from 'node:util/types';
import * as client from 'openid-client';
import { KontenaError, messageOf } from '../model/index.js';
import type { OidcBody } from '../model/index.js';
import type { Identity, OidcProvider } from '../ports/index.js';

/** In seconds: whoever waits at the door is heard for little longer. */
const LIMIT_S = 8;
/** With it the provider can be asked again, without the person. */
const OFFLINE = 'offline_access';

/** What is kept of a sign-in to ask again. */
interface Renewal {
  readonly token: string;
  readonly subject: string;
}

type Tokens = Awaited<ReturnType<typeof client.refreshTokenGrant>>;

/** Reads what the provider says of itself. @throws KontenaError KON_PROVIDER_REFUSED, KON_PROVIDER_UNREACHABLE, KON_INVALID */
export async function openOidc(settings: OidcBody, secret: string | undefined): Promise<OidcProvider> {
  const config = await discover(settings, secret);
  const known = config.serverMetadata().scopes_supported ?? [];
  const scope = [...new Set([...settings.scopes, ...(known.includes(OFFLINE) ? [OFFLINE] : [])])].join(' ');
  const identify = (tokens: Tokens, subject: string): Promise<Identity> => identityOf(config, settings, tokens, subject);
  return {
    begin: async (redirect) => {
      const check = { redirect, state: client.randomState(), nonce: client.randomNonce(), verifier: client.randomPKCECodeVerifier() };
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirect, scope, state: check.state, nonce: check.nonce, code_challenge: await client.calculatePKCECodeChallenge(check.verifier), code_challenge_method: 'S256',
        ...(scope.includes(OFFLINE) ? { prompt: 'consent' } : {}),
      });
      return { url: url.href, check };
    },
    complete: ({ redirect, state, nonce, verifier }, answer) => refusing(async () => {
      const back = new URL(redirect);
      back.search = new URL(answer).search;
      const tokens = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true });
      return identify(tokens, subjectOf(tokens));
    }),
    beginDevice: () => refusing(async () => {
      const begun = await client.initiateDeviceAuthorization(config, { scope });
      const wait = (signal: AbortSignal): Promise<Identity> => refusing(async () => {
        const tokens = await client.pollDeviceAuthorizationGrant(config, begun, undefined, { signal });
        return identify(tokens, subjectOf(tokens));
      });
      return { url: begun.verification_uri_complete ?? begun.verification_uri, code: begun.user_code, wait };
    }),
    confirm: (renewal) => refusing(async () => {
      const { token, subject } = JSON.parse(renewal) as Renewal;
      const tokens = await client.refreshTokenGrant(config, token);
      const found = await identify(tokens, subject);
      return { renewal, ...found };
    }),
  };
}

async function discover({ issuer, clientId }: OidcBody, secret: string | undefined): Promise<client.Configuration> {
  const server = addressOf(issuer);
  try {
    const proof = secret === undefined ? client.None() : client.ClientSecretBasic(secret);
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- said to make one look twice: of this machine alone, where nobody listens in between
    const execute = server.protocol === 'http:' ? [client.allowInsecureRequests] : [];
    const config = await client.discovery(server, clientId, undefined, proof, { timeout: LIMIT_S, execute });
    client.enableNonRepudiationChecks(config); // signatures too, not the connection alone
    return config;
  } catch (why) {
    if (isAway(why)) throw away(issuer, why);
    throw new KontenaError('KON_PROVIDER_REFUSED', `${issuer} does not describe itself as a provider of OpenID Connect: ${reasonOf(why)}`, { cause: why });
  }
}

/** @throws KontenaError KON_INVALID */
function addressOf(issuer: string): URL {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname))) return url;
  throw new KontenaError('KON_INVALID', `"${issuer}" is no issuer: an address that begins with https:// is wanted`);
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Who it is by the claims of the ID token or, where they lack, by what the provider says when asked. */
async function identityOf(config: client.Configuration, { userClaim, groupsClaim }: OidcBody, tokens: Tokens, subject: string): Promise<Identity> {
  let claims: Readonly<Record<string, unknown>> = tokens.claims() ?? {};
  const hasMore = config.serverMetadata().userinfo_endpoint !== undefined;
  if (hasMore && (claims[userClaim] === undefined || claims[groupsClaim] === undefined)) claims = { ...claims, ...(await client.fetchUserInfo(config, tokens.access_token, subject)) };
  const user = claims[userClaim];
  if (typeof user !== 'string') throw new KontenaError('KON_SIGN_IN_REFUSED', `the provider does not say "${userClaim}" of you, by which users are called here`);
  const groups = [claims[groupsClaim] ?? []].flat().filter((group) => typeof group === 'string');
  const { refresh_token: token } = tokens;
  return { user, groups, ...(token === undefined ? {} : { renewal: JSON.stringify({ token, subject } satisfies Renewal) }) };
}

function subjectOf(tokens: Tokens): string {
  const claims = tokens.claims();
  if (claims === undefined) throw new KontenaError('KON_SIGN_IN_REFUSED', 'the provider gave no ID token');
  return claims.sub;
}

/** What fails is either the provider's no, an answer that does not count, or nobody's. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (why) {
    if (why instanceof KontenaError) throw why;
    if (isAway(why)) throw away('the provider', why);
    throw new KontenaError('KON_SIGN_IN_REFUSED', `the provider has not let you in, or its answer does not count: ${reasonOf(why)}`, { cause: why });
  }
}

const away = (who: string, why: unknown): KontenaError => new KontenaError('KON_PROVIDER_UNREACHABLE', `${who} does not answer: ${reasonOf(why)}`, { cause: why });

/** What fetch throws where no connection comes about, or no answer. */
const AWAY: ReadonlySet<string> = new Set(['TypeError', 'TimeoutError', 'AbortError']);

const isAway = (why: unknown): boolean => AWAY.has(nameOf(causeOf(why) ?? why));
const causeOf = (why: unknown): unknown => (isNativeError(why) ? why.cause : undefined);
const nameOf = (why: unknown): string => (isNativeError(why) || why instanceof DOMException ? why.name : '');

/** The code of an error in a body, else the library's words. */
const reasonOf = (why: unknown): string => (why instanceof client.ResponseBodyError || why instanceof client.AuthorizationResponseError ? why.error : messageOf(causeOf(why) ?? why));
