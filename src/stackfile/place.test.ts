import { expect, test } from '@jest/globals';
import { placeMistakes } from './index.js';

const text = 'stack: a\nservices:\n  web:\n    image: i\n    secrets:\n      - {secret: ONE, name: A, type: env}\n      - {secret: TWO, name: B, type: env}\n';
const at = (path: string): string => {
  const [{ file, line, column } = {}] = placeMistakes({ name: 'f.yml', text }, [{ severity: 'error', path, message: 'm' }]);
  return `${String(file)}:${String(line)}:${String(column)}`;
};

test('What a master finds is shown where it stands in the file, or where what holds it stands', () => {
  expect([at('services.web.secrets[1]'), at('services.web.image'), at('services.web.links[3]')]).toEqual(['f.yml:7:9', 'f.yml:4:12', expect.stringMatching(/^f\.yml:[34]:\d+$/)]);
});

test('What has no place, or no readable file, stays as it is', () => {
  const mistakes = [{ severity: 'error' as const, path: '', message: 'and 3 more' }];
  expect(placeMistakes({ name: 'f.yml', text }, mistakes)).toEqual(mistakes);
  expect(placeMistakes({ name: 'f.yml', text: '' }, mistakes)).toEqual(mistakes);
});
