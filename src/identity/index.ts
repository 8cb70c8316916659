/** Providers of identities, asked whether somebody is who they say they are. openid-client and ldapts live here. */
import type { Providers } from '../ports/index.js';

/** Read when somebody is asked for the first time: most masters ask nobody, and their memory is for what they do. */
export const providers: Providers = {
  oidc: async (settings, secret) => (await import('./oidc.js')).openOidc(settings, secret),
  ldap: async (settings, secret) => (await import('./ldap.js')).ldapProvider(settings, secret),
};
