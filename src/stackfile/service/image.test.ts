import { expect, test } from '@jest/globals';
import { isImage } from './image.js';

test.each([
  'redis', 'redis:7', 'redis:latest', 'acme/app', 'acme/app:1.2.0-rc.1', 'a/b/c/d:x', 'registry.example.com/app', 'registry.example.com:5000/team/app:v1', 'localhost:5000/x', 'LOCALHOST/x:1', '10.0.0.1:5000/x',
  '[::1]:5000/x', 'a__b', 'a_b', 'a-b--c', 'a.b', `redis@sha256:${'a'.repeat(64)}`, `r.io/x:1@sha256:${'0'.repeat(64)}`,
])('%s is an image', (text) => {
  expect(isImage(text)).toBe(true);
});

test.each(['', 'BB:1', 'BB:1:2', 'redis:', ':7', 'redis:7:8', 'a b', '-a', 'a-', 'a//b', '/a', 'a/', 'a:.1', 'a@sha256:12', 'a___b', 'a..b', 'http://a/b', 'a:b/c', `x:${'y'.repeat(129)}`])('%j is none', (text) => {
  expect(isImage(text)).toBe(false);
});
