import { describe, expect, test } from '@jest/globals';
import { affinityMistake, parseAffinity } from './affinity.js';

describe('an affinity rule', () => {
  test.each<[string, object]>([
    ['node==n1', { key: 'node', isEqual: true, isSoft: false, value: 'n1' }],
    ['label!=az=a', { key: 'label', isEqual: false, isSoft: false, value: 'az=a' }],
    ['service==~todo/web', { key: 'service', isEqual: true, isSoft: true, value: 'todo/web' }],
    ['container!=~x', { key: 'container', isEqual: false, isSoft: true, value: 'x' }],
    ['node==~~n1', { isSoft: true, value: '~n1' }],
    ['node==n%s', { value: 'n3' }],
    ['node==n%d-%i', { value: 'n3-3' }],
    ['label==load=50%%', { value: 'load=50%' }],
    ['node==/n[13]/', { value: '/n[13]/', pattern: /n[13]/ }],
    ['node==/n%s$/', { pattern: /n3$/ }],
  ])('%s is read', (text, expected) => {
    expect(parseAffinity(text, 3)).toMatchObject({ text, ...expected });
    expect(affinityMistake(text)).toBeUndefined();
  });

  test.each<[string, string]>([
    ['ssd', 'has no operator'],
    ['==n1', 'has no operator'],
    ['node==', 'compares with nothing'],
    ['nod==n1', 'begins with "nod"'],
    ['label===disk=ssd', 'begins with "label="'],
    ['node!=n1==n2', 'begins with "node!=n1"'],
    ['label==load=50%', 'has a %'],
    ['node==/n[/', 'is not a valid regular expression'],
  ])('%s is refused', (text, mistake) => {
    expect(affinityMistake(text)).toContain(mistake);
  });
});
