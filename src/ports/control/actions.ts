/** What a call is: to whoever may make it or not, and to whoever reads later that it was made. */
export interface Action<Asked extends readonly unknown[] = never> {
  /** What it acts upon, and how; of a call that serves several kinds, as what is asked says. */
  readonly action: ActionName | ((...asked: Asked) => ActionName);
  /** Something may be other than it was, here or on a node. */
  readonly isChange: boolean;
}

/** `stack.apply`. */
export type ActionName = `${string}.${string}`;

/** The actions of a group of calls: none may be left out. */
export type Actions<Calls> = { readonly [Call in keyof Calls]: Calls[Call] extends (...asked: infer Asked) => unknown ? Action<Asked> : never };
