import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { FakeClock } from '../../testing/fake-clock.js';
import { FakeRandom } from '../../testing/fake-random.js';
import { certificateRequest, hostsOf, lifeOf, newKey } from './certificates.js';
import { MasterPki } from './master-pki.js';

const DAY_MS = 24 * 3_600_000;
const LIFETIMES = { authorityMs: 1000 * DAY_MS, serverMs: 90 * DAY_MS, agentMs: 30 * DAY_MS, serviceMs: 365 * DAY_MS };
const quiet = { info: () => undefined, warn: () => undefined, error: (message: string) => { throw new Error(message); } };

let directory: string;
let clock: FakeClock;
const opened: MasterPki[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kontena-pki-'));
  clock = new FakeClock(Date.UTC(2026, 0, 1));
});
afterEach(async () => {
  for (const pki of opened.splice(0)) pki.close();
  await rm(directory, { recursive: true, force: true });
});

async function open(hosts: readonly string[] = ['localhost', '127.0.0.1']): Promise<MasterPki> {
  const pki = await MasterPki.open({ directory, hosts, clock, random: new FakeRandom(clock.now()), log: quiet, lifetimes: LIFETIMES });
  opened.push(pki);
  return pki;
}

/** Moves time; the looks of the last three days are waited for, which take real time: the next alarm is set when one is over. */
async function pass(days: number): Promise<void> {
  for (const step of [Math.max(0, days - 3), ...Array.from({ length: Math.min(days, 3) }, () => 1)]) {
    clock.advance(step * DAY_MS);
    while (clock.pending < opened.length) await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const authoritiesOf = (pki: MasterPki): readonly X509Certificate[] =>
  (pki.authorities.match(/-----BEGIN[^]+?-----END CERTIFICATE-----/g) ?? []).map((pem) => new X509Certificate(pem));

const isTrusted = (certificate: string, by: readonly X509Certificate[]): boolean => by.some((authority) => new X509Certificate(certificate).verify(authority.publicKey));

test('a second start finds what the first one made, readable by its owner alone', async () => {
  const first = await open();
  const { fingerprint, server, admin } = first;
  const second = await open();
  expect([second.fingerprint, second.server, second.admin]).toEqual([fingerprint, server, admin]);
  for (const file of await readdir(directory)) expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600);
  expect((await readdir(directory)).sort()).toEqual(['admin.pem', 'ca.pem', 'server.pem']);
});

test("goes by the machine's clock, and what it makes stays good when that is set back for hours", async () => {
  clock.set(365 * DAY_MS);
  const pki = await open();
  const made = [...authoritiesOf(pki).map(String), pki.server.certificate, await pki.signAgent(await certificateRequest('n1', await newKey()), { grid: 'default', node: 'n1', machine: 'f'.repeat(64), generation: 0 })];
  for (const certificate of made) {
    expect(lifeOf(certificate).from).toBeLessThanOrEqual(clock.wall() - 20 * 3_600_000);
    expect(lifeOf(certificate).to).toBeGreaterThan(clock.wall());
  }
});

test('a server that gets another name gets another certificate, from the same authority', async () => {
  const first = await open();
  const second = await open(['localhost', '10.0.0.7', 'master.example']);
  expect(second.fingerprint).toBe(first.fingerprint);
  expect(hostsOf(second.server.certificate)).toEqual(['localhost', '10.0.0.7', 'master.example']);
});

test('the server\'s certificate is renewed when a third of its life is left', async () => {
  const pki = await open();
  const before = pki.server.certificate;
  let changes = 0;
  pki.onChange(() => (changes += 1));
  await pass(59);
  expect([changes, pki.server.certificate === before]).toEqual([0, true]);
  await pass(2);
  expect([changes, pki.server.certificate === before]).toEqual([1, false]);
});

test('a new authority is trusted long before the server shows it, and the former one until it ends', async () => {
  const pki = await open();
  const key = await newKey();
  const sign = async (): Promise<string> => pki.signAgent(await certificateRequest('n1', key), { grid: 'default', node: 'n1', machine: 'f'.repeat(64), generation: 0 });
  const first = pki.fingerprint;
  await pass(790);
  expect(authoritiesOf(pki)).toHaveLength(1);
  const oldCertificate = await sign();
  await pass(15); // 805: announced
  const trustedByAgent = authoritiesOf(pki);
  expect([trustedByAgent.length, pki.fingerprint === first, isTrusted(oldCertificate, trustedByAgent.slice(0, 1))]).toEqual([2, true, true]);
  expect(isTrusted(await sign(), trustedByAgent.slice(1))).toBe(true); // who renews now need not do so again

  await pass(100); // 905: switched
  expect(pki.fingerprint).not.toBe(first);
  expect(isTrusted(pki.server.certificate, trustedByAgent)).toBe(true);
  expect(isTrusted(oldCertificate, authoritiesOf(pki))).toBe(true);
  expect(isTrusted(pki.admin.certificate, [authoritiesOf(pki)[0]!])).toBe(true);
  expect(isTrusted(await sign(), [authoritiesOf(pki)[0]!])).toBe(true);
  expect(authoritiesOf(await open()).map((one) => one.subject)).toEqual(authoritiesOf(pki).map((one) => one.subject));

  await pass(100); // 1005: the former has ended
  expect(authoritiesOf(pki)).toHaveLength(1);
  expect((await readdir(directory)).sort()).toEqual(['admin.pem', 'ca.pem', 'server.pem']);
});

test('changed by hand, the next authority signs at once, is told to who asks, and is the only one in the end', async () => {
  const pki = await open();
  const key = await newKey();
  const sign = async (): Promise<string> => pki.signAgent(await certificateRequest('n1', key), { grid: 'default', node: 'n1', machine: 'f'.repeat(64), generation: 0 });
  let changes = 0;
  pki.onChange(() => (changes += 1));
  const [before, server, admin] = [await sign(), pki.server.certificate, pki.admin];
  await pki.rotate();
  await pki.rotate(); // said twice
  const [old, next] = authoritiesOf(pki) as [X509Certificate, X509Certificate];
  expect([authoritiesOf(pki).length, pki.isRotating, changes, pki.server.certificate === server]).toEqual([2, true, 1, true]);
  expect([isTrusted(await sign(), [next]), isTrusted(pki.admin.certificate, [next]), pki.admin.key === admin.key]).toEqual([true, true, true]);
  expect((await open()).signer).toBe(pki.signer);

  await pki.finish();
  expect([authoritiesOf(pki).length, pki.isRotating, changes, isTrusted(pki.server.certificate, [next])]).toEqual([1, false, 2, true]);
  expect([pki.isTrusted(new X509Certificate(before).raw), isTrusted(before, [old])]).toEqual([false, true]);
  await pki.renewAdmin();
  expect(pki.admin.key).not.toBe(admin.key);
  expect((await readdir(directory)).sort()).toEqual(['admin.pem', 'ca.pem', 'server.pem']);
});

test('no certificate outlives the authority that signed it', async () => {
  const pki = await open();
  expect(lifeOf(pki.admin.certificate).to).toBe(lifeOf(authoritiesOf(pki)[0]!.toString()).to);
});

test('a request that is not signed with its own key is refused', async () => {
  const pki = await open();
  const request = await certificateRequest('n1', await newKey());
  request[request.length - 5]! ^= 1;
  await expect(pki.signAgent(request, { grid: 'default', node: 'n1', machine: 'f'.repeat(64), generation: 0 })).rejects.toMatchObject({ code: 'KON_INVALID' });
  await expect(pki.requester(Buffer.from('rubbish'))).rejects.toMatchObject({ code: 'KON_INVALID' });
});
