import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ProgramInput, ProgramOutput } from '../model/index.js';
import { FakeHost, resource } from './fake-host.js';
import { runCommandLine } from './main.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kontena-exec-'));
  writeFileSync(join(home, 'admin.json'), JSON.stringify({ server: 'master:9292', ca: 'c', certificate: 'c', key: 'k' }));
  writeFileSync(join(home, 'config.yaml'), JSON.stringify({ current: 'test', contexts: [{ name: 'test', credential: join(home, 'admin.json') }] }));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const machine = (wish: Partial<ConstructorParameters<typeof FakeHost>[0]> = {}): FakeHost => new FakeHost({ home, env: { KONTENA_CONFIG: join(home, 'config.yaml') }, ...wish });
const type = (host: FakeHost, ...words: readonly string[]): Promise<number> => runCommandLine(words, process.cwd(), host);
const out = (text: string, stream: 'stdout' | 'stderr' = 'stdout'): ProgramOutput => ({ kind: 'output', stream, bytes: Buffer.from(text) });
const textOf = (said: readonly ProgramInput[]): string => said.map((input) => (input.kind === 'input' ? Buffer.from(input.bytes).toString() : input.kind)).join(' ');

describe('exec', () => {
  test('runs what stands after --, its outputs apart, and ends with its exit code', async () => {
    const host = machine();
    host.master.says = () => [out('one\n'), out('two\n', 'stderr'), { kind: 'exit', code: 42 }];
    expect(await type(host, 'exec', 'todo/web.1', '-u', 'root', '--', 'ls', '-la', '--help')).toBe(42);
    expect([host.stdout, host.stderr]).toEqual(['one\n', 'two\n']);
    expect(host.master.asked).toEqual(['exec todo/web.1 {"command":["ls","-la","--help"],"hasInput":false,"user":"root"}']);
    expect(host.master.said).toEqual([]);
  });

  test('gives it what is piped, and says when that has ended', async () => {
    const host = machine({ input: 'select 1' });
    host.master.says = () => [out('ok\n')];
    expect(await type(host, 'exec', 'instance/todo/db.1', '-i', '--', 'psql')).toBe(0);
    expect(textOf(host.master.said)).toBe('select 1 inputEnd');
    expect(host.master.asked[0]).toContain('exec todo/db.1 ');
  });

  test('gives it the terminal, its size whenever that changes, and signals; and the terminal back', async () => {
    const host = machine({ typed: 'exit\r', columns: 100 });
    host.master.says = () => {
      host.resize({ columns: 50, rows: 10 });
      host.signal('TERM');
      expect(host.isRestored).toBe(false);
      return [out('# ')];
    };
    expect(await type(host, 'exec', 'todo/web.1', '-it', '--', 'sh')).toBe(0);
    expect(host.master.asked[0]).toContain('"terminal":{"columns":100,"rows":24}');
    expect(host.master.said).toEqual(expect.arrayContaining([{ kind: 'resize', columns: 50, rows: 10 }, { kind: 'signal', signal: 'TERM' }]));
    expect(host.isRestored).toBe(true);
  });

  test.each([[['exec', 'todo/web.1'], 'no command is given'], [['exec', 'todo/web.1', '-it', '--', 'sh'], 'needs a terminal'], [['exec', 'todo/web', '--all', '-i', '--', 'sh'], '--all']])('%j is wrong usage', async (words, why) => {
    const host = machine();
    expect(await type(host, ...words)).toBe(2);
    expect(host.stderr).toContain(why);
  });

  test('what is not there, or ends without a word, is told', async () => {
    const host = machine();
    expect(await type(host, 'exec', 'todo/nobody', '--', 'ls')).toBe(1);
    expect(host.stderr).toContain('no instance of todo/nobody runs at the moment');
  });

  test('--all runs it in each that runs, whole lines with their instance, and ends with the first that failed', async () => {
    const host = machine();
    host.master.known = [resource('Service', 'todo/web'), ...['1', '2', '3'].map((slot) => resource('Instance', `todo/web.${slot}@5`, { status: { phase: slot === '3' ? 'starting' : 'running' } }))];
    host.master.says = (_call, name) => [out(`half of `), out(`${name}\nrest`), out('bad\n', 'stderr'), { kind: 'exit', code: name.includes('.2') ? 3 : 0 }];
    expect(await type(host, 'exec', 'todo/web', '--all', '--', 'date')).toBe(3);
    expect(host.stdout.split('\n').sort()).toEqual(['', 'todo/web.1@5 | half of todo/web.1@5', 'todo/web.1@5 | rest', 'todo/web.2@5 | half of todo/web.2@5', 'todo/web.2@5 | rest']);
    expect(host.stderr.split('\n').sort()).toEqual(['', 'todo/web.1@5 | bad', 'todo/web.2@5 | bad']);
    host.master.known = [resource('Service', 'todo/web')];
    expect(await type(host, 'exec', 'todo/web', '--all', '--', 'date')).toBe(1);
    expect(host.stderr).toContain('no instance of todo/web runs at the moment');
  });
});

describe('attach', () => {
  test('shows what the program writes, and ends with it', async () => {
    const host = machine();
    host.master.says = () => [out('tick\n'), { kind: 'exit', code: 7 }];
    expect(await type(host, 'attach', 'todo/web.1')).toBe(7);
    expect([host.stdout, host.master.asked]).toEqual(['tick\n', ['attach todo/web.1 {}']]);
  });
});

describe('cp', () => {
  test('goes one way or the other', async () => {
    const host = machine({ input: 'a tar' });
    writeFileSync(join(home, 'file'), 'x');
    host.master.paths = { 'todo/web.1:/tmp': { kind: 'directory' } };
    expect(await type(host, 'cp', 'file', 'instance/todo/web.1:/tmp')).toBe(0);
    expect(host.master.tars.get('todo/web.1:/tmp')?.toString()).toMatch(/^file\0/);
    expect(await type(host, 'cp', '-', 'todo/web.1:/raw')).toBe(0);
    expect(await type(host, 'cp', 'todo/web.1:/raw', '-')).toBe(0);
    expect(host.stdout).toBe('a tar');
  });

  test.each([[['a', 'b'], 'neither is a path of an instance'], [['todo/a.1:/x', 'todo/b.1:/y'], 'both are paths of instances'], [['todo/a.1:x', 'y'], 'begins with /']])('%j is wrong usage', async (places, why) => {
    const host = machine();
    expect(await type(host, 'cp', ...places)).toBe(2);
    expect(host.stderr).toContain(why);
  });
});
