import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { FakeHost, resource } from './fake-host.js';
import { openLoopback } from './loopback.js';
import { runCommandLine } from './main.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-people-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let home: string;
const config = (): string => join(home, '.config', 'kontena', 'config.yaml');
beforeEach(() => {
  home = mkdtempSync(join(root, 'home-'));
});

async function run(line: string, wish: { readonly answer?: string; readonly input?: string } = {}, host = new FakeHost({ home, ...wish })): Promise<{ readonly code: number; readonly host: FakeHost }> {
  return { code: await runCommandLine(line.split(' '), root, host), host };
}

test('login compares the fingerprint first, keeps what it gets for its owner alone, and uses it from then on', async () => {
  const { code, host } = await run('login master.example.com --user ada --fingerprint F1', { input: 'a password\nmore\n' });
  expect(host.stderr).toBe('');
  expect(code).toBe(0);
  expect(host.master.asked).toEqual(['sign in master.example.com:9292 ada 10']);
  expect(host.stdout).toContain('ada is signed in at master.example.com:9292 until 2027-01-15T08:00:00.000Z; context master-example-com is used from now on');
  expect(readFileSync(config(), 'utf8')).toContain('current: master-example-com');
  expect(readFileSync(config(), 'utf8')).toContain('key: KEY3');
  expect(statSync(config()).mode & 0o777).toBe(0o600);
});

test('login tells nothing to a master that is another, or that nobody vouches for', async () => {
  const other = await run('login m --user ada --fingerprint f2', { input: 'a password' });
  expect(other.code).toBe(1);
  expect(other.host.stderr).toContain('another certificate authority than the one that is wanted: f1; nothing was told to it');
  const unknown = await run('login m --user ada', { input: 'a password' });
  expect(unknown.code).toBe(2);
  expect(unknown.host.stderr).toContain('--fingerprint');
  const no = await run('login m --user ada', { answer: 'n' });
  expect(no.code).toBe(1);
  expect(no.host.questions[0]).toContain('f1');
  for (const { host } of [other, unknown, no]) expect(host.master.asked).toEqual([]);
});

test('login asks a person for what is missing, and takes no context that is somebody\'s only way in', async () => {
  const { host, code } = await run('login m:9300 --fingerprint f1', { answer: 'a password' });
  expect(code).toBe(0);
  expect(host.questions).toEqual(['User', 'Password of a password (hidden)']);
  mkdirSync(join(home, '.config', 'kontena'), { recursive: true });
  writeFileSync(config(), 'contexts:\n  - {name: m, credential: /somewhere/admin.json}\n');
  const taken = await run('login m --fingerprint f1 --user ada', { input: 'a password' });
  expect(taken.host.stderr).toContain('name another with --name');
  expect((await run('login m --fingerprint f1 --user ada --name mine', { input: 'a password' })).code).toBe(0);
});

test('whoami says who, until when and with which roles; logout ends the session and forgets the context', async () => {
  await run('login m --fingerprint f1 --user ada', { input: 'a password' });
  writeFileSync(config(), readFileSync(config(), 'utf8').replace('ca: CA', 'ca: none'));
  const { host } = await run('whoami');
  expect(host.stdout).toContain('ada  (user, by password) at m:9292\nuntil      2027-01-15T08:00:00.000Z\nmay        viewer in grid shop, user-admin on the master\ngroups     devs\n');
  const out = await run('logout');
  expect(out.host.master.asked).toEqual(['endSession']);
  expect(out.host.stdout).toBe('signed out of m:9292\n');
  expect(readFileSync(config(), 'utf8')).not.toContain('KEY3');
});

