import { execFile } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { credentials, Metadata } from '@grpc/grpc-js';
import { joinCluster } from '../link/index.js';
import { MasterChannel } from '../link/client/call.js';
import { connect, type Connected, connectWithToken, type Credential } from '../link/client/index.js';
import { ControlService } from '../link/gen/kontena/v1/control.js';
import type { Log, Resource } from '../ports/index.js';
import { stackSpec } from '../testing/opened-api.js';
import { type Master, startMaster } from './master-process.js';

/** Programs with tokens at a real master, and whoever would be one. */
jest.setTimeout(120_000);

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const root = mkdtempSync(join(tmpdir(), 'kontena-robots-'));
const closing: (() => unknown)[] = [];
let master: Master;
let admin: Connected;
let own: Credential;

beforeAll(async () => {
  master = await startMaster({ data: join(root, 'master'), host: '127.0.0.1', port: 0, advertise: [], watchDirectory: undefined, allowEmpty: false, openStackRegistry: () => Promise.resolve(undefined), log: silent });
  own = JSON.parse(readFileSync(join(root, 'master', 'admin.json'), 'utf8')) as Credential;
  admin = connect(own, { timeoutMs: 10_000 });
  await admin.grids.create({ name: 'shop' });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(async () => {
  admin.close();
  await master.close();
  rmSync(root, { recursive: true, force: true });
});

const robot = async (token: string): Promise<Connected> => {
  const client = await connectWithToken({ server: own.server, token }, { timeoutMs: 10_000 });
  closing.push(() => client.close());
  return client;
};
const made = async (name: string, role: string, { grid = 'default', lifetimeSeconds = 3600 } = {}): Promise<string> => (await admin.tokens.createRobot(grid, { name, role, lifetimeSeconds })).token;

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const names = async (client: Connected, grid: string, kind: 'stack' | 'token' | 'grid'): Promise<readonly string[]> => (await collect<Resource>(client.resources.list({ grid, kind }))).map(({ name }) => name);
const refused = (code: string, message: string | RegExp = /./) => expect.objectContaining({ code, message: expect.stringMatching(message) });

/** Asks with these words in the metadata, as any gRPC client may, and no certificate. */
async function askAs(authorization: string): Promise<unknown> {
  const shown = new Metadata();
  shown.set('authorization', authorization);
  const bearing = credentials.createFromMetadataGenerator((_options, give) => give(null, shown));
  const channel = new MasterChannel(own.server, credentials.combineChannelCredentials(credentials.createSsl(Buffer.from(own.ca)), bearing), 10_000);
  try {
    return await channel.ask(ControlService.info, {});
  } finally {
    channel.close();
  }
}

describe('a program with a token', () => {
  test('may what its role may where it was made, and stands by its name in the history and the audit log', async () => {
    const ci = await robot(await made('ci', 'developer'));
    await ci.stacks.apply({ grid: 'default', stack: stackSpec('todo'), dryRun: false });
    expect(await names(ci, 'default', 'stack')).toEqual(['todo']);
    const [entry] = await collect(admin.resources.history('default', 'stack', 'todo'));
    expect(entry).toMatchObject({ actor: 'token ci' });
    const [noted] = await collect(admin.audit.read({ follow: false, who: 'token ci', action: 'stack.apply' }, new AbortController().signal));
    expect(noted).toMatchObject({ who: 'token ci', from: '127.0.0.1', name: 'todo', outcome: 'done' });
    await expect(ci.stacks.apply({ grid: 'shop', stack: stackSpec('todo'), dryRun: false })).rejects.toEqual(refused('KON_FORBIDDEN', 'token ci may not stack.apply in grid shop'));
    expect(await names(ci, 'default', 'grid')).toEqual(['default']);
    await expect(ci.vault.readSecret('default', 'nobody')).rejects.toEqual(refused('KON_FORBIDDEN'));
    await expect(ci.credentials.renew()).rejects.toEqual(refused('KON_INVALID', 'cannot be renewed'));
  });

  test('is listed with when it was last used, and nothing of its secret is told', async () => {
    const token = await made('seen', 'viewer');
    await (await robot(token)).master.info();
    const listed = async (): Promise<Resource | undefined> => (await collect<Resource>(admin.resources.list({ grid: 'default', kind: 'token', name: 'seen' })))[0];
    let found = await listed();
    for (let left = 100; left > 0 && found?.status['usedAt'] === undefined; left -= 1) {
      await new Promise((over) => setTimeout(over, 50));
      found = await listed();
    }
    expect(found).toMatchObject({ spec: { role: 'viewer' }, status: { usedAt: expect.stringMatching(/^20/) } });
    const told = JSON.stringify([found, await collect(admin.resources.history('default', 'token', 'seen')), await collect(admin.audit.read({ follow: false }, new AbortController().signal))]);
    expect(told).not.toContain(token.split('.')[1]);
  });

  test('sends as much as a client may, and stays connected for longer than a stranger', async () => {
    const ci = await robot(await made('large', 'developer'));
    const stop = new AbortController();
    closing.push(() => stop.abort());
    const began = Date.now();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { resource } of ci.resources.watch({ grid: 'default', kind: 'stack' }, stop.signal)) seen.push(resource.name);
    })();
    const env = Array.from({ length: 300 }, (_, index) => `V${index}=${'x'.repeat(1000)}`);
    await ci.stacks.apply({ grid: 'default', stack: stackSpec('large', { web: { env } }), dryRun: false });
    await new Promise((over) => setTimeout(over, Math.max(0, began + 11_000 - Date.now())));
    await ci.stacks.apply({ grid: 'default', stack: stackSpec('late'), dryRun: false });
    for (let left = 200; left > 0 && !seen.includes('late'); left -= 1) await new Promise((over) => setTimeout(over, 50));
    stop.abort();
    await watching;
    expect(seen).toEqual(expect.arrayContaining(['large', 'late']));
  });

  test('is cut when its token is revoked', async () => {
    const ci = await robot(await made('gone', 'developer'));
    const stop = new AbortController();
    closing.push(() => stop.abort());
    const watch = ci.resources.watch({ grid: 'default', kind: 'grid' }, stop.signal)[Symbol.asyncIterator]();
    await watch.next();
    const cut = watch.next().then(() => undefined, (error: unknown) => error);
    await admin.resources.remove('default', 'token', 'gone');
    expect(await cut).toMatchObject({ code: expect.stringMatching(/^KON_(TOKEN_INVALID|FORBIDDEN)$/) });
    await expect(ci.master.info()).rejects.toEqual(refused('KON_TOKEN_INVALID', 'not known here'));
  });

  test('makes no stronger one, no longer-lived one, and takes none back that may more', async () => {
    const weak = await robot(await made('weak', 'grid-admin', { grid: 'shop' }));
    const { token } = await weak.tokens.createRobot('shop', { role: 'developer', lifetimeSeconds: 1800 });
    expect(await names(await robot(token), 'shop', 'stack')).toEqual([]);
    await expect(weak.tokens.createRobot('shop', { role: 'master-admin', lifetimeSeconds: 1800 })).rejects.toEqual(refused('KON_FORBIDDEN', 'nobody gives'));
    await expect(weak.tokens.createRobot('default', { role: 'viewer', lifetimeSeconds: 1800 })).rejects.toEqual(refused('KON_FORBIDDEN', 'may not token.create-robot in grid default'));
    await expect(weak.tokens.createRobot('shop', { role: 'viewer', lifetimeSeconds: 7200 })).rejects.toEqual(refused('KON_FORBIDDEN', 'good for longer'));
    await made('strong', 'master-admin', { grid: 'shop' });
    await expect(weak.resources.remove('shop', 'token', 'strong')).rejects.toEqual(refused('KON_FORBIDDEN', 'nobody gives or takes back'));
    const everything = await robot(await made('whole', 'master-admin'));
    await expect(everything.credentials.create({ name: 'longer', lifetimeSeconds: 7200, role: 'viewer', grid: 'shop' })).rejects.toEqual(refused('KON_FORBIDDEN', 'good for longer'));
  });
});

