import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Client, credentials, status } from '@grpc/grpc-js';
import { systemClock } from '../clock.js';
import { joinCluster } from '../link/index.js';
import { MasterChannel } from '../link/client/call.js';
import { connect, type Connected, type Credential } from '../link/client/index.js';
import { ControlService } from '../link/gen/kontena/v1/control.js';
import { NodeLinkService } from '../link/gen/kontena/v1/node.js';
import { readIdentity } from '../link/pki/files.js';
import { certificateRequest, DEFAULT_LIFETIMES, MasterPki, newKey } from '../link/pki/index.js';
import type { Log, NewCredential, Resource } from '../ports/index.js';
import { systemRandom } from '../random.js';
import { startAgent } from './agent-process.js';
import { resetAgent } from './agent-reset.js';
import { type Master, startMaster } from './master-process.js';
import type { Program } from './run-program.js';

/** Whoever attacks a real master: with certificates of others, of before, and of nobody. */
jest.setTimeout(60_000);

/** An agent without an engine makes its tunnel all the same, which is taken off this machine again. */
const NO_ENGINE = 'unix:///nothing/docker.sock';
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const root = mkdtempSync(join(tmpdir(), 'kontena-identity-'));
const closing: (() => unknown)[] = [];
let warnings: string[] = [];
let master: Master;
let admin: Connected;
let credential: Credential;

const readAdmin = (): Credential => JSON.parse(readFileSync(join(root, 'master', 'admin.json'), 'utf8')) as Credential;
const openMaster = (port = 0, data = 'master'): Promise<Master> => startMaster({
  data: join(root, data), host: '127.0.0.1', port, advertise: [], watchDirectory: undefined, allowEmpty: false,
  openStackRegistry: () => Promise.resolve(undefined), log: { ...silent, warn: (message, facts) => void warnings.push(`${message} ${JSON.stringify(facts)}`) },
});
const as = (papers: Pick<Credential, 'ca' | 'certificate' | 'key'>): Connected => {
  const client = connect({ ...papers, server: credential.server }, { timeoutMs: 5000 });
  closing.push(() => client.close());
  return client;
};

beforeAll(async () => {
  master = await openMaster();
  credential = readAdmin();
  admin = connect(credential, { timeoutMs: 5000 });
});
afterEach(async () => {
  warnings = [];
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(async () => {
  admin.close();
  await master.close();
  rmSync(root, { recursive: true, force: true });
});

const newToken = async (uses = 1): Promise<string> => (await admin.tokens.create('default', { ttlSeconds: 60, labels: [], uses })).token;
const join1 = (name: string, token: string, directory = name): Promise<unknown> => joinCluster({ master: credential.server, token, name, labels: [], pkiDirectory: join(root, directory) });
const papersOf = async (directory: string): Promise<{ readonly certificate: string; readonly key: string }> => (await readIdentity(join(root, directory, 'agent.pem')))!;

const refusedFrom = async (): Promise<readonly string[]> =>
  (await collect(admin.audit.read({ follow: false, action: 'master.call' }, new AbortController().signal))).map(({ who, from }) => `${who} ${from ?? ''}`);

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const phases = async (kind: 'node' | 'credential'): Promise<Readonly<Record<string, unknown>>> =>
  Object.fromEntries((await collect<Resource>(admin.resources.list({ grid: 'default', kind }))).map(({ name, status: { phase } }) => [name, phase]));

async function until(look: () => Promise<boolean>, what: string): Promise<void> {
  for (let left = 200; left > 0; left -= 1) {
    if (await look()) return;
    await new Promise((over) => setTimeout(over, 50));
  }
  throw new Error(`waited in vain for ${what}`);
}

/** How the master answers who opens a node's link with these papers. */
function openLink({ certificate, key }: { readonly certificate: string; readonly key: string }, at = credential): Promise<status> {
  const client = new Client(at.server, credentials.createSsl(Buffer.from(at.ca), Buffer.from(key), Buffer.from(certificate)), { 'grpc.ssl_target_name_override': 'kontena-master' });
  closing.push(() => client.close());
  const { path, requestSerialize, responseDeserialize } = NodeLinkService.session;
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  return new Promise((resolve) => {
    call.on('error', (error) => resolve('code' in error ? (error.code as status) : status.UNKNOWN));
    setTimeout(() => resolve(status.OK), 500).unref();
  });
}

describe('a token', () => {
  test('that two machines race with lets in one of them, and a replay nobody', async () => {
    const token = await newToken();
    const ends = await Promise.allSettled([join1('racer-1', token), join1('racer-2', token), join1('racer-1', token, 'racer-3')]);
    expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(1);
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: expect.stringMatching(/^KON_TOKEN_INVALID$/) });
    await expect(join1('racer-4', token)).rejects.toMatchObject({ code: 'KON_TOKEN_INVALID', message: expect.stringContaining('was used') });
    expect(warnings.filter((line) => line.startsWith('a join was refused {"address":"127.0.0.1:'))).toHaveLength(3);
  });

  test('does not take a name that is known, silent or not', async () => {
    await join1('known', await newToken());
    await expect(join1('known', await newToken(9), 'usurper')).rejects.toMatchObject({ code: 'KON_NODE_NAME_TAKEN' });
    expect(await openLink(await papersOf('known'))).toBe(status.OK);
  });
});

