import type { Resource, ResourceKind } from '../../ports/index.js';
import { KINDS, fullName } from '../names.js';
import { columnsOf } from './columns.js';
import { renderTable, tableRow } from './table.js';

/** Ways to print a list or a record. */
export const FORMATS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type Format = (typeof FORMATS)[number];

interface View {
  readonly format: Format;
  readonly nowMs: number;
  /** Width to fit into; undefined outside a terminal. */
  readonly limit: number | undefined;
}

/** A list in a format, as lines. */
export async function renderList(kind: ResourceKind, items: readonly Resource[], view: View): Promise<readonly string[]> {
  if (view.format === 'table' || view.format === 'wide' || view.format === 'name') return rows(kind, items, view);
  return renderData({ kind: `${KINDS[kind].title}List`, items }, view.format);
}

/** One record in a format, as lines. */
export async function renderRecord(kind: ResourceKind, item: Resource, view: View): Promise<readonly string[]> {
  if (view.format === 'table' || view.format === 'wide' || view.format === 'name') return rows(kind, [item], view);
  return renderData(item, view.format);
}

/** Any data as JSON or YAML. */
export async function renderData(data: unknown, format: 'json' | 'yaml'): Promise<readonly string[]> {
  if (format === 'json') return JSON.stringify(data, null, 2).split('\n');
  const { stringify } = await import('./yaml.js');
  return stringify(data, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd().split('\n');
}

function rows(kind: ResourceKind, items: readonly Resource[], { format, nowMs, limit }: View): readonly string[] {
  if (format === 'name') return items.map(({ name }) => fullName(kind, name));
  const columns = columnsOf(kind, nowMs).filter(({ isWide }) => isWide !== true || format === 'wide');
  return renderTable(columns, items, format === 'wide' ? undefined : limit);
}

/** A table that grows: its head and first rows now, further rows later in the same columns. */
export function renderTableRows(kind: ResourceKind, first: readonly Resource[], format: Format): { head(nowMs: number): readonly string[]; row(resource: Resource, nowMs: number): string } {
  const view = (nowMs: number): View => ({ format, nowMs, limit: undefined });
  const shown = (nowMs: number): ReturnType<typeof columnsOf> => columnsOf(kind, nowMs).filter(({ isWide }) => isWide !== true || format === 'wide');
  const widths = (nowMs: number): readonly number[] => shown(nowMs).map(({ title, cell }) => Math.max(title.length, ...first.map((item) => cell(item).length)));
  return {
    head: (nowMs) => rows(kind, first, view(nowMs)),
    row: (resource, nowMs) => (format === 'name' ? fullName(kind, resource.name) : tableRow(shown(nowMs).map(({ cell }) => cell(resource)), widths(nowMs))),
  };
}
