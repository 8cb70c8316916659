import { type HookSpec, parseInstance, type ServiceSpec } from '../model/index.js';

export type HookMoment = keyof ServiceSpec['hooks'];

/** How many hooks of each moment are done with, in this life of the container. */
export type HooksDone = Readonly<Record<HookMoment, number>>;

export const NO_HOOKS_DONE: HooksDone = { preStart: 0, postStart: 0, preStop: 0 };
export const ALL_HOOKS_DONE: HooksDone = { preStart: Infinity, postStart: Infinity, preStop: Infinity };

/** The next hook to run at a moment; undefined when all are done with. One that runs once is left out when the container ran before. */
export function nextHook(spec: ServiceSpec, moment: HookMoment, done: HooksDone, { instance, ranBefore }: { readonly instance: string; readonly ranBefore: boolean }): HookSpec | undefined {
  const slot = parseInstance(instance)?.slot ?? 0;
  const mine = spec.hooks[moment].filter(({ instances, oneshot }) => (instances === '*' || instances.includes(slot)) && !(oneshot && ranBefore));
  return mine[done[moment]];
}
