import type { Control, ListQuery, Resource } from '../ports/index.js';
import type { Host } from './host.js';
import { renderTableRows, type Format } from './output/index.js';

interface Watching {
  readonly host: Host;
  readonly control: Control;
  readonly query: ListQuery;
  readonly format: Format;
  /** What there is already, which decides the widths of the columns. */
  readonly first: readonly Resource[];
}

/** Prints what there is, then each change, until Ctrl-C. In JSON one object per line: `{"event": "changed"|"gone", "object": {…}}`. */
export async function watchResources({ host, control, query, format, first }: Watching): Promise<number> {
  const over = new AbortController();
  const forget = host.onInterrupt(() => over.abort());
  const lines = linesOf(query, first, { format, columns: host.out.columns });
  const seen = new Map(first.map((resource) => [resource.name, JSON.stringify(resource)]));
  lines.first().forEach((line) => host.out.write(`${line}\n`));
  try {
    for await (const { resource, isGone } of control.resources.watch(query, over.signal)) {
      const now = isGone ? undefined : JSON.stringify(resource);
      if (now !== undefined && seen.get(resource.name) === now) continue;
      if (now === undefined) seen.delete(resource.name);
      else seen.set(resource.name, now);
      host.out.write(`${lines.next(resource, isGone)}\n`);
    }
  } catch (error) {
    if (!over.signal.aborted) throw error;
  } finally {
    forget();
  }
  return 0;
}

interface Lines {
  first(): readonly string[];
  next(resource: Resource, isGone: boolean): string;
}

function linesOf({ kind }: ListQuery, first: readonly Resource[], { format, columns = Infinity }: { readonly format: Format; readonly columns: number | undefined }): Lines {
  if (format === 'json' || format === 'yaml') {
    const line = (object: Resource, isGone: boolean): string => JSON.stringify({ event: isGone ? 'gone' : 'changed', object });
    return { first: () => first.map((object) => line(object, false)), next: line };
  }
  const table = renderTableRows(kind, first, format);
  // what comes may be longer than what there was, so that lines are cut and no column is
  const cut = (line: string): string => (format !== 'table' || line.length <= columns ? line : `${line.slice(0, columns - 1)}…`);
  return { first: () => table.head(Date.now()).map(cut), next: (resource, isGone) => cut(`${table.row(resource, Date.now())}${isGone ? '   gone' : ''}`) };
}
