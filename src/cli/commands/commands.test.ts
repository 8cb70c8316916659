import { describe, expect, test } from '@jest/globals';
import { COMMANDS } from './index.js';

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