describe('the certificate', () => {
  test('of a node opens its link and nothing else, and that of a client no link', async () => {
    await join1('n1', await newToken());
    const papers = await papersOf('n1');
    await expect(as({ ca: credential.ca, ...papers }).master.info()).rejects.toMatchObject({ code: 'KON_FORBIDDEN' });
    expect(await openLink(papers)).toBe(status.OK);
    expect(await openLink(credential)).toBe(status.PERMISSION_DENIED);
  });

  test('of a node that was removed, or whose name another machine has, opens nothing', async () => {
    await join1('n2', await newToken());
    const before = await papersOf('n2');
    const { token } = await admin.tokens.create('default', { ttlSeconds: 60, labels: [], node: 'n2' });
    await join1('n2', token, 'n2-again');
    expect(await openLink(before)).toBe(status.UNAUTHENTICATED);
    expect(await openLink(await papersOf('n2-again'))).toBe(status.OK);
    await until(async () => (await phases('node'))['n2'] !== 'online', 'n2 to go');
    await admin.resources.remove('default', 'node', 'n2').catch(() => admin.nodes.update('default', 'n2', { availability: 'drain' }).then(() => admin.resources.remove('default', 'node', 'n2')));
    expect(await openLink(await papersOf('n2-again'))).toBe(status.PERMISSION_DENIED);
  });

  test('of another grid, though signed by this authority, opens nothing', async () => {
    await join1('n3', await newToken());
    const pki = await MasterPki.open({ directory: join(root, 'master', 'pki'), hosts: [], clock: systemClock, random: systemRandom, log: silent, lifetimes: DEFAULT_LIFETIMES });
    closing.push(() => pki.close());
    const { key } = await papersOf('n3');
    const certificate = await pki.signAgent(await certificateRequest('n3', key), { grid: 'other', node: 'n3', machine: 'f'.repeat(64), generation: 9 });
    expect(await openLink({ certificate, key })).toBe(status.PERMISSION_DENIED);
    const strange = await newKey();
    const forged = await pki.signAgent(await certificateRequest('n3', strange), { grid: 'default', node: 'n3', machine: 'f'.repeat(64), generation: 9 });
    expect(await openLink({ certificate: forged, key: strange })).toBe(status.UNAUTHENTICATED);
    const unknown = await pki.issueClient('eve', 60_000);
    await expect(as({ ca: credential.ca, ...unknown }).master.info()).rejects.toMatchObject({ code: 'KON_UNAUTHENTICATED', message: 'credential eve is not known here' });
  });

  test('that was renewed after the backup which the master was restored from still opens its link, an older one does not', async () => {
    const first = await openMaster(0, 'first');
    const own = JSON.parse(readFileSync(join(root, 'first', 'admin.json'), 'utf8')) as Credential;
    const client = connect(own, { timeoutMs: 5000 });
    const { token } = await client.tokens.create('default', { ttlSeconds: 60, labels: [] });
    await joinCluster({ master: own.server, token, name: 'kept', labels: [], pkiDirectory: join(root, 'kept') });
    client.close();
    await first.close();
    cpSync(join(root, 'first'), join(root, 'backup'), { recursive: true });

    const second = await openMaster(first.port, 'first');
    let papers = await papersOf('kept');
    const all = [papers];
    for (let times = 0; times < 2; times += 1) {
      const key = await newKey();
      const channel = new MasterChannel(own.server, credentials.createSsl(Buffer.from(own.ca), Buffer.from(papers.key), Buffer.from(papers.certificate)), 5000);
      const { certificate } = await channel.ask(NodeLinkService.renew, { certificateRequest: await certificateRequest('kept', key) });
      channel.close();
      all.push((papers = { certificate, key }));
    }
    await second.close();

    const restored = await openMaster(first.port, 'backup');
    closing.push(() => restored.close());
    const open = (which: number): Promise<status> => openLink(all[which]!, own);
    expect(await open(2)).toBe(status.OK);
    expect([await open(0), await open(1)]).toEqual([status.UNAUTHENTICATED, status.UNAUTHENTICATED]);
  });

  test('that has ended opens nothing', async () => {
    const pki = await MasterPki.open({ directory: join(root, 'master', 'pki'), hosts: [], clock: systemClock, random: systemRandom, log: silent, lifetimes: DEFAULT_LIFETIMES });
    closing.push(() => pki.close());
    const ended = await pki.issueClient('admin', 1_000);
    await new Promise((over) => setTimeout(over, 2_100));
    await expect(as({ ca: credential.ca, ...ended }).master.info()).rejects.toMatchObject({ code: 'KON_UNAUTHENTICATED' });
    await join1('n4', await newToken());
    const { key } = await papersOf('n4');
    expect(await openLink({ certificate: ended.certificate, key: ended.key })).toBe(status.UNAUTHENTICATED);
    expect(await openLink({ certificate: (await papersOf('n4')).certificate, key })).toBe(status.OK);
  });
});

