import type { Applied } from './applied.js';

/** What a person does with what is declared. Starting and stopping are a state, the others a new round of instances. */
export type Verb = 'start' | 'stop' | 'restart' | 'redeploy';

/** A call for each, by the name of a service or a stack. */
export type VerbCalls = { readonly [V in Verb]: (grid: string, name: string) => Promise<Applied> };
