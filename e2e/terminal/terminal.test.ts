import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { kontenactl, must, run, environment, KONTENACTL } from '../docker/harness/index.js';
import { KEY, Terminal } from './terminal.js';

const ASKING = `stack: acme/ask
variables:
  name: {type: string, default: anna, from: {prompt: Your name}}
  pass: {type: string, echo: false, from: {prompt: Password}}
  count: {type: integer, max: 5, from: {prompt: How many}}
  size: {type: enum, options: [small, medium, large], can_be_other: true, default: medium, from: {prompt: Which size}}
  place: {type: enum, options: [here, there], can_be_other: true, from: {prompt: Which place}}
  tls: {type: boolean, from: {prompt: With TLS}}
services:
  web: {image: "x:1", environment: ["ALL=\${name},\${pass},\${count},\${size},\${place},\${tls}"]}
`;

let home: string;
let terminal: Terminal | undefined;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kontena-terminal-'));
  writeFileSync(join(home, 'kontena.yml'), ASKING);
});
afterEach(() => {
  terminal?.close();
  rmSync(home, { recursive: true, force: true });
});
const open = (line: string, columns?: number): Terminal => (terminal = new Terminal(line, { home, ...(columns === undefined ? {} : { columns }) }));

describe('the questions of a stack file', () => {
  test('are asked one after the other: typed, unseen, corrected, chosen by arrow and number, other, yes or no', async () => {
    const at = open('kontenactl stack validate');
    await at.shows('Your name : (anna)');
    at.type(KEY.enter);
    await at.shows('Password :');
    at.type(`s3cret${KEY.enter}`);
    await at.shows('How many :');
    expect(at.everything).not.toContain('s3cret');
    at.type(`9${KEY.enter}`);
    await at.shows('It is too large: the maximum is 5, and it is 9.');
    at.type(`\u007F4${KEY.enter}`);
    await at.shows('Which size :');
    await at.shows('(Other)');
    at.type(`${KEY.down}${KEY.enter}`); // medium is preselected
    await at.shows('Which place :');
    await at.shows('(Other)');
    at.type(`3${KEY.enter}`);
    await at.shows('Which place : (Other)');
    await at.shows('Which place :');
    at.type(`nowhere${KEY.enter}`);
    await at.shows('With TLS : (Y/n)');
    at.type(`n${KEY.enter}`);
    await at.shows('ALL=anna,s3cret,4,large,nowhere,false');
    expect(await at.ends()).toBe(0);
  });

  test('are left with Ctrl-C: exit code 130, nothing changed, and the terminal as it was', async () => {
    const at = open('kontenactl stack validate; echo "ended with $?"; stty -a');
    await at.shows('Your name :');
    at.type(KEY.ctrlC);
    await at.shows('the question was left without an answer; nothing was changed');
    await at.shows('ended with 130');
    expect(await at.ends()).toBe(0);
    expect(at.text).toMatch(/ icanon /);
    expect(at.text).toMatch(/ echo /);
  });

  test('are not asked with --no-interactive, nor in a pipe: a missing value is named, and the flag that sets it', async () => {
    const piped = await kontenactl(home, ['stack', 'validate'], { cwd: home });
    expect([piped.code, piped.stdout]).toEqual([1, '']);
    expect(piped.stderr).toContain('kontena.yml:4:3  variables.pass  variable "pass" has no value, and needs one  set it with -v pass=VALUE\n');

    const at = open('kontenactl stack validate --no-interactive');
    expect(await at.ends()).toBe(1);
    expect(at.text).toContain('hint: set it with -v pass=VALUE');
    expect(at.text).not.toContain('Your name');
  });
});

describe('what is shown on a terminal', () => {
  test('a mistake stands under its line', async () => {
    writeFileSync(join(home, 'bad.yml'), 'stack: todo\nservices:\n  web: {imag: redis}\n');
    const at = open('kontenactl stack validate bad.yml');
    expect(await at.ends()).toBe(1);
    expect(at.text).toMatch(/bad\.yml:3:9 {2}error {2}services\.web\.imag {2}"imag" is not a key of a service\n +3 \| {3}web: \{imag: redis\}\n +\| {9}\^{4}\n {2}hint: did you mean image\?/);
  });
});

test('a command ends when nobody reads it any more', async () => {
  writeFileSync(join(home, 'long.yml'), `stack: long\nservices:\n  web:\n    image: x:1\n    environment:\n${Array.from({ length: 4000 }, (_none, index) => `      - NAME_${String(index)}=${'x'.repeat(30)}\n`).join('')}`);
  const stdout = await must('bash', ['-c', `'${process.execPath}' '${KONTENACTL}' stack validate long.yml | head -n 1; echo "\${PIPESTATUS[0]}"`], { cwd: home, env: environment(home) });
  expect(stdout).toBe('---\n141\n');
  const whole = await run('bash', ['-c', `'${process.execPath}' '${KONTENACTL}' stack validate long.yml | tail -n 1`], { cwd: home, env: environment(home) });
  expect(whole.stdout).toContain('NAME_3999=');
});
