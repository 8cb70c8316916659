import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { engineRegistry } from './index.js';

const HOST = 'registry.g.kontena.local';
let root: string;
let hosts: string;
let certificates: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kontena-engine-registry-'));
  hosts = join(root, 'hosts');
  certificates = join(root, 'certs.d');
  writeFileSync(hosts, '127.0.0.1 localhost\n# mine\n10.0.0.1 db');
});
afterEach(() => rmSync(root, { recursive: true }));

const of = (node: string, authorities = 'CA\n') => engineRegistry({ owner: { cluster: 'c', grid: 'g', node }, certificates, hosts, authorities: () => Promise.resolve(authorities) });
const lines = (): string[] => readFileSync(hosts, 'utf8').split('\n');

test('names and trust are there, beside what others wrote, and gone again without a trace', async () => {
  await of('n1').introduce(HOST, ['10.81.1.9', '10.81.2.4']);
  expect(lines()).toEqual(['127.0.0.1 localhost', '# mine', '10.0.0.1 db', expect.stringMatching(`^10.81.1.9 ${HOST} # kontena-\\w{8}$`), expect.stringMatching(`^10.81.2.4 ${HOST} # kontena-`), '']);
  expect(readdirSync(join(certificates, HOST))).toEqual([expect.stringMatching(/^kontena-\w{8}\.crt$/)]);
  await of('n1').introduce(HOST, []);
  expect([lines(), existsSync(join(certificates, HOST))]).toEqual([['127.0.0.1 localhost', '# mine', '10.0.0.1 db', ''], false]);
});

test('what is so already is not written', async () => {
  await of('n1').introduce(HOST, ['10.81.1.9']);
  const before = statSync(hosts, { bigint: true }).mtimeNs;
  await of('n1').introduce(HOST, ['10.81.1.9']);
  expect(statSync(hosts, { bigint: true }).mtimeNs).toBe(before);
});

test('of several nodes on a machine each has its own; a reset takes away the own alone, and says what', async () => {
  mkdirSync(join(certificates, HOST), { recursive: true });
  writeFileSync(join(certificates, HOST, 'mine.crt'), 'MINE');
  await of('n1').introduce(HOST, ['10.81.1.9']);
  await of('n2').introduce(HOST, ['10.81.1.9']);
  expect(await of('n1').forget()).toEqual([`trust in ${HOST}`, `names in ${hosts}`]);
  expect(lines().filter((line) => line.includes(HOST))).toHaveLength(1);
  expect(readdirSync(join(certificates, HOST))).toHaveLength(2);
  await of('n2').forget();
  expect(readdirSync(join(certificates, HOST))).toEqual(['mine.crt']);
  expect(await of('n1').forget()).toEqual([]);
});

test('another authority is written, another host forgets the one before', async () => {
  await of('n1').introduce(HOST, ['10.81.1.9']);
  await of('n1', 'CA\nNEXT\n').introduce('registry.h.kontena.local', ['10.81.1.9']);
  expect(readdirSync(certificates)).toEqual(['registry.h.kontena.local']);
  const [file = ''] = readdirSync(join(certificates, 'registry.h.kontena.local'));
  expect(readFileSync(join(certificates, 'registry.h.kontena.local', file), 'utf8')).toBe('CA\nNEXT\n');
});

test('what cannot be written is told as such', async () => {
  writeFileSync(certificates, 'no folder');
  await expect(of('n1').introduce(HOST, ['10.81.1.9'])).rejects.toMatchObject({ code: 'KON_ENGINE_FILES', message: expect.stringContaining('cannot be told of the grid') });
});
