import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { dockerCredentials } from './docker-credentials.js';

const folder = mkdtempSync(join(tmpdir(), 'kontena-credentials-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const env = { PATH: `${folder}${delimiter}${process.env.PATH ?? ''}` };

/** A credential helper: what it is asked for stands in what it says. */
const helper = (name: string, script: string): void => writeFileSync(join(folder, `docker-credential-${name}`), `#!/bin/sh\nread host\n${script}\n`, { mode: 0o755 });
helper('good', 'echo "{\\"ServerURL\\":\\"$host\\",\\"Username\\":\\"$1\\",\\"Secret\\":\\"of $host\\"}"');
helper('token', 'echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"t1\\"}"');
helper('empty', 'echo "credentials not found in native keychain"; exit 1');
helper('broken', 'echo "the keychain is locked"; exit 1');

const find = (config: unknown): ReturnType<typeof dockerCredentials> => {
  writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return dockerCredentials(join(folder, 'config.json'), 'h:5000', env);
};
const auth = Buffer.from('me:a:b').toString('base64');
const KEPT = { kind: 'password', user: 'me', password: 'a:b' };

test.each([
  ['by its host', { auths: { 'h:5000': { auth } } }, KEPT],
  ['by its address', { auths: { 'https://h:5000': { auth } } }, KEPT],
  ['in two words', { auths: { 'h:5000': { username: 'me', password: 'a:b' } } }, KEPT],
  ['as a refresh token', { auths: { 'h:5000': { identitytoken: 't2', auth } } }, { kind: 'refresh-token', token: 't2' }],
  ['for another registry only', { auths: { other: { auth } } }, undefined],
  ['nowhere', {}, undefined],
  ['by a helper of this registry, which goes before the file', { credHelpers: { 'h:5000': 'good' }, credsStore: 'broken', auths: { 'h:5000': { auth } } }, { kind: 'password', user: 'get', password: 'of h:5000' }],
  ['by a helper for all', { credsStore: 'token' }, { kind: 'refresh-token', token: 't1' }],
  ['in the file, where the helper has nothing', { credsStore: 'empty', auths: { 'h:5000': { auth } } }, KEPT],
])('what docker login kept is found %s', async (_where, config, found) => {
  expect(await find(config)).toEqual(found);
});

test('what cannot be asked is said', async () => {
  await expect(find({ credsStore: 'broken' })).rejects.toMatchObject({ code: 'KON_REGISTRY_DENIED', message: expect.stringContaining('the keychain is locked') });
  await expect(find({ credsStore: 'none-such' })).rejects.toMatchObject({ code: 'KON_REGISTRY_DENIED', message: expect.stringContaining('docker-credential-none-such') });
  await expect(find('{')).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE' });
  expect(await dockerCredentials(join(folder, 'nowhere.json'), 'h', env)).toBeUndefined();
});
