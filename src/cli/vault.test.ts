import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeHost, resource } from './fake-host.js';
import { runCommandLine } from './main.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-vault-cli-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let home: string;
let host: FakeHost;
beforeEach(() => {
  home = mkdtempSync(join(root, 'home-'));
  mkdirSync(join(home, '.config', 'kontena'), { recursive: true });
  writeFileSync(join(home, '.config', 'kontena', 'config.yaml'), 'current: dev\ncontexts:\n  - {name: dev, server: "127.0.0.1:9292", ca: CA, certificate: CERT, key: KEY}\n');
  host = new FakeHost({ home });
});

const run = (...args: readonly string[]): Promise<number> => runCommandLine(args, root, host);
const file = (name: string, text: string): string => {
  writeFileSync(join(home, name), text);
  return name;
};

describe('vault write and update', () => {
  test('keep a value from the command line, and say who is replaced', async () => {
    expect(await run('vault', 'write', 'pw', 'open sesame')).toBe(0);
    expect(host.master.secrets.get('pw')).toBe('open sesame');
    expect(host.stdout).toBe('secret/pw is kept in version 1\n');
    host.master.usedBy = ['todo/web', 'todo/db'];
    expect(await run('vault', 'update', 'secret/pw', 'another')).toBe(0);
    expect(host.stderr).toBe('It is opened by todo/web, todo/db, which are replaced now.\n');
    expect(await run('vault', 'update', 'pw', 'another')).toBe(0);
    expect(host.stdout).toMatch(/secret\/pw is kept so already\n$/);
  });

  test('read stdin in a pipe, without its last line break', async () => {
    host = new FakeHost({ home, input: 'two\nlines\n' });
    expect(await run('vault', 'write', 'pw')).toBe(0);
    expect(host.master.secrets.get('pw')).toBe('two\nlines');
  });

  test('ask unseen at a terminal', async () => {
    host = new FakeHost({ home, answer: 'typed' });
    expect(await run('vault', 'write', 'pw')).toBe(0);
    expect([host.master.secrets.get('pw'), host.questions]).toEqual(['typed', ['Value of secret pw (hidden)']]);
  });

  test.each([
    [['vault', 'write', 'pw'], /there is no value for secret pw/],
    [['vault', 'update', 'pw', 'x'], /there is no secret pw/],
    [['vault', 'read', 'pw'], /there is no secret pw/],
  ])('%j is refused', async (args, message) => {
    expect(await run(...args)).toBe(1);
    expect(host.stderr).toMatch(message);
    expect(host.master.secrets.size).toBe(0);
  });

  test('write is for what is new, update --upsert for either', async () => {
    expect(await run('vault', 'update', '--upsert', 'pw', 'x')).toBe(0);
    expect(await run('vault', 'write', 'pw', 'y')).toBe(1);
    expect(host.master.secrets.get('pw')).toBe('x');
  });
});

test('vault rotate-key says how much another key seals now', async () => {
  host.master.secrets.set('a', 'one');
  expect(await run('vault', 'rotate-key')).toBe(0);
  expect([host.stdout, host.master.asked]).toEqual(['the vault has another key, which seals 1 value now\n', ['rotateKey']]);
});

