/** Providers of identities, asked whether somebody is who they say they are. openid-client and ldapts live here. */
import type { Providers } from '../ports/index.js';
import { ldapProvider } from './ldap.js';
import { openOidc } from './oidc.js';

export const providers: Providers = { oidc: openOidc, ldap: ldapProvider };