test('Whoever calls with no client\'s certificate stands in the audit log, with the address it came from', async () => {
  const knock = (papers: Partial<Pick<Credential, 'certificate' | 'key'>>): Promise<unknown> => {
    const { certificate, key } = papers;
    const channel = credentials.createSsl(Buffer.from(credential.ca), key === undefined ? null : Buffer.from(key), certificate === undefined ? null : Buffer.from(certificate));
    const caller = new MasterChannel(credential.server, channel, 5000);
    closing.push(() => caller.close());
    return caller.ask(ControlService.info, {});
  };
  await expect(knock({})).rejects.toMatchObject({ code: 'KON_UNAUTHENTICATED' });
  await join1('knocker', await newToken());
  await expect(knock(await papersOf('knocker'))).rejects.toMatchObject({ code: 'KON_FORBIDDEN' });
  const { certificate, key, ca } = await admin.credentials.create({ name: 'gone', lifetimeSeconds: 3600, role: 'viewer', grid: 'default' });
  await admin.resources.remove('default', 'credential', 'gone');
  await expect(as({ certificate, key, ca }).master.info()).rejects.toMatchObject({ code: 'KON_UNAUTHENTICATED' });
  expect(await refusedFrom()).toEqual(expect.arrayContaining(['strangers 127.0.0.1', 'gone 127.0.0.1']));
  const joins = await collect(admin.audit.read({ follow: false, action: 'node.join', grid: 'default' }, new AbortController().signal));
  expect(joins).toContainEqual(expect.objectContaining({ name: 'knocker', from: '127.0.0.1', outcome: 'done' }));
});