describe('vault import and export', () => {
  test('hand on what they read, and remove what has no value', async () => {
    host.master.secrets.set('old', 'x');
    host.master.known = [resource('Secret', 'old')];
    expect(await run('vault', 'import', file('s.yml', 'a: 1\nb: "yes"\nold:\nnever:\n'))).toBe(0);
    expect([...host.master.secrets]).toEqual([['old', 'x'], ['a', '1'], ['b', 'yes']]);
    expect(host.master.asked).toContain('remove default secret old');
    expect(host.master.asked).not.toContain('remove default secret never');
    host.stdout = '';
    expect(await run('vault', 'export')).toBe(0);
    expect(host.stdout).toBe('old: x\n');
  });

  test('come from stdin, which is no name of a file', async () => {
    host = new FakeHost({ home, input: 'a: 1\n' });
    expect(await run('vault', 'import')).toBe(0);
    expect([...host.master.secrets]).toEqual([['a', '1']]);
  });

  test('take an empty value for none, or leave those without as they are, when told so', async () => {
    host.master.known = [resource('Secret', 'a')];
    expect(await run('vault', 'import', file('s.yml', 'a: ""\n'), '--empty-is-null')).toBe(0);
    expect(host.master.asked).toContain('remove default secret a');
    host.master.asked.length = 0;
    expect(await run('vault', 'import', file('s.yml', 'a:\nb: c\n'), '--skip-null')).toBe(0);
    expect(host.master.asked.filter((line) => line.startsWith('remove'))).toEqual([]);
  });

  test.each([
    ['a: [1]\n', /a is a list: the value of a secret is a text/],
    ['{}\n', /holds no secrets/],
    ['just words\n', /holds no secrets/],
    ['ok: x\na: "sesame\n', /is neither YAML nor JSON, by line 3/],
    ['a: *sesame\n', /is neither YAML nor JSON: values with signs that mean something in YAML are quoted/],
  ])('refuse %j, and tell no value', async (text, message) => {
    expect(await run('vault', 'import', file('s.yml', text))).toBe(1);
    expect(host.stderr).toMatch(message);
    expect(host.stderr).not.toContain('sesame');
  });

  test('keep every value as it is written', async () => {
    expect(await run('vault', 'import', file('s.yml', 'a: 0012\nb: 12345678901234567890\nc: 1.50\nd: 1e3\ne: TRUE\nf: 0x1F\n'))).toBe(0);
    expect([...host.master.secrets.values()]).toEqual(['0012', '12345678901234567890', '1.50', '1e3', 'TRUE', '0x1F']);
    host.master.secrets.clear();
    expect(await run('vault', 'import', file('s.json', '{"a": "x", "b": 7, "c": null}'))).toBe(0);
    expect([...host.master.secrets]).toEqual([['a', 'x'], ['b', '7']]);
  });
});

