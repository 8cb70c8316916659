import { expect, test } from '@jest/globals';
import { ACTIONS } from '../../../ports/index.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { ServingOf } from '../serving.js';
import { controlService } from './index.js';

/** Serves nothing: each method is the name of its call. */
const naming = ((group: string) => {
  const name = (call: string): string => `${group}.${call}`;
  return { ask: name, stream: name, carry: name };
}) as unknown as ServingOf;

const served = controlService(naming, () => '') as unknown as Readonly<Record<string, string>>;
const calls = Object.entries(ACTIONS).flatMap(([group, actions]) => Object.keys(actions).map((call) => `${group}.${call}`));

test.each(Object.keys(ControlService))('The method %s of the protocol is served by a call that has an action', (method) => {
  expect(calls).toContain(served[method]);
});

test('Every call has a method of its own', () => {
  expect(Object.values(served).sort()).toEqual([...calls].sort());
});
