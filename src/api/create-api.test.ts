import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ACTIONS, type Control } from '../ports/index.js';
import { openApi, type OpenedApi } from '../testing/opened-api.js';

let api: OpenedApi;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

test('Every group of calls has its actions', () => {
  expect(Object.keys(ACTIONS).sort()).toEqual(Object.keys(api.control).sort());
});

test.each(Object.keys(ACTIONS) as (keyof Control)[])('Every call of %s has an action', (group) => {
  expect(Object.keys(ACTIONS[group]).sort()).toEqual(Object.keys(api.control[group]).sort());
});

test('No two calls are one action', () => {
  const said = Object.values(ACTIONS).flatMap((actions) => Object.values<{ readonly action: unknown }>(actions).map(({ action }) => action)).filter((action) => typeof action === 'string');
  expect(said).toEqual([...new Set(said)]);
  for (const action of said) expect(action).toMatch(/^[a-z]+\.[a-z]+(-[a-z]+)*$/);
});

test('What serves several kinds is an action of the kind that is meant', () => {
  const { list, watch, history, remove } = ACTIONS.resources;
  const actionOf = <Asked extends readonly unknown[]>(action: string | ((...asked: Asked) => string), ...asked: Asked): string => (typeof action === 'string' ? action : action(...asked));
  const query = { grid: 'default', kind: 'secret' } as const;
  expect([actionOf(list.action, query), actionOf(watch.action, query, new AbortController().signal), actionOf(history.action, 'default', 'node', 'n1'), actionOf(remove.action, 'default', 'stack', 'todo')])
    .toEqual(['secret.list', 'secret.watch', 'node.history', 'stack.remove']);
});
