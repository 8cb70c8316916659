import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../clock.js';
import { systemRandom } from '../../random.js';
import { openStore } from '../../store/index.js';
import { collect } from '../../testing/opened-api.js';
import { noSignIn, StubControl } from '../../testing/stub-control.js';
import { testVault } from '../../testing/test-vault.js';
import { createMasterLink } from '../index.js';
import { connect, type Connected } from './index.js';

/** Real time and real sockets. */
jest.setTimeout(60_000);

const signal = new AbortController().signal;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const nobody = () => Promise.reject(new Error('no node is expected here'));

let directory: string;
let client: Connected;
let close: () => Promise<void>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kontena-volume-calls-'));
  const store = openStore(':memory:', { clock: systemClock, random: systemRandom, onFatal: () => undefined });
  const link = await createMasterLink({ store, vault: testVault(store), clock: systemClock, random: systemRandom, log: quiet, pkiDirectory: join(directory, 'pki'), advertise: [], version: 'v', balancerImage: 'haproxy:lts' });
  const control = new StubControl();
  const { port } = await link.listen({
    host: '127.0.0.1', port: 0, control: () => control, enrolment: { join: nobody, renew: nobody, admit: () => undefined },
    access: { admitToken: () => ({ name: 'token', keyFingerprint: 'hash' }), admit: (name, keyFingerprint) => ({ name, keyFingerprint }), turnedAway: () => undefined },
    signIn: noSignIn,
  });
  client = connect({ server: `127.0.0.1:${String(port)}`, ...link.authority.admin() }, { timeoutMs: 30_000 });
  close = async () => {
    client.close();
    await link.close();
    await store.close();
  };
});
afterAll(async () => {
  await close();
  await rm(directory, { recursive: true });
});

test('what is in a volume comes and goes in pieces', async () => {
  expect(Buffer.concat(await collect(client.volumes.read('default', { name: 'data.1', node: 'n1', isLive: true }, signal))).toString()).toBe('data.1 n1 true');
  const target = client.volumes.write('default', { name: 'data.1' }, signal);
  expect(await target.send(Buffer.alloc(1_000_000))).toBe(true);
  target.end();
  expect(await collect(target.received())).toEqual([]);
});

test('a move is asked for, called off and followed, with what is absent', async () => {
  expect(await client.volumes.move('default', { name: 'todo/db.1', to: 'n2' }, signal)).toEqual({ slot: 'todo/db.1', from: 'n1', to: 'n2', revision: 13 });
  expect(await client.volumes.callOff('default', { name: 'todo/db.1', node: 'n3' }, signal)).toEqual({ slot: 'todo/db.1', from: 'n1', to: 'n3', revision: 14 });
  expect(await collect(client.volumes.follow('default', 'todo/db.1', signal))).toEqual([{ slot: 'todo/db.1', from: 'n1', to: 'n2', phase: 'copied', bytes: 7 }, { slot: 'todo/db.1', from: 'n1', to: 'n2', phase: 'done', reason: 'r' }]);
});
