import { type Change, type Mistake, put, type Revision, type StackBody } from '../model/index.js';
import type { Applied, Author, Difference, SealedChange, Store, View } from '../ports/index.js';
import { stackDifferences } from './differences.js';

/** What a stack becomes by one act of a person, as a plan for the store. */
export interface Decision {
  readonly steps: readonly Change[];
  readonly sealed?: readonly SealedChange[];
  readonly differences: readonly Difference[];
  readonly warnings: readonly Mistake[];
  /** Of the stack's record as it is; undefined when there is none. */
  readonly revision: Revision | undefined;
}

/** Records what is decided, and says what it came to. */
export async function record(store: Store, author: Author, name: string, decide: (view: View) => Decision): Promise<Applied> {
  const { plan, revision } = await store.update(author, decide);
  return {
    name,
    revision: plan.steps.length > 0 ? revision : (plan.revision ?? revision),
    differences: plan.differences,
    warnings: plan.warnings,
  };
}

export interface Transition {
  readonly before: StackBody | undefined;
  readonly after: StackBody;
  readonly why: string;
}

/** A stack as it was and is to be, as a decision. Equal input writes nothing. */
export function decide(name: string, { before, after, why }: Transition, revision: Revision | undefined, warnings: readonly Mistake[]): Decision {
  const differences = stackDifferences(name, before, after);
  return { steps: differences.length === 0 ? [] : [put('Stack', name, after, why)], differences, warnings, revision };
}
