import type { Dependency } from './dependencies.js';
import type { Value } from './variables/value.js';

type Values = Readonly<Record<string, Value>>;

/** What a dependency is read with. */
export interface Child {
  /** The file it stands in, as `Mistake` names it. */
  readonly source: string;
  readonly text: string;
  /** In which folders the files lie that it may refer to. */
  readonly scope: readonly string[];
  /** `<parent>-<name in depends>`. */
  readonly name: string;
  readonly parent: string;
  /** Those that `child.name=value` gives. */
  readonly values: Values;
  /** Those that the parent's file gives. */
  readonly assigned: Values;
  /** What stands before the names of its variables in `-v`: `child.`, `child.grandchild.` */
  readonly prefix: string;
}

/**
 * The stacks that one depends on, each with the values that its parent gives it, and those that `child.name=value` does.
 * None when the parent has no name because it is refused: what depends on itself would have children without end.
 *
 * @param wish what the parent is read with
 */
export const childrenOf = (parent: string, dependencies: readonly Dependency[], { values, prefix = '' }: { readonly values: Values; readonly prefix?: string | undefined }): readonly Child[] =>
  (parent === '' ? [] : dependencies).map(({ name, file, variables }) => {
    const given = Object.entries(values).filter(([key]) => key.startsWith(`${name}.`)).map(([key, value]) => [key.slice(name.length + 1), value]);
    return { source: file.name, text: file.text, scope: file.scope ?? [], name: `${parent}-${name}`, parent, values: Object.fromEntries(given) as Values, assigned: variables as Values, prefix: `${prefix}${name}.` };
  });
