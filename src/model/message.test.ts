import { describe, expect, test } from '@jest/globals';
import { inWords, messageOf } from './message.js';

const fault = (code: string, more: object = {}): Error => Object.assign(new Error(`${code}: raw words of the system, open '/x'`), { code, ...more });

describe('the sentence of a thrown thing', () => {
  test.each<[string, unknown, string]>([
    ['an error of ours or a library', new Error('it broke'), 'it broke'],
    ['what is no error', 'a text', 'a text'],
    ['a missing file', fault('ENOENT', { path: '/x' }), 'there is no such file or directory'],
    ['a forbidden one', fault('EACCES'), 'this user may not'],
    ['a socket where nobody is', fault('ECONNREFUSED', { address: '/run/a.sock' }), 'nothing listens'],
    ['a port where nobody is', fault('ECONNREFUSED', { address: '127.0.0.1', port: 9 }), 'nothing listens at 127.0.0.1:9'],
    ['the same in the new way of writing', fault('ECONNREFUSED', { address: '::1', port: 9 }), 'nothing listens at [::1]:9'],
    ['a name nobody knows', fault('ENOTFOUND', { hostname: 'far.example' }), 'nobody knows the name far.example'],
    ['a code of somebody else', fault('SQLITE_BUSY'), "SQLITE_BUSY: raw words of the system, open '/x'"],
  ])('%s', (_title, error, says) => {
    expect(messageOf(error)).toBe(says);
  });
});

test.each([
  ['connect ECONNREFUSED 127.0.0.1:1', 'nothing listens'],
  ['EVERYTHING is in order', 'EVERYTHING is in order'],
])('a text that holds a code of the system, in words: %s', (text, says) => {
  expect(inWords(text)).toBe(says);
});
