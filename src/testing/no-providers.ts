import { KontenaError } from '../model/index.js';
import type { Providers } from '../ports/index.js';

/** Nobody vouches for anybody. */
export const noProviders: Providers = {
  oidc: () => Promise.reject(new KontenaError('KON_PROVIDER_UNREACHABLE', 'no provider is expected here')),
  ldap: () => Promise.reject(new KontenaError('KON_PROVIDER_UNREACHABLE', 'no directory is expected here')),
};
