import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { connect } from '../link/client/index.js';
import type { Control, Log, Resource } from '../ports/index.js';
import { startAgent } from './agent-process.js';
import { resetAgent } from './agent-reset.js';
import { type Master, startMaster } from './master-process.js';
import type { Program } from './run-program.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-agents-'));
/** An agent without an engine makes its tunnel all the same, which is taken off this machine again. */
const NO_ENGINE = 'unix:///nothing/docker.sock';
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let master: Master;
let control: Control & { close(): void };
let data: string;
let agents: Program[];

beforeAll(async () => {
  master = await startMaster({ data: join(root, 'master'), host: '127.0.0.1', port: 0, advertise: [], watchDirectory: undefined, allowEmpty: false, openStackRegistry: () => Promise.resolve(undefined), log: silent });
  control = connect(JSON.parse(readFileSync(join(root, 'master', 'admin.json'), 'utf8')) as Parameters<typeof connect>[0], { timeoutMs: 5_000 });
});

afterAll(async () => {
  control.close();
  await master.close();
  rmSync(root, { recursive: true, force: true });
});

beforeEach(() => {
  data = mkdtempSync(join(root, 'agent-'));
  agents = [];
});

afterEach(async () => {
  for (const agent of agents) await agent.close();
  if (existsSync(join(data, 'pki', 'agent.pem'))) await resetAgent({ data, docker: NO_ENGINE });
});

const newToken = async (): Promise<string> => (await control.tokens.create('default', { ttlSeconds: 60, labels: [] })).token;

/** An agent in `data` whose engine is not there. */
async function start(name: string, token: string | undefined, log = silent): Promise<Program> {
  const agent = await startAgent({ data, master: `127.0.0.1:${String(master.port)}`, token, name, labels: [], docker: NO_ENGINE, log });
  agents.push(agent);
  return agent;
}

async function end(agent: Program): Promise<void> {
  agents = agents.filter((other) => other !== agent);
  await agent.close();
}

async function nodes(): Promise<readonly string[]> {
  const found: Resource[] = [];
  for await (const node of control.resources.list({ grid: 'default', kind: 'node' })) found.push(node);
  return found.map(({ name }) => name);
}

/** Removes a node as soon as the master has seen it go. */
async function remove(name: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await control.resources.remove('default', 'node', name);
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

test('One data directory has one running agent, and the next when that has ended', async () => {
  const first = await start('alone', await newToken());
  await expect(start('alone', undefined)).rejects.toMatchObject({ code: 'KON_DATA_TAKEN', message: expect.stringContaining(data) });
  await end(first);
  await start('alone', undefined);
});

test('A data directory is of one name', async () => {
  await end(await start('old-name', await newToken()));
  await expect(start('new-name', await newToken())).rejects.toMatchObject({ code: 'KON_DATA_TAKEN', message: `the data directory ${data} belongs to node old-name, not new-name` });
  expect(await nodes()).not.toContain('new-name');
});

test('A removed node joins again with a new token, and forgets what it was assigned; the old token does nothing', async () => {
  const token = await newToken();
  await end(await start('again', token));
  await remove('again');
  writeFileSync(join(data, 'assignments.json'), 'old');
  await end(await start('again', token));
  expect(await nodes()).not.toContain('again');
  await start('again', await newToken());
  expect(await nodes()).toContain('again');
  expect(() => readFileSync(join(data, 'assignments.json'))).toThrow(/ENOENT/);
});

test('A machine whose answer was lost joins with the key that it had, and the token that is used up', async () => {
  const token = await newToken();
  await end(await start('lost', token));
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/.exec(readFileSync(join(data, 'pki', 'agent.pem'), 'utf8'))?.[0] ?? '';
  const before = data;
  data = mkdtempSync(join(root, 'agent-'));
  await expect(start('lost', token)).rejects.toMatchObject({ code: 'KON_TOKEN_INVALID', message: expect.stringContaining('was used') });
  await expect(start('lost', await newToken())).rejects.toMatchObject({ code: 'KON_NODE_NAME_TAKEN' });
  data = mkdtempSync(join(root, 'agent-'));
  mkdirSync(join(data, 'pki.joining'));
  writeFileSync(join(data, 'pki.joining', 'agent.key'), key);
  await end(await start('lost', token));
  expect(existsSync(join(data, 'pki.joining'))).toBe(false);
  data = before;
  await start('lost', undefined);
});

test('A new token that opens nothing is told of, and the node goes on as before', async () => {
  await end(await start('steady', await newToken()));
  const [, ...rest] = (await newToken()).split('.');
  const warnings: unknown[] = [];
  await start('steady', ['unknown', ...rest].join('.'), { ...silent, warn: (_message, facts) => void warnings.push(facts?.['reason']) });
  expect(warnings).toContain('this join token is not known here');
});

test('A token is needed first, and a directory that can be made', async () => {
  await expect(start('nobody', undefined)).rejects.toMatchObject({ code: 'KON_TOKEN_INVALID' });
  data = join(data, 'file');
  writeFileSync(data, '');
  await expect(start('nobody', await newToken())).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE' });
});
