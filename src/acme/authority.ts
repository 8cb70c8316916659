import type { Authorization, Client, CryptoInterface, Order } from 'acme-client';
import { isSame, KontenaError, type Proof } from '../model/index.js';
import type { AuthorityAccount, CertificateAuthority, OpenAuthority, OrderStanding } from '../ports/index.js';
import { loadClient } from './client.js';
import { explain, isUnknownAccount } from './problems.js';

/** A common name has at most 64 characters (RFC 5280, ub-common-name); the others are what counts. */
const LONGEST_COMMON_NAME = 64;

/** An authority over the network. */
export const openAuthority: OpenAuthority = async ({ directory, key, email, binding }: AuthorityAccount) => {
  const acme = await loadClient();
  const client = new acme.Client({
    directoryUrl: directory, accountKey: key,
    ...(binding === undefined ? {} : { externalAccountBinding: { kid: binding.keyId, hmacKey: binding.key } }),
  });
  const ask = explained(new URL(directory).host);
  await ask(() => enter(client, email === undefined ? {} : { contact: [`mailto:${email}`] }));
  return authorityOf(client, acme.crypto, ask);
};

/** Finds the account of the client's key, or makes it. What is known of it is only sent where it is news: some authorities refuse to hear it twice. */
async function enter(client: Client, known: { readonly contact?: string[] }): Promise<void> {
  try {
    const { contact } = await client.createAccount({ onlyReturnExisting: true });
    if (known.contact !== undefined && !isSame(contact, known.contact)) await client.updateAccount(known);
  } catch (error) {
    if (!isUnknownAccount(error)) throw error;
    await client.createAccount({ termsOfServiceAgreed: true, ...known });
  }
}

/** Runs what asks the authority; what it throws is explained. */
type Ask = <T>(work: () => Promise<T>) => Promise<T>;

const explained = (host: string): Ask => async (work) => {
  try {
    return await work();
  } catch (error) {
    throw explain(error, host);
  }
};

function authorityOf(client: Client, crypto: CryptoInterface, ask: Ask): CertificateAuthority {
  const orderAt = (url: string): Promise<Order> => client.getOrder({ url } as Order);
  return {
    place: (names) => ask(async () => (await client.createOrder({ identifiers: names.map((value) => ({ type: 'dns', value })) })).url),
    look: (url, challenge) => ask(async () => {
      const order = await orderAt(url);
      const authorizations = order.status === 'pending' || order.status === 'invalid' ? await client.getAuthorizations(order) : [];
      const proofs = await Promise.all(authorizations.filter(({ status }) => status === 'pending').map((one) => proofOf(client, one, challenge)));
      return { status: order.status, proofs: proofs.filter((proof) => proof !== undefined), ...reasonOf(order, authorizations) };
    }),
    show: ({ url }) => ask(async () => {
      await client.completeChallenge({ url } as Parameters<Client['completeChallenge']>[0]);
    }),
    finish: (url, { names, privateKey }) => ask(async () => {
      const commonName = names.find((name) => name.length <= LONGEST_COMMON_NAME);
      const [, request] = await crypto.createCsr({ altNames: [...names], ...(commonName === undefined ? {} : { commonName }) }, privateKey);
      await client.finalizeOrder(await orderAt(url), request);
    }),
    fetch: (url) => ask(async () => client.getCertificate(await orderAt(url))),
  };
}

/** What is to be shown for one name; undefined while the authority looks at it already. @throws KontenaError KON_AUTHORITY_REFUSED */
async function proofOf(client: Client, { identifier, challenges }: Authorization, type: Proof['challenge']): Promise<Proof | undefined> {
  const offered = challenges.find((one) => one.type === type);
  if (offered === undefined) {
    throw new KontenaError('KON_AUTHORITY_REFUSED', `the authority does not take ${type} for ${identifier.value}, but ${challenges.map((one) => one.type).join(', ')}`);
  }
  if (offered.status !== 'pending') return undefined;
  return { name: identifier.value, challenge: type, token: offered.token, answer: await client.getChallengeKeyAuthorization(offered), url: offered.url };
}

/** The authority's own words for what is invalid: of the order, else of the names that were not proved. */
function reasonOf({ status, error }: Order, authorizations: readonly Authorization[]): Pick<OrderStanding, 'reason'> {
  if (status !== 'invalid') return {};
  const ofNames = authorizations.flatMap(({ identifier, challenges }) => challenges.flatMap(({ error: fault }) => {
    const detail = detailOf(fault);
    return detail === undefined ? [] : [`${identifier.value}: ${detail}`];
  }));
  return { reason: ofNames.length > 0 ? ofNames.join('; ') : detailOf(error) ?? 'the authority gives no reason' };
}

const detailOf = (problem: unknown): string | undefined =>
  (typeof problem === 'object' && problem !== null && 'detail' in problem && typeof problem.detail === 'string' ? problem.detail : undefined);
