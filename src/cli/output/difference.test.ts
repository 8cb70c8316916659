import { expect, test } from '@jest/globals';
import pico from 'picocolors';
import { renderDifferences } from './difference.js';

const colours = pico.createColors(false);
const line = (from: unknown, to: unknown): string | undefined =>
  renderDifferences([{ kind: 'Service', name: 'todo/web', action: 'update', replaces: false, fields: [{ path: 'command[2]', from, to }] }], colours)[1]?.trim();

const words = 'java -Xmx512m -Dspring.profiles.active=production -jar /srv/app.jar --port=8080 --verbose';
const long = 'x'.repeat(200);

test.each<[string, unknown, unknown, string]>([
  ['short values whole', 3, 5, 'command[2]: 3 → 5'],
  ['what is not there', undefined, 'a', 'command[2]: nothing → a'],
  ['the end of a long one', words, words.replace('8080', '9090'), 'command[2]: ….jar --port=8080 --verbose → ….jar --port=9090 --verbose'],
  ['the middle', `${long}1${long}`, `${long}22${long}`, 'command[2]: …xxxxxxxxxxxx1xxxxxxxxxxxx… → …xxxxxxxxxxxx22xxxxxxxxxxxx…'],
  ['the beginning', `a${long}`, `b${long}`, 'command[2]: axxxxxxxxxxxx… → bxxxxxxxxxxxx…'],
  ['what is only longer', long, `${long}x`, 'command[2]: …xxxxxxxxxxxx → …xxxxxxxxxxxxx'],
  ['what differs all over is cut', 'a'.repeat(100), 'b'.repeat(100), `command[2]: ${'a'.repeat(60)}… → ${'b'.repeat(60)}…`],
])('a difference shows %s', (_title, from, to, says) => {
  expect(line(from, to)).toBe(says);
});