describe('certificates', () => {
  test('are imported from files and exported in parts', async () => {
    file('c.crt', 'CERT\n');
    file('c.key', 'KEY\n');
    file('ca.crt', 'CHAIN\n');
    expect(await run('certificate', 'import', 'c.crt', '--key', 'c.key', '--chain', 'ca.crt')).toBe(0);
    expect(host.master.certificates.get('example.com')).toEqual({ certificate: 'CERT\n', chain: 'CHAIN\n', privateKey: 'KEY\n' });
    host.stdout = '';
    expect(await run('certificate', 'export', 'example.com')).toBe(0);
    expect(await run('certificate', 'export', 'example.com', '--chain')).toBe(0);
    expect(host.stdout).toBe('CERT\nCHAIN\nKEY\nCHAIN\n');
  });

  const certificate = (phase: string, over: object = {}) => ({ resource: { ...resource('Certificate', 'example.com'), spec: { expiresAt: '2027-01-01T00:00:00.000Z' }, status: { phase, ...over } }, isGone: false });

  test('are requested, and waited for with each step told once', async () => {
    const records = [{ name: '_acme-challenge.example.com', type: 'TXT', value: 'v' }];
    host.master.changes = [
      certificate('ordering'), certificate('ordering', { order: { phase: 'placing' } }), certificate('ordering', { order: { phase: 'placing' }, reason: 'nothing listens' }),
      certificate('ordering', { order: { phase: 'proving' }, reason: 'waits', records }), certificate('ordering', { order: { phase: 'proving' }, reason: 'waits', records }), certificate('issued'), certificate('failed'),
    ];
    expect(await run('certificate', 'request', 'example.com', '*.example.com', '--email', 'a@b.c', '--answer-on', 'n1', '--answer-on', 'n2', '--key-id', 'k', '--key-secret', 's')).toBe(0);
    expect(host.master.asked).toEqual(['request certificate default {"names":["example.com","*.example.com"],"directory":"letsencrypt","answerOn":["n1","n2"],"isRenewal":false,"email":"a@b.c","binding":{"keyId":"k","secret":"s"}}']);
    expect(host.stdout.split('\n')).toEqual([
      'certificate/example.com is requested', 'the authority is asked', 'nothing listens', 'the authority is shown that the names are yours',
      'put this record into the DNS, and leave it there until the certificate is issued: _acme-challenge.example.com TXT v', 'certificate/example.com is there, until 2027-01-01T00:00:00.000Z', '',
    ]);
  });

  test('that are not issued say why and when it is tried again', async () => {
    host.master.changes = [certificate('failed', { reason: 'nobody answers', nextAt: 'later' })];
    expect(await run('certificate', 'request', 'example.com')).toBe(1);
    expect(host.stdout).toContain('certificate/example.com is not issued: nobody answers\nIt is tried again at later\n');
    expect(host.stderr).toContain('kontenactl describe certificate example.com');
    host.master.changes = [{ ...certificate('issued'), isGone: true }];
    expect(await run('certificate', 'request', 'example.com')).toBe(1);
    host.master.changes = [];
    expect(await run('certificate', 'request', 'example.com', '--no-wait')).toBe(0);
    expect(await run('certificate', 'request')).toBe(2);
    expect(await run('certificate', 'request', 'example.com', '--key-id', 'k')).toBe(2);
  });

  test('are listed with what stands in the way', async () => {
    host.master.known = [certificate('failed', { endsSoon: true, reason: 'nobody answers', nextAt: 'later' }).resource];
    expect(await run('get', 'certificates')).toBe(0);
    expect(host.stdout).toMatch(/NAME +PHASE +EXPIRES +NEXT .*\nexample\.com +failed +2027-01-01T00:00:00\.000Z +later .* it ends soon; nobody answers/);
  });

  test('whose file is not there are named', async () => {
    expect(await run('certificate', 'import', 'no.crt', '--key', 'no.key')).toBe(1);
    expect(host.stderr).toMatch(/no\.crt cannot be read/);
  });
});

describe('external-registry', () => {
  test('add keeps a login; the password comes from the command line, or stdin', async () => {
    expect(await run('external-registry', 'add', 'https://ghcr.io', '-u', 'ada', '-p', 'pw')).toBe(0);
    expect(host.stdout).toBe('registry/ghcr.io is asked as ada from now on\n');
    host = new FakeHost({ home, input: 'from stdin\n' });
    expect(await run('external-registry', 'add', '-u', 'ada')).toBe(0);
    expect(host.master.asked).toContain('writeRegistry default docker.io ada from stdin');
    host = new FakeHost({ home, answer: 'typed' });
    expect(await run('external-registry', 'add', 'ghcr.io', '-u', 'ada')).toBe(0);
    expect([host.questions, host.master.asked]).toEqual([['Password at ghcr.io (hidden)'], expect.arrayContaining(['writeRegistry default ghcr.io ada typed'])]);
  });

  test('add wants a user and a password', async () => {
    expect(await run('external-registry', 'add', 'ghcr.io', '-p', 'pw')).toBe(2);
    expect(await run('external-registry', 'add', 'ghcr.io', '-u', 'ada')).toBe(1);
    expect(host.stderr).toContain('there is no password for ghcr.io');
  });

  test('list and remove know it by its host', async () => {
    host.master.known = [resource('Registry', 'ghcr.io', { spec: { user: 'ada' }, status: { usedBy: ['todo/web'] } })];
    expect(await run('external-registry', 'ls')).toBe(0);
    expect(host.stdout).toMatch(/^NAME +USER +USED BY .*\nghcr\.io +ada +todo\/web /);
    expect(await run('external-registry', 'remove', 'ghcr.io', '--yes')).toBe(0);
    expect(host.stdout).toContain('registry/ghcr.io is asked as by everyone from now on\n');
  });
});
