import { expect, test } from '@jest/globals';
import { nearest } from './nearest.js';

test.each([['imgae', 'image'], ['enviroment', 'environment'], ['CPUs', 'cpus'], ['mem-limit', 'mem_limit'], ['evn', 'env'], ['xyz', undefined]])('%s is nearest to %s', (name, expected) => {
  expect(nearest(name, ['image', 'environment', 'cpus', 'mem_limit', 'env', 'build'])).toBe(expected);
});
