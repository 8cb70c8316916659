import { type Action, ACTIONS, type Control, type TwoWay } from '../ports/index.js';

/** A call, whatever it is asked and answers. */
export type AnyCall = (...asked: readonly unknown[]) => unknown;
export type AnyAction = Action<readonly unknown[]>;

/** Control with each of its calls gone around, by what the table of its group says of it. */
export function aroundEach(control: Control, around: (call: AnyCall, action: AnyAction) => AnyCall): Control {
  const actions = ACTIONS as unknown as Readonly<Record<string, Readonly<Record<string, AnyAction>>>>;
  const group = (name: string, calls: object): object =>
    Object.fromEntries(Object.entries(calls as Record<string, AnyCall>).map(([call, asked]) => [call, around(asked, actions[name]?.[call] as AnyAction)]));
  return Object.fromEntries(Object.entries(control).map(([name, calls]: [string, object]) => [name, group(name, calls)])) as unknown as Control;
}

export const isItems = (answer: unknown): answer is AsyncIterable<unknown> => typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
export const isTwoWay = (answer: unknown): answer is TwoWay<unknown, unknown> => typeof answer === 'object' && answer !== null && 'received' in answer;
