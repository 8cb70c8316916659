import { Client, EqualityFilter, type Entry, InvalidCredentialsError, NoSuchObjectError, OrFilter, ResultCodeError } from 'ldapts';
import { KontenaError, type LdapBody, messageOf, type Millis } from '../model/index.js';
import type { Identity, LdapProvider } from '../ports/index.js';

const CONNECT_LIMIT_MS: Millis = 4_000;
const ANSWER_LIMIT_MS: Millis = 6_000;
/** Groups within groups within groups; a directory may have them in a ring. */
const DEEPEST = 10;
/** Of one person. */
const MOST_GROUPS = 1_000;

export const ldapProvider = (settings: LdapBody, secret: string | undefined): LdapProvider => {
  const search = <T>(work: (client: Client) => Promise<T>): Promise<T> => connected(settings, async (client) => {
    if (settings.bindDn !== undefined) await bindAsMaster(client, settings.bindDn, secret ?? '');
    return work(client);
  });
  return {
    test: () => search(async (client) => {
      for (const base of [settings.userBase, settings.groupBase]) if (base !== undefined) await requireBase(client, base);
    }),
    verify: async (user, password) => {
      if (password === '') return undefined; // to a directory that is nobody's name, which it lets in
      const found = await search((client) => findUser(client, settings, user));
      if (found === undefined || !(await isPassword(settings, found.dn, password))) return undefined;
      return search((client) => identityOf(client, settings, found));
    },
    find: (user) => search(async (client) => {
      const found = await findUser(client, settings, user);
      return found === undefined ? undefined : identityOf(client, settings, found);
    }),
  };
};

/** A connection that is TLS before anything is said on it. */
async function connected<T>({ url, ca }: LdapBody, work: (client: Client) => Promise<T>): Promise<T> {
  const { protocol, hostname } = addressOf(url);
  const tlsOptions = { minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }), ...(protocol === 'ldap:' ? { servername: hostname } : {}) } as const;
  const client = new Client({ url, connectTimeout: CONNECT_LIMIT_MS, timeout: ANSWER_LIMIT_MS, strictDN: false, ...(protocol === 'ldaps:' ? { tlsOptions } : {}) });
  try {
    if (protocol === 'ldap:') await client.startTLS(tlsOptions);
    return await work(client);
  } catch (why) {
    if (why instanceof KontenaError) throw why;
    if (why instanceof ResultCodeError) throw new KontenaError('KON_PROVIDER_REFUSED', `the directory at ${url} refuses: ${messageOf(why)}`, { cause: why });
    throw new KontenaError('KON_PROVIDER_UNREACHABLE', `the directory at ${url} does not answer: ${messageOf(why)}`, { cause: why });
  } finally {
    await client.unbind().catch(() => undefined);
  }
}

/** @throws KontenaError KON_INVALID */
function addressOf(url: string): URL {
  const found = URL.canParse(url) ? new URL(url) : undefined;
  if (found?.protocol === 'ldaps:' || found?.protocol === 'ldap:') return found;
  throw new KontenaError('KON_INVALID', `"${url}" is no directory: an address that begins with ldaps:// or ldap:// is wanted`);
}

async function bindAsMaster(client: Client, dn: string, secret: string): Promise<void> {
  if (secret === '') throw new KontenaError('KON_INVALID', `there is no password for ${dn}: without one a directory lets in anybody, as nobody`);
  try {
    await client.bind(dn, secret);
  } catch (why) {
    if (why instanceof InvalidCredentialsError) throw new KontenaError('KON_PROVIDER_REFUSED', `the directory does not let ${dn} in with this password`, { cause: why });
    throw why;
  }
}

async function requireBase(client: Client, base: string): Promise<void> {
  try {
    await client.search(base, { scope: 'base', attributes: ['1.1'] });
  } catch (why) {
    if (why instanceof NoSuchObjectError) throw new KontenaError('KON_PROVIDER_REFUSED', `the directory has nothing at ${base}, or does not show it`, { cause: why });
    throw why;
  }
}

/** The one entry of that name; a filter made of parts, so that no name can be more than a value. */
async function findUser(client: Client, { userBase, userAttribute }: LdapBody, user: string): Promise<Entry | undefined> {
  const { searchEntries } = await client.search(userBase, { scope: 'sub', filter: new EqualityFilter({ attribute: userAttribute, value: user }), attributes: [userAttribute], sizeLimit: 2 });
  return searchEntries.length === 1 ? searchEntries[0] : undefined;
}

async function isPassword(settings: LdapBody, dn: string, password: string): Promise<boolean> {
  return connected(settings, async (client) => {
    try {
      await client.bind(dn, password);
      return true;
    } catch (why) {
      if (why instanceof InvalidCredentialsError) return false;
      throw why;
    }
  });
}

async function identityOf(client: Client, settings: LdapBody, entry: Entry): Promise<Identity> {
  const user = firstOf(entry[settings.userAttribute]);
  if (user === undefined) throw new KontenaError('KON_PROVIDER_REFUSED', `the directory does not show "${settings.userAttribute}" of whom it found by it`);
  return { user, groups: await groupsOf(client, settings, entry.dn), renewal: user };
}

/** The groups that somebody is in, and those that these are in. */
async function groupsOf(client: Client, { groupBase, groupAttribute }: LdapBody, dn: string): Promise<readonly string[]> {
  if (groupBase === undefined) return [];
  const names = new Map<string, string>();
  let members: readonly string[] = [dn];
  for (let depth = 0; depth < DEEPEST && members.length > 0 && names.size < MOST_GROUPS; depth += 1) {
    const filter = new OrFilter({ filters: members.flatMap((value) => ['member', 'uniqueMember'].map((attribute) => new EqualityFilter({ attribute, value }))) });
    const { searchEntries } = await client.search(groupBase, { scope: 'sub', filter, attributes: [groupAttribute] });
    const found = searchEntries.filter((group) => !names.has(group.dn));
    for (const group of found) names.set(group.dn, firstOf(group[groupAttribute]) ?? '');
    members = found.map((group) => group.dn);
  }
  return [...new Set([...names.values()].filter((name) => name !== ''))].sort();
}

const firstOf = (value: Entry[string] | undefined): string | undefined => {
  const [first] = [value ?? []].flat();
  return first === undefined ? undefined : first.toString();
};
