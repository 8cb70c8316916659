import type { Value } from '../../stackfile/index.js';

/** A stack file that is to be read, and with what. */
export interface Wish {
  /** A path, a name in a registry, or an address. */
  readonly source: string;
  readonly text?: string;
  /** Of a text that another file refers to: in which folders the files lie that it may refer to in turn. */
  readonly scope?: readonly string[];
  /** Nobody named it: it was found in a directory. */
  readonly isFound?: boolean;
  /** Its images are to be built. */
  readonly isBuilding?: boolean;
  readonly name?: string | undefined;
  readonly parent?: string | undefined;
  /** Values of variables; `child.name` is the variable `name` of the dependency `child`. */
  readonly values: Readonly<Record<string, Value>>;
  /** Values that the file which depends on this one gives. */
  readonly assigned?: Readonly<Record<string, Value>>;
  /** What stands before the names of its variables in `-v`. */
  readonly prefix?: string;
}
