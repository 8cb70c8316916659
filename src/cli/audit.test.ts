import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { FakeClock } from '../testing/fake-clock.js';
import { testAudit, testSeal } from '../testing/test-audit.js';
import { FakeHost } from './fake-host.js';
import { runCommandLine } from './main.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-cli-audit-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const seal = testSeal();
let home: string;
let host: FakeHost;
beforeEach(async () => {
  home = mkdtempSync(join(root, 'home-'));
  mkdirSync(join(home, '.config', 'kontena'), { recursive: true });
  writeFileSync(join(home, '.config', 'kontena', 'config.yaml'), 'current: dev\ncontexts:\n  - {name: dev, server: "m:9292", ca: CA, certificate: CERT, key: KEY}\n');
  host = new FakeHost({ home });
  const log = testAudit(new FakeClock(1_767_225_600_000), ':memory:', seal);
  for (const who of ['ada', 'bob']) await log.note({ who, action: 'secret.read', grid: 'default', name: 'pw', outcome: 'done' });
  host.master.exported = [...log.exported()];
  log.close();
});

const run = (line: string): Promise<number> => runCommandLine(line.split(' '), root, host);

test('Entries are lines, and what strangers wrote cannot move the cursor', async () => {
  host.master.noted = [
    { number: 1, at: 1_767_225_600_000, who: 'ada', from: '192.0.2.7', action: 'secret.read', grid: 'default', name: 'pw', outcome: 'done' },
    { number: 2, at: 1_767_225_600_000, who: 'token \u001b[2J\u202e\n', action: 'node.join', name: 'n1', outcome: 'refused', reason: 'no such token', count: 3 },
  ];
  expect(await run('audit')).toBe(0);
  expect(host.stdout.split('\n')).toEqual([
    '2026-01-01T00:00:00.000Z  ada           192.0.2.7        secret.read           default/pw                done',
    '2026-01-01T00:00:00.000Z  token \\u001b[2J\\u202e\\u000a  -                node.join             master/n1                 refused  3 times; no such token',
    '',
  ]);
  host.stdout = '';
  expect(await run('audit -o json')).toBe(0);
  expect(host.stdout).not.toMatch(/[\u001b\u202e]/u);
  expect(host.stdout.trimEnd().split('\n').map((line) => (JSON.parse(line) as { who: string }).who)).toEqual(['ada', 'token \u001b[2J\u202e\n']);
});

test('What is asked for is asked of the master; the grid only where one is named', async () => {
  await run('audit --user ada --action secret.* --since 2026-01-01T00:00:00Z -f');
  await run('audit --grid shop');
  expect(host.master.asked).toEqual(['audit {"who":"ada","action":"secret.*","since":"2026-01-01T00:00:00.000Z","follow":true}', 'audit {"grid":"shop","follow":false}']);
});

test('A log is exported, and checked without a master', async () => {
  expect(await run('audit export -o log.jsonl')).toBe(0);
  expect(await run('audit key')).toBe(0);
  expect(host.stdout).toContain(seal.publicKey);
  writeFileSync(join(home, 'audit.pub'), seal.publicKey);
  host.stdout = '';
  expect(await run('audit verify log.jsonl --key audit.pub')).toBe(0);
  const [said, , last] = host.stdout.trimEnd().split('\n');
  expect(said).toBe('2 entries of cluster c1: none changed, none missing, signed at 2026-01-01T00:00:00.000Z');
  expect(host.connected).toHaveLength(2); // to export, and for the key
  expect(await run(`audit verify log.jsonl --known ${last?.split(/ +/)[1] ?? ''}`)).toBe(0);
  expect(host.stderr).toContain('the one that the log itself names');

  writeFileSync(join(home, 'bent.jsonl'), readFileSync(join(home, 'log.jsonl'), 'utf8').replace('"bob"', '"eve"'));
  expect(await run('audit verify bent.jsonl')).toBe(1);
  expect(host.stderr).toContain('entry 2 was changed');
});

test('The log of the master is checked as it comes', async () => {
  expect(await run('audit verify -o json')).toBe(0);
  expect(JSON.parse(host.stdout)).toMatchObject({ entries: 2, cluster: 'c1', last: expect.stringMatching(/^2:[0-9a-f]{64}$/) });
});

test('What cannot be read, and what is no head, is said', async () => {
  expect(await run('audit verify nothing.jsonl')).toBe(1);
  expect(host.stderr).toContain('nothing.jsonl cannot be read');
  expect(await run('audit verify --known x')).toBe(2);
});
