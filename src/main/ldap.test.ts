import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { connect, type Connected, type Credential, type Door, openDoor, type Papers } from '../link/client/index.js';
import type { LdapBody } from '../model/index.js';
import type { Log } from '../ports/index.js';
import { createAuthority, issue } from '../link/pki/certificates.js';
import type { Instant } from '../model/index.js';
import { type Master, startMaster } from './master-process.js';

/** People whose passwords Debian's slapd knows, over TLS, with groups in groups; and whoever would be one of them. */
jest.setTimeout(120_000);

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const root = mkdtempSync(join(tmpdir(), 'kontena-ldap-'));
const closing: (() => unknown)[] = [];
let slapd: ChildProcess;
let tlsPort: number;
let plainPort: number;
let settings: LdapBody;
let master: Master;
let admin: Connected;
let own: Credential;
let door: Door;

const freePort = (): Promise<number> => new Promise((done) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address() as AddressInfo;
    probe.close(() => done(port));
  });
});

const BASE = 'dc=example,dc=com';
const LDIF = `
dn: ${BASE}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,${BASE}
objectClass: organizationalUnit
ou: people

dn: ou=groups,${BASE}
objectClass: organizationalUnit
ou: groups

dn: cn=reader,${BASE}
objectClass: person
cn: reader
sn: reader
userPassword: reading

dn: uid=ada,ou=people,${BASE}
objectClass: inetOrgPerson
uid: ada
cn: Ada
sn: L
userPassword: her password

dn: uid=bob,ou=people,${BASE}
objectClass: inetOrgPerson
uid: bob
cn: Bob
sn: B
userPassword: his password

dn: cn=backend,ou=groups,${BASE}
objectClass: groupOfNames
cn: backend
member: uid=ada,ou=people,${BASE}

dn: cn=devs,ou=groups,${BASE}
objectClass: groupOfNames
cn: devs
member: cn=backend,ou=groups,${BASE}

dn: cn=everyone,ou=groups,${BASE}
objectClass: groupOfNames
cn: everyone
member: cn=devs,ou=groups,${BASE}
member: cn=everyone,ou=groups,${BASE}
`;

/** slapd answers anybody who says no password as nobody, as Debian sets it up: that must open nothing. */
const configuration = (at: (name: string) => string): string => `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile ${at('pid')}
argsfile ${at('args')}
modulepath /usr/lib/ldap
moduleload back_mdb
allow bind_anon_cred bind_anon_dn
TLSCACertificateFile ${at('ca.pem')}
TLSCertificateFile ${at('server.pem')}
TLSCertificateKeyFile ${at('server.key')}
TLSVerifyClient never
database mdb
maxsize 10485760
suffix "${BASE}"
rootdn "cn=root,${BASE}"
rootpw root
directory ${at('db')}
access to attrs=userPassword by anonymous auth by * none
access to * by * read
`;

beforeAll(async () => {
  const at = (name: string): string => join(root, name);
  const life = { now: Date.now() as Instant, lifetimeMs: 3_600_000 };
  const authority = await createAuthority('directory', life);
  const server = await issue({ authority, subject: { name: 'localhost', organization: 'example', role: 'server' }, life, hosts: ['localhost', '127.0.0.1'] });
  writeFileSync(at('ca.pem'), authority.certificate);
  writeFileSync(at('server.pem'), server.certificate);
  writeFileSync(at('server.key'), server.key);
  writeFileSync(at('slapd.conf'), configuration(at));
  writeFileSync(at('data.ldif'), LDIF);
  mkdirSync(at('db'));
  execFileSync('/usr/sbin/slapadd', ['-f', at('slapd.conf'), '-l', at('data.ldif')]);
  [tlsPort, plainPort] = [await freePort(), await freePort()];
  slapd = spawn('/usr/sbin/slapd', ['-f', at('slapd.conf'), '-h', `ldaps://127.0.0.1:${tlsPort} ldap://127.0.0.1:${plainPort}`, '-d', '0'], { stdio: 'ignore' });
  settings = { kind: 'ldap', url: `ldaps://127.0.0.1:${tlsPort}`, ca: authority.certificate, bindDn: `cn=reader,${BASE}`, userBase: `ou=people,${BASE}`, userAttribute: 'uid', groupBase: `ou=groups,${BASE}`, groupAttribute: 'cn' };
});
beforeEach(async () => {
  const data = mkdtempSync(join(root, 'master-'));
  master = await startMaster({ data, host: '127.0.0.1', port: 0, advertise: [], watchDirectory: undefined, allowEmpty: false, openStackRegistry: () => Promise.resolve(undefined), log: silent });
  own = JSON.parse(readFileSync(join(data, 'admin.json'), 'utf8')) as Credential;
  admin = connect(own, { timeoutMs: 10_000 });
  door = await openDoor(own.server, { timeoutMs: 10_000 });
  await eventually(() => admin.providers.set({ settings, secret: 'reading' }));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  admin.close();
  await master.close();
});
afterAll(async () => {
  const ended = new Promise((over) => slapd.once('close', over));
  slapd.kill('SIGTERM');
  await ended;
  rmSync(root, { recursive: true, force: true });
});

/** slapd takes a moment to listen. */
async function eventually(work: () => Promise<unknown>): Promise<void> {
  for (let left = 100; left > 0; left -= 1) {
    if (left === 1) await work();
    if (await work().then(() => true, () => false)) return;
    await new Promise((over) => setTimeout(over, 200));
  }
}

