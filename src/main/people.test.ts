import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { credentials } from '@grpc/grpc-js';
import { MasterChannel } from '../link/client/call.js';
import { connect, type Connected, type Credential, type Door, openDoor, type Papers } from '../link/client/index.js';
import { SignInService } from '../link/gen/kontena/v1/sign_in.js';
import type { AuditEntry } from '../model/index.js';
import type { Log, Resource, ResourceKind } from '../ports/index.js';
import { stackSpec } from '../testing/opened-api.js';
import { type Master, startMaster } from './master-process.js';

/** People who sign in at a real master, and whoever would be one of them. */
jest.setTimeout(120_000);

const PASSWORD = 'a long enough password';
const OTHER = 'another password of hers';
const lines: string[] = [];
const log: Log = { info: note, warn: note, error: note };
const root = mkdtempSync(join(tmpdir(), 'kontena-people-'));
const closing: (() => unknown)[] = [];
let data: string;
let master: Master;
let admin: Connected;
let own: Credential;
let door: Door;

function note(message: string, facts?: object): void {
  lines.push(`${message} ${JSON.stringify(facts ?? {})}`);
}

/** Each with a master of its own: what is guessed in one slows down all from here. */
beforeEach(async () => {
  lines.length = 0;
  data = mkdtempSync(join(root, 'master-'));
  master = await startMaster({ data, host: '127.0.0.1', port: 0, advertise: [], watchDirectory: undefined, allowEmpty: false, openStackRegistry: () => Promise.resolve(undefined), log });
  own = JSON.parse(readFileSync(join(data, 'admin.json'), 'utf8')) as Credential;
  admin = connect(own, { timeoutMs: 10_000 });
  door = await openDoor(own.server, { timeoutMs: 10_000 });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  admin.close();
  await master.close();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const as = (papers: Pick<Papers, 'ca' | 'certificate' | 'key'>): Connected => {
  const client = connect({ ...papers, server: own.server }, { timeoutMs: 10_000 });
  closing.push(() => client.close());
  return client;
};
const signIn = (user: string, password = PASSWORD): Promise<Papers> => door.withPassword({ user, password });
const refused = (code: string, message: string | RegExp = /./) => expect.objectContaining({ code, message: expect.stringMatching(message) });

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
const listed = (kind: ResourceKind, client = admin): Promise<readonly Resource[]> => collect(client.resources.list({ grid: 'default', kind }));
const audited = (action: string): Promise<readonly AuditEntry[]> => collect(admin.audit.read({ follow: false, action }, new AbortController().signal));

/** A person who may look, so that there is something to watch. */
async function viewer(name: string): Promise<void> {
  await admin.users.add({ name, password: PASSWORD });
  await admin.members.add('default', { name, role: 'viewer' });
}

/** What is open is cut with this, within a second and some more where the machine is busy. */
async function cutBy(client: Connected, act: () => Promise<unknown>): Promise<unknown> {
  const stop = new AbortController();
  closing.push(() => stop.abort());
  const watch = client.resources.watch({ grid: 'default', kind: 'grid' }, stop.signal)[Symbol.asyncIterator]();
  await watch.next();
  const cut = watch.next().then(() => undefined, (error: unknown) => error);
  await act();
  return cut;
}

describe('a person with a password', () => {
  test('signs in, may what their roles say, and stands by name in the history', async () => {
    await admin.users.add({ name: 'ada', password: PASSWORD });
    const papers = await signIn('ada');
    const ada = as(papers);
    await expect(ada.stacks.apply({ grid: 'default', stack: stackSpec('todo'), dryRun: false })).rejects.toEqual(refused('KON_FORBIDDEN', 'ada may not stack.apply'));
    await admin.members.add('default', { name: 'ada', role: 'developer' });
    await ada.stacks.apply({ grid: 'default', stack: stackSpec('todo'), dryRun: false });
    expect((await collect(admin.resources.history('default', 'stack', 'todo')))[0]).toMatchObject({ actor: 'ada' });
    expect(await ada.sessions.who()).toMatchObject({ name: 'ada', as: 'user', provider: 'password', groups: [], roles: [{ role: 'developer', grid: 'default' }], isUnbounded: false });
    expect(papers.endsAt - Date.now()).toBeLessThanOrEqual(12 * 3_600_000);
    expect((await listed('session'))[0]).toMatchObject({ name: expect.stringMatching(/^ada\//), spec: { user: 'ada', from: '127.0.0.1' } });
    expect(await audited('session.begin')).toContainEqual(expect.objectContaining({ who: 'ada', from: '127.0.0.1', outcome: 'done' }));
  });

  test('renews the session while nobody has ended it; the key before counts until the new one was seen', async () => {
    await admin.users.add({ name: 'renewing', password: PASSWORD });
    const first = await signIn('renewing');
    const second = await as(first).credentials.renew();
    expect(second.key).not.toBe(first.key);
    await as(first).master.info();
    await as(second).master.info();
    await admin.users.disable({ name: 'renewing', isDisabled: true });
    await expect(as(second).credentials.renew()).rejects.toEqual(refused('KON_UNAUTHENTICATED', 'was disabled'));
  });

  test('signs out of one place, and stays signed in at another', async () => {
    await admin.users.add({ name: 'two', password: PASSWORD });
    const [here, there] = [as(await signIn('two')), as(await signIn('two'))];
    await here.sessions.end();
    await expect(here.master.info()).rejects.toEqual(refused('KON_UNAUTHENTICATED', 'not signed in with this certificate any more'));
    await there.master.info();
    await expect(admin.sessions.end()).rejects.toEqual(refused('KON_INVALID', 'has not signed in'));
  });

  test('changes the password: other sessions end, the one before opens nothing', async () => {
    await viewer('eve');
    const [here, there] = [as(await signIn('eve')), as(await signIn('eve'))];
    await expect(here.users.changeOwnPassword({ before: OTHER, password: OTHER })).rejects.toEqual(refused('KON_SIGN_IN_REFUSED', 'not the password of now'));
    await expect(here.users.changeOwnPassword({ before: PASSWORD, password: 'short' })).rejects.toEqual(refused('KON_INVALID', 'at least 12'));
    expect(await cutBy(there, () => here.users.changeOwnPassword({ before: PASSWORD, password: OTHER }))).toMatchObject({ code: 'KON_UNAUTHENTICATED' });
    await here.master.info();
    await expect(signIn('eve')).rejects.toEqual(refused('KON_SIGN_IN_REFUSED'));
    await signIn('eve', OTHER);
  });

  test('is cut when disabled, and may come back when enabled', async () => {
    await viewer('gone');
    const gone = as(await signIn('gone'));
    expect(await cutBy(gone, () => admin.users.disable({ name: 'gone', isDisabled: true }))).toMatchObject({ code: 'KON_UNAUTHENTICATED', message: expect.stringContaining('was disabled') });
    await expect(signIn('gone')).rejects.toEqual(refused('KON_SIGN_IN_REFUSED', /^the name or the password is not right$/));
    await admin.users.disable({ name: 'gone', isDisabled: false });
    await expect(gone.master.info()).rejects.toEqual(refused('KON_UNAUTHENTICATED'));
    await as(await signIn('gone')).master.info();
    await admin.resources.remove('default', 'user', 'gone');
    await expect(signIn('gone')).rejects.toEqual(refused('KON_SIGN_IN_REFUSED'));
  });

  test('is told apart from credentials of the same name, and decides nothing about who may more', async () => {
    await admin.credentials.create({ name: 'robot', lifetimeSeconds: 3600, role: 'viewer', grid: 'default' });
    await expect(admin.users.add({ name: 'robot', password: PASSWORD })).rejects.toEqual(refused('KON_CONFLICT', 'there is a credential robot'));
    await expect(admin.users.add({ name: 'admin', password: PASSWORD })).rejects.toEqual(refused('KON_CONFLICT'));
    await admin.users.add({ name: 'keeper', password: PASSWORD });
    await admin.members.add('default', { name: 'keeper', role: 'user-admin' });
    await expect(admin.credentials.create({ name: 'keeper', lifetimeSeconds: 3600, role: 'viewer', grid: 'default' })).rejects.toEqual(refused('KON_CONFLICT', 'there is a user keeper'));
    await admin.users.add({ name: 'chief', password: PASSWORD });
    await admin.members.add('default', { name: 'chief', role: 'master-admin' });
    const keeper = as(await signIn('keeper'));
    for (const act of [() => keeper.users.setPassword({ name: 'chief', password: OTHER }), () => keeper.users.disable({ name: 'chief', isDisabled: true }), () => keeper.resources.remove('default', 'user', 'chief')]) {
      await expect(act()).rejects.toEqual(refused('KON_FORBIDDEN', 'nobody gives or takes back'));
    }
    await keeper.users.add({ name: 'new', password: PASSWORD });
    await signIn('chief');
  });
});

describe('who is refused', () => {
  test('whoever does not know the password, in the same words and about the same time whether there is such a user or not', async () => {
    await admin.users.add({ name: 'real', password: PASSWORD });
    const took = async (user: string): Promise<number> => {
      const began = performance.now();
      await expect(signIn(user, OTHER)).rejects.toEqual(refused('KON_SIGN_IN_REFUSED', /^the name or the password is not right$/));
      return performance.now() - began;
    };
    await took('real');
    const times = { real: [] as number[], nobody: [] as number[] };
    for (let turn = 0; turn < 3; turn += 1) {
      times.real.push(await took('real'));
      times.nobody.push(await took(`nobody${turn}`));
    }
    // a hash takes far longer than all else: without one for who is nobody, that would be a tenth
    expect(Math.min(...times.nobody)).toBeGreaterThan(Math.min(...times.real) / 3);
  });

  test('empty passwords, names with more in them than a name, keys that are none', async () => {
    for (const user of ['', 'ada/x', '../ada', 'ada\nadmin', 'x'.repeat(5_000), '__proto__', 'admin']) await expect(signIn(user)).rejects.toEqual(refused('KON_SIGN_IN_REFUSED'));
    await admin.users.add({ name: 'keyed', password: PASSWORD });
    await expect(signIn('keyed', '')).rejects.toEqual(refused('KON_SIGN_IN_REFUSED'));
    const channel = new MasterChannel(own.server, credentials.createSsl(Buffer.from(own.ca)), 10_000);
    closing.push(() => channel.close());
    const ask = (key: { readonly publicKey: Buffer; readonly proof: Buffer } | undefined) => channel.ask(SignInService.withPassword, { user: 'keyed', password: PASSWORD, key });
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const rsaSpki = rsa.publicKey.export({ type: 'spki', format: 'der' });
    for (const key of [undefined, { publicKey: spki, proof: Buffer.alloc(0) }, { publicKey: spki, proof: sign('sha256', Buffer.from('x'), privateKey) }, { publicKey: rsaSpki, proof: sign('sha256', rsaSpki, rsa.privateKey) }]) {
      await expect(ask(key)).rejects.toEqual(refused('KON_INVALID', 'the key to certify'));
    }
    await ask({ publicKey: spki, proof: sign('sha256', spki, privateKey) });
    await expect(admin.users.add({ name: 'a b', password: PASSWORD })).rejects.toEqual(refused('KON_INVALID', 'cannot name a user'));
    await expect(admin.users.add({ name: 'weak', password: 'short' })).rejects.toEqual(refused('KON_INVALID', 'at least 12'));
  });

  test('whoever guesses, soon, and is told for how long', async () => {
    await admin.users.add({ name: 'guessed', password: PASSWORD });
    const answers: unknown[] = [];
    for (let guess = 0; guess < 12; guess += 1) answers.push(await signIn('guessed', `wrong password ${guess}`).catch((error: unknown) => error));
    expect(answers).toContainEqual(refused('KON_SIGN_IN_DELAYED', /heard in \d+ s$/));
    expect(await audited('session.begin')).toContainEqual(expect.objectContaining({ who: 'strangers', name: 'guessed', outcome: 'refused' }));
  });
});

test('The way in of the first start is loud in the audit log, and no password, or hash of one, is told anywhere', async () => {
  await viewer('ada');
  await signIn('ada');
  await expect(signIn('ada', OTHER)).rejects.toEqual(refused('KON_SIGN_IN_REFUSED'));
  await expect(signIn(OTHER, PASSWORD)).rejects.toEqual(refused('KON_SIGN_IN_REFUSED'));
  await as(await signIn('ada')).users.changeOwnPassword({ before: PASSWORD, password: OTHER });
  expect(await audited('admin.use')).toEqual([expect.objectContaining({ who: 'admin', from: '127.0.0.1', outcome: 'done' })]);
  const history = await Promise.all([collect(admin.resources.history('default', 'user', 'ada')), listed('user'), listed('session'), audited('*')]);
  const told = [...lines, JSON.stringify(history), JSON.stringify(await collect(admin.events.read('default', { follow: false }, new AbortController().signal)))].join('\n');
  expect(told).toContain('session.begin');
  for (const secret of [PASSWORD, OTHER, 'scrypt$']) {
    expect(told).not.toContain(secret);
    for (const file of readdirSync(data).filter((name) => name.includes('sqlite'))) expect(readFileSync(join(data, file)).includes(secret)).toBe(false);
  }
});
