import { expect, test } from '@jest/globals';
import { Crowd } from './crowd.js';

function crowd(room: { readonly inAll: number; readonly each: number }): { readonly enter: (origin: string, name: string) => () => void; readonly dropped: string[] } {
  const dropped: string[] = [];
  const places = new Crowd(room, () => undefined);
  return { dropped, enter: (origin, name) => places.enter(origin, () => void dropped.push(name)) };
}

test('of one origin the oldest gives way, and others do not notice', () => {
  const { enter, dropped } = crowd({ inAll: 10, each: 2 });
  enter('b', 'b1');
  for (const name of ['a1', 'a2', 'a3', 'a4']) enter('a', name);
  expect(dropped).toEqual(['a1', 'a2']);
});

test('when there is no room at all, whoever has most makes it', () => {
  const { enter, dropped } = crowd({ inAll: 4, each: 3 });
  enter('b', 'b1');
  for (const name of ['a1', 'a2', 'a3']) enter('a', name);
  enter('c', 'c1');
  enter('d', 'd1');
  expect(dropped).toEqual(['a1', 'a2']);
});

test('who leaves makes room, once', () => {
  const { enter, dropped } = crowd({ inAll: 2, each: 2 });
  const leave = enter('a', 'a1');
  enter('b', 'b1');
  leave();
  leave();
  enter('c', 'c1');
  expect(dropped).toEqual([]);
  enter('d', 'd1');
  expect(dropped).toEqual(['b1']);
});
