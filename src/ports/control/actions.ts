import type { ResourceKind } from './kinds.js';

/** What a call is: to whoever may make it or not, and to whoever reads later that it was made. */
export interface Action<Asked extends readonly unknown[] = never> {
  /** What it acts upon, and how; of a call that serves several kinds, as what is asked says. */
  readonly action: ActionName | ((...asked: Asked) => ActionName);
  /** Something may be other than it was, here or on a node. */
  readonly isChange: boolean;
  /** Changes nothing, and stands in the audit log all the same: what it gives away counts. */
  readonly isNoted?: boolean;
  /** What exactly it acts upon: where the right to it is looked for. */
  readonly on: (...asked: Asked) => Target;
  /** What of it is worth knowing later; never a value. */
  readonly detail?: (...asked: Asked) => string | undefined;
}

/** `stack.apply`. */
export type ActionName = `${string}.${string}`;

/** What is acted upon. */
export interface Target {
  /** Absent where it is the master, and so all of its grids. */
  readonly grid?: string;
  /** Of what kind `name` is; a service, a stack or an instance where it may be any of them. */
  readonly kind?: ResourceKind | 'any';
  /** As typed, so it may be short. */
  readonly name?: string;
  /** A list over all grids: each item is looked at by itself. */
  readonly isEach?: boolean;
}

/** The actions of a group of calls: none may be left out. */
export type Actions<Calls> = { readonly [Call in keyof Calls]: Calls[Call] extends (...asked: infer Asked) => unknown ? Action<Asked> : never };

/** The master itself. */
export const onMaster = (): Target => ({});

/** Something of the master's. */
export const onNamed = ({ name }: { readonly name: string }): Target => ({ name });

/** A grid, which is said first. */
export const onGrid = (grid: string): Target => ({ grid });