test('people are added, shown and kept out; passwords are typed or piped, and never an argument', async () => {
  await run('login m --fingerprint f1 --user ada', { input: 'a password' });
  const host = new FakeHost({ home, input: 'twelve letters\n' });
  await run('user add bob --role developer', {}, host);
  await run('user password bob', {}, host);
  await run('user disable bob', {}, host);
  await run('user enable user/bob', {}, host);
  await run('user list', {}, host);
  await run('sessions', {}, host);
  expect(host.master.asked.filter((asked) => !asked.startsWith('addMember'))).toEqual(['addUser bob 14', 'setPassword bob 14', 'disable bob', 'enable bob', 'list default user', 'list default session']);
  expect((await run('user password')).code).toBe(2);
  const mine = await run('user password', { answer: 'some password' });
  expect(mine.host.master.asked).toEqual(['changeOwnPassword 13 13']);
  expect((await run('user add bob', { input: '' })).host.stderr).toContain('there is no password');
});

test('a group is a member like a person, and one or the other is named', async () => {
  await run('login m --fingerprint f1 --user ada', { input: 'a password' });
  const { host } = await run('member add --group devs --role developer');
  expect(host.stdout).toBe('group/devs is developer\n');
  for (const line of ['member add --role viewer', 'member add ada --group devs --role viewer', 'member remove --yes']) expect((await run(line)).code).toBe(2);
});

test('at a provider a person signs in by a browser here, or by a code elsewhere, unless a user is named', async () => {
  const host = new FakeHost({ home });
  host.ways = ['password', 'oidc', 'ldap'];
  expect((await run('login m --fingerprint f1 --device', {}, host)).code).toBe(0);
  expect(host.stderr).toContain('https://id.example.com/device');
  expect(host.stderr).toContain('ABCD-EFGH');
  expect(host.master.asked).toEqual(['begin elsewhere']);
  expect(readFileSync(config(), 'utf8')).toContain('KEY4');
  expect((await run('login m --fingerprint f1 --device --user ada')).code).toBe(2);
  const named = new FakeHost({ home, input: 'a password' });
  named.ways = ['oidc'];
  await run('login m --fingerprint f1 --user ada', {}, named);
  expect(named.master.asked).toEqual(['sign in m:9292 ada 10']);
});

test('a browser comes back to this machine once, and to nothing else here', async () => {
  const loopback = await openLoopback();
  expect(loopback.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/signed-in$/);
  expect((await fetch(new URL('/other?code=x', loopback.address))).status).toBe(404);
  const answer = loopback.answer(60_000);
  const page = await fetch(`${loopback.address}?code=c&state=s`);
  expect(await page.text()).not.toContain('code=c');
  expect(await answer).toBe('http://127.0.0.1/signed-in?code=c&state=s');
  loopback.close();
});

test('providers are set with what they need, their secrets from stdin alone, and tested', async () => {
  await run('login m --fingerprint f1 --user ada', { input: 'a password' });
  writeFileSync(join(home, 'ca.pem'), 'PEM');
  const host = new FakeHost({ home, input: 'secret\n' });
  await run('auth oidc set --issuer https://id.example.com --client-id kontena --scope openid,groups', {}, host);
  await run('auth ldap set --url ldaps://l --user-base ou=people --bind-dn cn=reader --ca ca.pem --secret-stdin', {}, host);
  host.master.known = [resource('Provider', 'oidc', { spec: { address: 'https://id.example.com' } })];
  await run('auth test', {}, host);
  expect(host.master.asked).toEqual([
    'setProvider {"kind":"oidc","issuer":"https://id.example.com","clientId":"kontena","scopes":["openid","groups"],"userClaim":"preferred_username","groupsClaim":"groups"} ',
    'setProvider {"kind":"ldap","url":"ldaps://l","userBase":"ou=people","userAttribute":"uid","groupAttribute":"cn","ca":"PEM","bindDn":"cn=reader"} secret',
    'list default provider', 'testProvider oidc',
  ]);
  expect(host.stdout).toContain('oidc answers at https://id.example.com');
  expect((await run('auth ldap set --url ldaps://l --user-base ou=people --secret-stdin', { input: '' })).host.stderr).toContain('there is no secret on stdin');
  expect((await run('auth oidc set --issuer https://id.example.com')).code).toBe(2);
});
