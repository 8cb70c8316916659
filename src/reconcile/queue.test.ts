import { describe, expect, test } from '@jest/globals';
import { Queue } from './queue.js';

describe('the queue', () => {
  test('is fair: first in, first out', () => {
    const queue = new Queue();
    queue.add('a');
    queue.add('b');
    expect([queue.take(), queue.take(), queue.take()]).toEqual(['a', 'b', undefined]);
  });

  test('is stingy: a name waits once, however often it is added', () => {
    const queue = new Queue();
    queue.add('a');
    queue.add('a');
    expect([queue.take(), queue.take()]).toEqual(['a', undefined]);
  });

  test('a name added while being worked on is worked on once more, afterwards', () => {
    const queue = new Queue();
    queue.add('a');
    queue.take();
    queue.add('a');
    queue.add('a');
    expect(queue.take()).toBeUndefined();
    queue.done('a');
    expect(queue.take()).toBe('a');
    queue.done('a');
    expect(queue.isIdle).toBe(true);
  });

  test('is idle only when nothing waits and nothing is worked on', () => {
    const queue = new Queue();
    expect(queue.isIdle).toBe(true);
    queue.add('a');
    expect(queue.isIdle).toBe(false);
    queue.take();
    expect(queue.isIdle).toBe(false);
    queue.done('a');
    expect(queue.isIdle).toBe(true);
  });
});
