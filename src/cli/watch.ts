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
  const table = renderTableRows(query.kind, first, format);
  const print = (line: string): void => host.out.write(`${line}\n`);
  const seen = new Map(first.map((resource) => [resource.name, JSON.stringify(resource)]));
  if (format === 'json' || format === 'yaml') first.forEach((object) => print(JSON.stringify({ event: 'changed', object })));
  else table.head(Date.now()).forEach(print);
  try {
    for await (const { resource, isGone } of control.watch(query, over.signal)) {
      const now = JSON.stringify(resource);
      if (!isGone && seen.get(resource.name) === now) continue;
      seen.set(resource.name, isGone ? '' : now);
      if (format === 'json' || format === 'yaml') print(JSON.stringify({ event: isGone ? 'gone' : 'changed', object: resource }));
      else print(`${table.row(resource, Date.now())}${isGone ? '   gone' : ''}`);
    }
    return 0;
  } catch (error) {
    if (over.signal.aborted) return 0;
    throw error;
  } finally {
    forget();
  }
}
