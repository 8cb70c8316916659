import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createAuthority, issue } from '../link/pki/certificates.js';
import { type Instant, KontenaError } from '../model/index.js';
import { renewWhereItLies } from './context/index.js';
import { FakeHost, resource } from './fake-host.js';
import { runCommandLine } from './main.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-credentials-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let home: string;
let host: FakeHost;
const config = (): string => join(home, '.config', 'kontena', 'config.yaml');

beforeEach(() => {
  home = mkdtempSync(join(root, 'home-'));
  mkdirSync(join(home, '.config', 'kontena'), { recursive: true });
  writeFileSync(config(), 'current: dev\ncontexts:\n  - {name: dev, server: "m:9292", ca: CA, certificate: CERT, key: KEY}\n  - {name: file, credential: "' + join(home, 'me.json') + '"}\n');
  writeFileSync(join(home, 'me.json'), JSON.stringify({ server: 'm:9292', grid: 'shop', ca: 'CA', certificate: 'CERT', key: 'KEY' }));
  host = new FakeHost({ home });
});

const run = (line: string): Promise<number> => runCommandLine(line.split(' '), root, host);
const read = (name: string): unknown => JSON.parse(readFileSync(join(home, name), 'utf8'));

/** A certificate that has used up so much of its life. */
async function aged(share: number): Promise<string> {
  const now = (Date.now() - share * 1_000_000) as Instant;
  const life = { now, lifetimeMs: 1_000_000 };
  const authority = await createAuthority('test', life);
  return (await issue({ authority, subject: { name: 'ada', organization: 'kontena', role: 'admin' }, life, hosts: [] })).certificate;
}

describe('a credential', () => {
  test('is written to a file of its own, which is not there yet', async () => {
    expect(await run('credential create ada --role developer --for 30d')).toBe(0);
    expect(host.stdout).toBe(`${join(home, 'ada.json')}\n`);
    expect(host.stderr).toContain('context add NAME --from ada.json');
    expect(read('ada.json')).toEqual({ ca: 'CA', certificate: 'CERT', key: 'KEY', server: 'm:9292', grid: 'default' });
    expect(statSync(join(home, 'ada.json')).mode & 0o777).toBe(0o600);
    expect(await run('credential create ada --role developer')).toBe(1);
    expect(host.stderr).toContain('ada.json is there already');
    expect(host.master.asked).toEqual(['createCredential ada 2592000 developer default']);
  });

  test('is listed, and revoked', async () => {
    host.master.known = [resource('Credential', 'ada', { spec: { endsAt: '2030-01-01T00:00:00Z', fingerprint: 'abc' }, status: { phase: 'valid' } })];
    await run('credential list');
    expect(host.stdout).toMatch(/^NAME +PHASE +ENDS +FINGERPRINT/);
    await run('credential revoke ada --yes');
    expect(host.master.asked).toEqual(['list default credential', 'remove default credential ada']);
  });

  test('is renewed where it lies: in the context, or in the file that it names', async () => {
    await run('credential renew');
    expect(readFileSync(config(), 'utf8')).toContain('certificate: CERT2');
    await run('credential renew --context file');
    expect(read('me.json')).toEqual({ server: 'm:9292', grid: 'shop', ca: 'CA2', certificate: 'CERT2', key: 'KEY2' });
    expect(existsSync(join(home, 'me.json.renewing'))).toBe(false);
  });

  test('is left to the command that renews it already', async () => {
    writeFileSync(join(home, 'me.json.renewing'), '');
    await run('credential renew --context file');
    expect(host.stdout).toContain('renewed by another command');
    expect(host.master.asked).toEqual([]);
    expect(read('me.json')).toMatchObject({ certificate: 'CERT' });
  });

  test('that was renewed since it was read is not renewed again: only the newest key counts', async () => {
    const chosen = { name: 'file', grid: 'shop', file: join(home, 'me.json'), credential: { server: 'm:9292', ca: 'CA', certificate: 'BEFORE', key: 'KEY' } };
    expect(await renewWhereItLies(host, chosen, () => host.master.credentials.renew())).toBeUndefined();
    expect(host.master.asked).toEqual([]);
    expect(read('me.json')).toMatchObject({ certificate: 'CERT' });
  });

  test.each([[0.5, false], [0.8, true]])('that has used up %d of its life renews itself with any command: %s', async (share, isRenewed) => {
    writeFileSync(join(home, 'me.json'), JSON.stringify({ server: 'm:9292', ca: 'CA', certificate: await aged(share), key: 'KEY' }));
    expect(await run('get nodes --context file')).toBe(0);
    expect(host.master.asked).toEqual(isRenewed ? ['list default node', 'renewCredential'] : ['list default node']);
  });

  test('that cannot renew itself fails no command', async () => {
    writeFileSync(join(home, 'me.json'), JSON.stringify({ server: 'm:9292', ca: 'CA', certificate: await aged(0.8), key: 'KEY' }));
    host.master.credentials.renew = () => Promise.reject(new KontenaError('KON_INVALID', 'no'));
    expect(await run('get nodes --context file')).toBe(0);
  });
});

test('the authority is changed in two steps, and what is left to do is said', async () => {
  await run('master rotate-ca');
  expect(host.stderr).toContain('Certificates of the old one have: node n1.');
  expect(host.stderr).toContain('master rotate-ca --finish');
  expect(readFileSync(config(), 'utf8')).toContain('ca: CA2');
  await run('master rotate-ca --finish --force');
  expect(host.stdout).toContain(`authority ${'f'.repeat(64)} is the only one that is trusted`);
  expect(await run('master rotate-ca --force')).toBe(2);
  expect(host.master.asked).toEqual(['rotateAuthority false false', 'renewCredential', 'rotateAuthority true true']);
});

test('a node is confirmed', async () => {
  await run('node confirm n1 --yes');
  expect(host.master.asked).toEqual(['setNode default n1 {"isConfirmed":true}']);
});
