import Table from 'cli-table3';

/** One column: its heading, and the cell of a row. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  /** Shown with `-o wide` only. */
  readonly isWide?: boolean;
  /** Cut after all the others: it tells the rows apart. */
  readonly isKey?: boolean;
}

const GAP = '   ';
/** A cell that says nothing. */
export const NOTHING = '-';
/** Narrower than this a column says nothing. */
const NARROWEST = 8;
const BARE = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'].map((part) => [part, '']),
);

/** Rows under their headings, without borders; cut to `columns` characters where a terminal says how wide it is. */
export function renderTable<Row>(all: readonly Column<Row>[], rows: readonly Row[], limit = Infinity): readonly string[] {
  const whole = all.map((column) => [column.title, ...rows.map((row) => column.cell(row).replaceAll(/\s*\n\s*/g, ' '))]);
  // where there is no room, a column that says nothing of any row goes first
  const isShown = (cells: readonly string[]): boolean => widthOf(whole) <= limit || rows.length === 0 || cells.slice(1).some((text) => text !== NOTHING);
  const columns = all.filter((_column, index) => isShown(whole[index] ?? []));
  const shown = whole.filter(isShown);
  const cells = Array.from({ length: rows.length + 1 }, (_none, row) => shown.map((column) => column[row] ?? ''));
  const widths = fit(shown.map(widest), columns.map(({ isKey }) => isKey === true), limit);
  const table = new Table({
    chars: { ...BARE, middle: GAP },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    ...(widths === undefined ? {} : { colWidths: [...widths] }),
  });
  table.push(...cells);
  return table.toString().split('\n').map((line) => line.trimEnd());
}

const widest = (cells: readonly string[]): number => Math.max(...cells.map(({ length }) => length));
const widthOf = (columns: readonly (readonly string[])[]): number => columns.reduce((sum, cells) => sum + widest(cells), GAP.length * (columns.length - 1));

/** Widths that fit: the widest column gives way first, and the key last. Undefined when all fit as they are. */
function fit(natural: readonly number[], isKey: readonly boolean[], limit: number): readonly number[] | undefined {
  const room = limit - GAP.length * (natural.length - 1);
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  if (excess <= 0) return undefined;
  const others = widths.flatMap((_width, index) => (isKey[index] === true ? [] : [index]));
  const keys = widths.flatMap((_width, index) => (isKey[index] === true ? [index] : []));
  for (const group of [others, keys]) {
    while (excess > 0) {
      const first = group.reduce((best, index) => ((widths[index] ?? 0) > (widths[best] ?? 0) ? index : best), group[0] ?? 0);
      if (group.length === 0 || (widths[first] ?? 0) <= NARROWEST) break;
      widths[first] = (widths[first] ?? 0) - 1;
      excess -= 1;
    }
  }
  return widths;
}

/** One more row under a table whose columns are this wide. */
export const tableRow = (cells: readonly string[], widths: readonly number[]): string =>
  cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(GAP).trimEnd();