test('A client that knows only the .proto files uses the master with a token, and tells it to no other', async () => {
  const token = await made('foreign', 'developer');
  const run = (shown: string): Promise<{ readonly stdout: string; readonly stderr: string }> =>
    promisify(execFile)(process.execPath, ['examples/client-node/client.mjs', own.server, 'list', 'grid'], { env: { ...process.env, KONTENA_TOKEN: shown } })
      .catch((error: unknown) => error as { readonly stdout: string; readonly stderr: string });
  expect(JSON.parse((await run(token)).stdout)).toMatchObject({ kind: 'Grid', name: 'default' });
  expect((await run(token.replace(/[^.]*$/, '0'.repeat(64)))).stderr).toContain('is not the one that the token names');
  expect((await run(token.replace('.', '.x'))).stderr).toContain('error: this token is not known here');
});

describe('who is refused', () => {
  test('a token that is not known, whose secret is another, that ended, or that is for machines', async () => {
    const token = await made('real', 'viewer');
    const [id, secret, fingerprint] = token.split('.');
    await expect(askAs(`Bearer ${id}.${secret}`)).resolves.toMatchObject({ epoch: 1 });
    await expect(askAs(`bearer ${token}`)).resolves.toMatchObject({ epoch: 1 });
    for (const wrong of [`Bearer ${id}.${secret}x`, `Bearer ${id}.`, `Bearer ${id}`, `Bearer .${secret}`, `Bearer nobody.${secret}`, `Bearer __proto__.${secret}`]) {
      await expect(askAs(wrong)).rejects.toEqual(refused('KON_TOKEN_INVALID', 'not known here'));
    }
    for (const nothing of [`Basic ${id}.${secret}`, 'Bearer', '']) await expect(askAs(nothing)).rejects.toEqual(refused('KON_UNAUTHENTICATED'));
    const { token: joining } = await admin.tokens.create('default', { ttlSeconds: 60, labels: [] });
    await expect(askAs(`Bearer ${joining}`)).rejects.toEqual(refused('KON_TOKEN_INVALID', 'for machines that join'));
    await expect(joinCluster({ master: own.server, token, name: 'n9', labels: [], pkiDirectory: join(root, 'n9') })).rejects.toEqual(refused('KON_TOKEN_INVALID', 'no machine joins with it'));
    await expect(connectWithToken({ server: own.server, token: `${id}.${secret}.${'0'.repeat(64)}` }, { timeoutMs: 10_000 })).rejects.toEqual(refused('KON_CERTIFICATE_UNTRUSTED', 'was not sent'));
    await expect(connectWithToken({ server: own.server, token: `${id}.${fingerprint}` }, { timeoutMs: 10_000 })).rejects.toEqual(refused('KON_TOKEN_INVALID', 'three parts'));
  });

  test('a public key, or a hash, in the place of a secret', async () => {
    const { certificate, key } = own;
    const bytes = createPublicKey(key).export({ type: 'spki', format: 'der' });
    for (const secret of [bytes.toString('base64url'), bytes.toString('latin1').replace(/[^\x21-\x7e]/g, ''), Buffer.from(certificate).toString('base64url')]) {
      await expect(askAs(`Bearer admin.${secret}`)).rejects.toEqual(refused('KON_TOKEN_INVALID'));
    }
  });

  test('names, roles and lives that there are not; a name that is taken', async () => {
    const ask = (over: object): Promise<unknown> => admin.tokens.createRobot('default', { name: 'x', role: 'viewer', lifetimeSeconds: 3600, ...over });
    await expect(ask({ name: 'a/b' })).rejects.toEqual(refused('KON_INVALID', 'cannot name a token'));
    await expect(ask({ role: 'king' })).rejects.toEqual(refused('KON_NOT_FOUND', 'there is no role king'));
    await expect(ask({ lifetimeSeconds: 0 })).rejects.toEqual(refused('KON_INVALID', 'cannot live 0 seconds'));
    await ask({});
    await expect(ask({})).rejects.toEqual(refused('KON_CONFLICT', 'there is a token x'));
  });
});

test('The authority ends no token without being told to', async () => {
  const ci = await robot(await made('pinned', 'viewer'));
  await admin.master.rotateAuthority({ isEnd: false, isForced: false });
  await ci.master.info();
  await expect(made('meanwhile', 'viewer')).rejects.toEqual(refused('KON_CONFLICT', 'is being changed'));
  await expect(admin.master.rotateAuthority({ isEnd: true, isForced: false })).rejects.toEqual(refused('KON_CONFLICT', 'token pinned'));
});