const as = (papers: Pick<Papers, 'ca' | 'certificate' | 'key'>): Connected => {
  const client = connect({ ...papers, server: own.server }, { timeoutMs: 10_000 });
  closing.push(() => client.close());
  return client;
};
const refused = (code: string, message: string | RegExp = /./) => expect.objectContaining({ code, message: expect.stringMatching(message) });
const signIn = (user: string, password: string): Promise<Papers> => door.withPassword({ user, password });
const change = (dn: string, ldif: string): void => {
  execFileSync('/usr/bin/ldapmodify', ['-x', '-H', `ldap://127.0.0.1:${plainPort}`, '-D', `cn=root,${BASE}`, '-w', 'root'], { input: `dn: ${dn}\nchangetype: modify\n${ldif}\n` });
};

test('whoever the directory knows signs in, with the groups that they are in, and those that these are in', async () => {
  expect(await door.ways()).toEqual(['password', 'ldap']);
  await admin.members.add('default', { name: 'group/devs', role: 'developer' });
  const ada = as(await signIn('ada', 'her password'));
  expect(await ada.sessions.who()).toMatchObject({ name: 'ada', provider: 'ldap', groups: ['backend', 'devs', 'everyone'], roles: [{ role: 'developer', grid: 'default' }] });
  expect(await as(await signIn('bob', 'his password')).sessions.who()).toMatchObject({ groups: [], roles: [] });
  expect((await signIn('ADA', 'her password')).user).toBe('ada');
  await admin.providers.test('ldap');
});

test('a session is renewed while the directory knows its person, with the groups of then', async () => {
  const first = as(await signIn('ada', 'her password'));
  change(`cn=backend,ou=groups,${BASE}`, `replace: member\nmember: uid=bob,ou=people,${BASE}`);
  closing.push(() => change(`cn=backend,ou=groups,${BASE}`, `replace: member\nmember: uid=ada,ou=people,${BASE}`));
  const renewed = as(await first.credentials.renew());
  expect((await renewed.sessions.who()).groups).toEqual([]);
  change(`uid=ada,ou=people,${BASE}`, 'replace: objectClass\nobjectClass: inetOrgPerson\n-\nadd: uid\nuid: ada2');
  closing.push(() => change(`uid=ada,ou=people,${BASE}`, 'delete: uid\nuid: ada2'));
  await renewed.credentials.renew();
  await admin.resources.remove('default', 'provider', 'ldap');
  await expect(renewed.credentials.renew()).rejects.toEqual(refused('KON_SIGN_IN_REFUSED', 'does not know ada any more'));
});

test('nobody signs in with an empty password, another\'s, a filter for a name, or as whom the directory is searched', async () => {
  for (const [user, password] of [['ada', ''], ['ada', 'his password'], ['*', 'her password'], ['ada)(uid=*', 'her password'], ['a*', 'her password'], ['*)(&', 'x'], ['ada\u0000', 'her password'], ['reader', 'reading']] as const) {
    const why: unknown = await signIn(user, password).then(() => 'signed in', (error: unknown) => error);
    expect(why).toEqual(refused('KON_SIGN_IN_REFUSED', /^the name or the password is not right$/));
  }
});

test('a person of the directory is no user of the master\'s own, and the other way around', async () => {
  await admin.users.add({ name: 'bob', password: 'a long enough password' });
  await expect(signIn('bob', 'his password')).rejects.toEqual(refused('KON_SIGN_IN_REFUSED'));
  await signIn('bob', 'a long enough password');
  const ada = as(await signIn('ada', 'her password'));
  await admin.users.disable({ name: 'ada', isDisabled: true });
  await expect(ada.master.info()).rejects.toEqual(refused('KON_UNAUTHENTICATED'));
  await expect(signIn('ada', 'her password')).rejects.toEqual(refused('KON_SIGN_IN_REFUSED', /^the name or the password is not right$/));
});

test('what is set is kept once the directory has answered as set, over TLS that is trusted', async () => {
  const { ca: _ca, ...untrusted } = settings;
  const { bindDn: _bindDn, ...nobody } = settings;
  const set = (over: LdapBody, secret = 'reading'): Promise<unknown> => admin.providers.set({ settings: over, secret });
  await expect(set(untrusted)).rejects.toEqual(refused('KON_PROVIDER_UNREACHABLE', /certificate/));
  await expect(set({ ...settings, url: `http://127.0.0.1:${plainPort}` })).rejects.toEqual(refused('KON_INVALID', 'ldaps://'));
  await expect(set({ ...settings, url: 'ldaps://127.0.0.1:1' })).rejects.toEqual(refused('KON_PROVIDER_UNREACHABLE'));
  await expect(set(settings, 'wrong')).rejects.toEqual(refused('KON_PROVIDER_REFUSED', 'does not let cn=reader'));
  await expect(set(settings, '')).rejects.toEqual(refused('KON_INVALID', 'there is no password'));
  await expect(set({ ...settings, userBase: `ou=nobody,${BASE}` })).rejects.toEqual(refused('KON_PROVIDER_REFUSED', 'has nothing at ou=nobody'));
  await set({ ...nobody, url: `ldap://127.0.0.1:${plainPort}` });
  await signIn('ada', 'her password');
  const told = JSON.stringify([await collect(admin.resources.list({ grid: 'default', kind: 'provider' })), await collect(admin.resources.history('default', 'provider', 'ldap')), await collect(admin.audit.read({ follow: false }, new AbortController().signal))]);
  for (const secret of ['reading', 'her password']) expect(told).not.toContain(secret);
});

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
