import { type Entry, isoTime, type Kind } from '../../model/index.js';
import type { Resource, View } from '../../ports/index.js';
import { defined } from '../defined.js';

/** How the records of one grid are shown to people as resources of one kind. Pure. */
export interface Shape {
  /** The names of all there is, in order. */
  names(view: View): readonly string[];
  /** The resource of that name as it is now; undefined when there is none. */
  describe(view: View, name: string): Resource | undefined;
  /** For each kind of record it is shown from: the names, or groups, that a changed one may concern. Too many is harmless, too few is a fault. */
  readonly watches: { readonly [K in Kind]?: (name: string, view: View) => readonly string[] | 'all' };
  /** The group that comes and goes together, for names that no record of their own stands behind. */
  readonly groupOf?: (name: string) => string | undefined;
}

/** What people see of a record beside its spec and status. */
export function resource(kind: string, grid: string, record: Shown, parts: { readonly spec: object; readonly status: object }): Resource {
  return {
    kind,
    grid,
    name: record.name,
    revision: record.revision,
    createdAt: isoTime(record.createdAt),
    updatedAt: isoTime(record.updatedAt),
    updatedBy: record.updatedBy,
    spec: defined(parts.spec),
    status: defined(parts.status),
  };
}

type Shown = Pick<Entry, 'name' | 'revision' | 'createdAt' | 'updatedAt' | 'updatedBy'>;

export const namesOf = (view: View, kind: Kind): readonly string[] => view.list(kind).map(({ name }) => name);
