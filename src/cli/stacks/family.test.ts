import { expect, test } from '@jest/globals';
import type { Resource } from '../../ports/index.js';
import { resource } from '../fake-host.js';
import { noLongerWanted, removalOrder, valuesWithChildren, withDescendants } from './family.js';

const stack = (name: string, { parent, links = [], variables = {} }: { readonly parent?: string; readonly links?: readonly string[]; readonly variables?: object } = {}): Resource =>
  resource('Stack', name, { spec: { ...(parent === undefined ? {} : { parent }), variables, services: { web: { links: links.map((service) => ({ service, alias: 'it' })) } } } });

const ALL = [
  stack('shop', { links: ['shop-db/web'], variables: { tag: '1' } }),
  stack('shop-db', { parent: 'shop', variables: { tag: '2' } }),
  stack('shop-db-disk', { parent: 'shop-db', links: ['shop/web'], variables: { size: 3 } }),
  stack('other'),
];

test('a stack is removed after those that link to it, with what was installed with it', () => {
  expect(withDescendants(['shop'], ALL)).toEqual(['shop-db-disk', 'shop', 'shop-db']);
  expect(withDescendants(['other', 'none'], ALL)).toEqual(['none', 'other']);
  expect(removalOrder([stack('a', { links: ['b/web'] }), stack('b', { links: ['a/web'] })])).toEqual(['a', 'b']);
});

test('what nothing that is declared depends on any more is known by its parent', () => {
  expect(noLongerWanted(new Set(['shop']), ALL)).toEqual(['shop-db-disk', 'shop-db']);
  expect(noLongerWanted(new Set(['shop', 'shop-db', 'shop-db-disk']), ALL)).toEqual([]);
  expect(noLongerWanted(new Set(['other']), ALL)).toEqual([]);
});

test('values of a stack come with those of what was installed with it', () => {
  expect(valuesWithChildren(ALL, 'shop')).toEqual({ tag: '1', 'db.tag': '2', 'db.disk.size': 3 });
  expect(valuesWithChildren(ALL, 'none')).toEqual({});
});
