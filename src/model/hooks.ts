import type { HookSpec, ServiceSpec } from './service.js';

export type HookMoment = keyof ServiceSpec['hooks'];

/** By what a hook that runs once is known, whatever its command: `preStart migrate`. */
export const hookKey = ({ moment, hook }: { readonly moment: HookMoment; readonly hook: Pick<HookSpec, 'name'> }): string => `${moment} ${hook.name}`;

/** The hooks of a service that run once, by their keys. */
export const onceHooks = ({ hooks }: Pick<ServiceSpec, 'hooks'>): readonly string[] =>
  (Object.keys(hooks) as HookMoment[]).flatMap((moment) => hooks[moment].filter(({ oneshot }) => oneshot).map((hook) => hookKey({ moment, hook })));
