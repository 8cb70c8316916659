import { describe, expect, test } from '@jest/globals';
import { readStack } from './read.js';
import { reading } from './reading-for-tests.js';
import { LANGUAGE_VERSION, meets } from './required-version.js';

describe('a requirement', () => {
  test.each([
    ['1.5.4', '>= 1.3', true], ['1.5.4', '>= 1.5.4', true], ['1.5.4', '>= 1.5.5', false], ['1.5.4', '> 1.5', true], ['1.5.4', '> 1.5.4', false],
    ['1.5.4', '< 2', true], ['1.5.4', '< 1.5.4', false], ['1.5.4', '<= 1.5.4', true], ['1.5.4', '1.5.4', true], ['1.5.0', '= 1.5', true], ['1.5.4', '1.5', false],
    ['1.5.4', '!= 1.5.4', false], ['1.5.4', '~> 1.5.2', true], ['1.5.4', '~> 1.4', true], ['1.5.4', '~> 1.4.0', false], ['1.5.4', '~> 1', true], ['1.5.4', '~> 2', false],
    ['1.5.4', '>= 1.2, < 1.5', false], ['1.5.4', '>=1.2,<2', true], ['1.10.0', '>= 1.9', true], ['1.4.0.pre2', '>= 1.4.0', false], ['1.4.0', '>= 1.4.0.pre2', true], ['1.4.0', '>= 1.4.0.rc1', true],
    ['1.4.0.rc2', '> 1.4.0.rc1', true], ['1.4.0.beta1', '< 1.4.0.rc1', true], ['1.5.4', '~> 1.5.0.pre1', true],
  ])('%s meets %j: %s', (version, requirement, expected) => {
    expect(meets(version, requirement)).toBe(expected);
  });

  test.each(['', 'new', '>= ', '>> 1', '>= 1,', 'v1.2', '^1.2'])('%j is none', (requirement) => {
    expect(meets('1.5.4', requirement)).toBeUndefined();
  });
});

const withRequirement = (text: string): string => `stack: a\nmeta:\n  required_kontena_version: ${text}\nservices:\n  web:\n    image: b\n`;

test.each([
  ['">= 1.3.0"', []],
  ['1.5.4', []],
  ['">= 2.0"', [`f.yml:3:29 meta.required_kontena_version the file asks for Kontena >= 2.0, and stack files are read here as Kontena ${LANGUAGE_VERSION} read them`]],
  ['newest', ['f.yml:3:29 meta.required_kontena_version "newest" is no requirement of a version']],
])('a file that asks for %s', async (text, expected) => {
  const { mistakes, stack } = await readStack(reading(withRequirement(text)));
  expect(stack).toBeDefined();
  expect(mistakes.map(({ severity, line, column, path, message }) => `${severity === 'warning' ? 'f.yml' : severity}:${String(line)}:${String(column)} ${path} ${message}`)).toEqual(expected);
});
