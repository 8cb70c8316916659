import { hookKey, type HookMoment, type HookSpec, parseInstance, type ServiceSpec } from '../../model/index.js';

/** How many hooks of each moment, as they are declared, this life of the container has behind it. */
export type HooksPassed = Readonly<Record<HookMoment, number>>;

export const NO_HOOKS_PASSED: HooksPassed = { preStart: 0, postStart: 0, preStop: 0 };
export const ALL_HOOKS_PASSED: HooksPassed = { preStart: Infinity, postStart: Infinity, preStop: Infinity };

/** A hook in its place among those of its moment. */
export interface HookStep {
  readonly moment: HookMoment;
  readonly hook: HookSpec;
  readonly position: number;
}

export interface HooksOf {
  readonly instance: string;
  readonly passed: HooksPassed;
  /** Hooks that run once and that the slot has behind it, by their keys. */
  readonly done: readonly string[];
}

/** The next hook to run at a moment; undefined when all are done with. */
export function nextHook(spec: ServiceSpec, moment: HookMoment, { instance, passed, done }: HooksOf): HookStep | undefined {
  const slot = parseInstance(instance)?.slot ?? 0;
  const isDue = (hook: HookSpec): boolean => (hook.instances === '*' || hook.instances.includes(slot)) && !(hook.oneshot && done.includes(hookKey({ moment, hook })));
  const position = spec.hooks[moment].findIndex((hook, index) => index >= passed[moment] && isDue(hook));
  const hook = spec.hooks[moment][position];
  return hook === undefined ? undefined : { moment, hook, position };
}