describe('a credential', () => {
  test('that is revoked opens nothing from then on, and what is open with it is cut within a second', async () => {
    const made = await admin.credentials.create({ name: 'ada', lifetimeSeconds: 3600, role: 'developer', grid: 'default' });
    const ada = as(made);
    await ada.master.info();
    const stop = new AbortController();
    closing.push(() => stop.abort());
    const watching = (async () => {
      for await (const { resource } of ada.resources.watch({ grid: 'default', kind: 'grid' }, stop.signal)) expect(resource.name).toBe('default');
    })();
    const cut = watching.then(() => undefined, (error: unknown) => ({ error, at: Date.now() }));
    await new Promise((over) => setTimeout(over, 200));
    const revokedAt = Date.now();
    await admin.resources.remove('default', 'credential', 'ada');
    const { error, at } = (await cut)!;
    expect(error).toMatchObject({ code: 'KON_UNAUTHENTICATED', message: 'credential ada was revoked' });
    expect(at - revokedAt).toBeLessThan(1000);
    await expect(ada.master.info()).rejects.toMatchObject({ code: 'KON_UNAUTHENTICATED', message: 'credential ada was revoked' });
    await expect(collect(as(made).resources.list({ grid: 'default', kind: 'node' }))).rejects.toMatchObject({ code: 'KON_UNAUTHENTICATED' });
    expect((await phases('credential'))['ada']).toBe('revoked');
  });
});

describe('the authority', () => {
  test('changes without a stop: nodes and credentials trust both, then the new one alone', async () => {
    const made: NewCredential = await admin.credentials.create({ name: 'bob', lifetimeSeconds: 3600, role: 'developer', grid: 'default' });
    for (const name of Object.keys(await phases('node'))) await admin.resources.remove('default', 'node', name);
    const agent: Program = await startAgent({
      data: join(root, 'agent'), master: credential.server, token: await newToken(), name: 'steady', labels: [], docker: NO_ENGINE, log: silent,
    });
    closing.push(() => resetAgent({ data: join(root, 'agent'), docker: NO_ENGINE }), () => agent.close());
    const keyBefore = (await readIdentity(join(root, 'agent', 'pki', 'agent.pem')))!;
    const connected = async (): Promise<boolean> => (await collect<Resource>(admin.resources.list({ grid: 'default', kind: 'node' }))).every(({ status: { reason } }) => reason !== 'the agent is not connected');

    const { behind } = await admin.master.rotateAuthority({ isEnd: false, isForced: false });
    expect(behind).toEqual(['node steady', 'credential bob']);
    await expect(admin.master.rotateAuthority({ isEnd: true, isForced: false })).rejects.toMatchObject({ code: 'KON_CONFLICT', message: expect.stringContaining('credential bob') });
    const renewed = await as(made).credentials.renew();
    await as(renewed).master.info();
    await until(() => admin.master.rotateAuthority({ isEnd: true, isForced: false }).then(() => true, () => false), 'the node to renew');

    expect((await readIdentity(join(root, 'agent', 'pki', 'agent.pem')))!.key).not.toBe(keyBefore.key);
    expect(await as(renewed).master.info()).toMatchObject({ epoch: 1 });
    await expect(as(made).master.info()).rejects.toMatchObject({ code: 'KON_CERTIFICATE_UNTRUSTED' });
    await expect(as({ ...made, ca: renewed.ca }).master.info()).rejects.toMatchObject({ code: 'KON_UNAUTHENTICATED' });
    await until(() => Promise.resolve(readAdmin().ca === renewed.ca.slice(-readAdmin().ca.length) && readAdmin().certificate !== credential.certificate), 'the new admin.json');
    admin.close();
    credential = readAdmin();
    admin = connect(credential, { timeoutMs: 5000 });
    await until(connected, 'the node to be connected');
    await join1('late', await newToken());
  });
});
