import { describe, expect, test } from '@jest/globals';
import { containerName, isName, parseInstance, parseService, parseServiceRevision } from './index.js';

describe('names', () => {
  test.each(['todo', 'a', 'web-1', 'my_app', '9lives', 'x'.repeat(63)])('%s names something', (name) => expect(isName(name)).toBe(true));
  test.each(['', '-todo', 'to do', 'a/b', 'a.b', 'ä', 'x'.repeat(64)])('"%s" names nothing', (name) => expect(isName(name)).toBe(false));

  test('an instance comes apart into stack, service, slot and round', () => {
    expect(parseInstance('todo/web.2@57')).toEqual({ stack: 'todo', service: 'todo/web', slot: 2, round: 57 });
  });

  test.each(['todo/web', 'todo/web@57', 'todo/web.2', 'web.2@57', 'todo/web.x@1'])('%s is not an instance', (name) => {
    expect(parseInstance(name)).toBeUndefined();
  });

  test('services and their revisions come apart', () => {
    expect(parseService('todo/web')).toEqual({ stack: 'todo', service: 'web' });
    expect(parseService('todo/web@4')).toBeUndefined();
    expect(parseServiceRevision('todo/web@41')).toEqual({ service: 'todo/web', revision: 41 });
    expect(parseServiceRevision('todo/web')).toBeUndefined();
  });

  test('a container is named after its instance in letters an engine accepts', () => {
    expect(containerName('todo/web.2@57')).toBe('todo.web-2.57');
    expect(() => containerName('todo/web')).toThrow(RangeError);
  });
});
