import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EMPTY_DIGEST, SetDigest } from './set-digest.js';

function digestOf(texts: readonly string[]): string {
  const digest = new SetDigest();
  for (const text of texts) digest.add(text);
  return String(digest);
}

describe('the digest of a set', () => {
  test('is that of nothing while nothing is in it', () => {
    expect(digestOf([])).toBe(EMPTY_DIGEST);
  });

  test('does not depend on the order of its members', () => {
    fc.assert(fc.property(fc.array(fc.string()), (texts) => expect(digestOf([...texts].reverse())).toBe(digestOf(texts))));
  });

  test('forgets a member that was taken out', () => {
    fc.assert(fc.property(fc.array(fc.string()), fc.string(), (texts, extra) => {
      const digest = new SetDigest();
      digest.add(extra);
      for (const text of texts) digest.add(text);
      digest.remove(extra);
      expect(String(digest)).toBe(digestOf(texts));
    }));
  });

  test('tells texts apart that differ in one letter, also beyond Latin', () => {
    const texts = ['web 10.81.1.2', 'web 10.81.1.3', 'wéb 10.81.1.2', 'wŁb 10.81.1.2', 'wAb 10.81.1.2'];
    expect(new Set(texts.map((text) => digestOf([text]))).size).toBe(texts.length);
  });
});
