import type { ProviderBody, Revision } from '../../model/index.js';
import type { Actions } from './actions.js';

/** Who vouches for people, beside the master itself. */
export interface ProviderCalls {
  /**
   * Kept only when the provider answers as set. Without a secret the one that is kept stays.
   * @throws KON_INVALID, KON_PROVIDER_REFUSED, KON_PROVIDER_UNREACHABLE
   */
  set(provider: { readonly settings: ProviderBody; readonly secret?: string }): Promise<{ readonly revision: Revision }>;
  /** @throws KON_NOT_FOUND, KON_PROVIDER_REFUSED, KON_PROVIDER_UNREACHABLE */
  test(kind: ProviderBody['kind']): Promise<void>;
}

export const PROVIDER_ACTIONS: Actions<ProviderCalls> = {
  set: { action: 'provider.set', isChange: true, on: ({ settings }) => ({ name: settings.kind }), detail: ({ settings }) => (settings.kind === 'oidc' ? settings.issuer : settings.url) },
  test: { action: 'provider.test', isChange: false, on: (kind) => ({ name: kind }) },
};
