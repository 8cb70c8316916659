import { drop, KontenaError, type LdapBody, type OidcBody, type Provider, type ProviderBody, put, type Revision } from '../../model/index.js';
import type { Author, Identity, LdapProvider, OidcProvider, ProviderCalls, Providers, Store } from '../../ports/index.js';
import { FIRST_GRID } from '../first-grid.js';
import { notFound } from '../not-found.js';
import type { VaultMeans } from '../vault-means.js';
import { forgetOwn, keepOwn, readOwn, readyOwn, secretOf, together } from './own-secrets.js';

export interface ProviderMeans extends VaultMeans {
  readonly providers: Providers;
}

/** What may be asked of whoever vouches for people. */
export const providerCalls = (means: ProviderMeans, author: Author): ProviderCalls => ({
  set: (provider) => setProvider(means, author, provider),
  test: async (kind) => {
    const body = means.store.view(FIRST_GRID).get('Provider', kind)?.body;
    if (body === undefined) throw missing(means.store, kind);
    await test(means.providers, body, readOwn(means, secretOf(kind)));
  },
});

/** @throws KontenaError KON_PROVIDER_REFUSED, KON_PROVIDER_UNREACHABLE, KON_INVALID */
async function setProvider(means: ProviderMeans, author: Author, { settings, secret }: { readonly settings: ProviderBody; readonly secret?: string }): Promise<{ readonly revision: Revision }> {
  const { kind } = settings;
  await test(means.providers, settings, secret ?? readOwn(means, secretOf(kind)));
  const ready = secret === undefined ? undefined : readyOwn(means, secretOf(kind), secret);
  const { revision } = await means.store.update(author, (view) => {
    const set = { steps: [put('Provider', kind, settings, 'says who people are')], sealed: [] };
    return ready === undefined ? set : together(set, keepOwn(ready, view));
  });
  return { revision };
}

async function test(providers: Providers, settings: ProviderBody, secret: string | undefined): Promise<void> {
  if (settings.kind === 'oidc') await providers.oidc(settings, secret);
  else await (await providers.ldap(settings, secret)).test();
}

/** Its users stay, and sign in no more; their sessions end by themselves, as nobody renews them. @throws KontenaError KON_NOT_FOUND */
export async function removeProvider(store: Store, author: Author, kind: string): Promise<{ readonly revision: Revision }> {
  const { revision } = await store.update({ ...author, grid: FIRST_GRID }, (view) => {
    if (view.get('Provider', kind) === undefined) throw missing(store, kind);
    return together({ steps: [drop('Provider', kind, 'removed')], sealed: [] }, forgetOwn(secretOf(kind), view));
  });
  return { revision };
}

const missing = (store: Store, kind: string): KontenaError => notFound({ what: 'provider', typed: kind, known: store.view(FIRST_GRID).list('Provider').map(({ name }) => name) });

/** The directory; undefined where none is set. */
export async function directoryOf(means: ProviderMeans): Promise<LdapProvider | undefined> {
  const settings = means.store.view(FIRST_GRID).get('Provider', 'ldap')?.body as LdapBody | undefined;
  return settings === undefined ? undefined : means.providers.ldap(settings, readOwn(means, secretOf('ldap')));
}

/** @throws KontenaError KON_NOT_FOUND where none is set, KON_PROVIDER_UNREACHABLE */
export function oidcOf(means: ProviderMeans): Promise<OidcProvider> {
  const settings = means.store.view(FIRST_GRID).get('Provider', 'oidc')?.body as OidcBody | undefined;
  if (settings === undefined) throw new KontenaError('KON_NOT_FOUND', 'this master has no provider of OpenID Connect: sign in by name, with --user');
  return means.providers.oidc(settings, readOwn(means, secretOf('oidc')));
}

/** Whether a provider still says yes to somebody. @throws KontenaError KON_SIGN_IN_REFUSED, KON_PROVIDER_UNREACHABLE */
export async function confirm(means: ProviderMeans, user: string, provider: Provider | undefined, renewal: string | undefined): Promise<Pick<Identity, 'groups' | 'renewal'>> {
  if (provider === 'password') return { groups: [] };
  if (renewal === undefined) throw new KontenaError('KON_SIGN_IN_REFUSED', `the provider of ${user} cannot be asked again without them`);
  const found = provider === 'oidc' ? await (await oidcOf(means)).confirm(renewal) : await (await directoryOf(means))?.find(renewal);
  if (found?.user !== user) throw new KontenaError('KON_SIGN_IN_REFUSED', `the provider does not know ${user} any more`);
  return found;
}
