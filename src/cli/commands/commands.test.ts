import { describe, expect, test } from '@jest/globals';
import { KINDS } from '../names.js';
import { COMMANDS } from './index.js';
import Get from './get.js';

interface Described {
  readonly summary?: string;
  readonly description?: string;
}

interface Documented extends Described {
  readonly examples?: readonly unknown[];
  readonly flags?: Readonly<Record<string, Described>>;
  readonly args?: Readonly<Record<string, Described>>;
}

describe('the help tells all there is to a command', () => {
  test.each(Object.entries(COMMANDS))('%s', (id, command) => {
    const { summary = '', examples = [], flags = {}, args = {} } = command as Documented;
    expect(summary).toMatch(/^[A-Z].*\.$/s);
    expect(examples.map(String).filter((example) => example.includes(`<%= config.bin %> ${id.replaceAll(':', ' ')}`))).not.toEqual([]);
    expect(Object.entries(flags).filter(([, flag]) => (flag.summary ?? '') === '').map(([name]) => name)).toEqual([]);
    expect(Object.entries(args).filter(([, arg]) => (arg.description ?? '') === '').map(([name]) => name)).toEqual([]);
  });
});

test('the help of get names every kind', () => {
  expect(Object.values(KINDS).filter(({ plural }) => !(Get.args.kind.description ?? '').includes(plural))).toEqual([]);
});

test.each(Object.entries(COMMANDS).filter(([, command]) => (command as Documented).flags?.['variable'] !== undefined))('%s says how a dependency is given a value', (_id, command) => {
  expect((command as Documented).flags?.['variable']?.summary).toContain('child.name=value');
});
