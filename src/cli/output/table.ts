import Table from 'cli-table3';

/** One column: its heading, and the cell of a row. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  /** Shown with `-o wide` only. */
  readonly isWide?: boolean;
}

const GAP = '   ';
/** Narrower than this a column says nothing. */
const NARROWEST = 8;
const BARE = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'].map((part) => [part, '']),
);

/** Rows under their headings, without borders; cut to `columns` characters where a terminal says how wide it is. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], limit?: number): readonly string[] {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ cell }) => cell(row).replaceAll(/\s*\n\s*/g, ' ')))];
  const natural = columns.map((_column, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const widths = limit === undefined ? undefined : fit(natural, limit);
  const table = new Table({
    chars: { ...BARE, middle: GAP },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    ...(widths === undefined ? {} : { colWidths: [...widths] }),
  });
  table.push(...cells);
  return table.toString().split('\n').map((line) => line.trimEnd());
}

/** Widths that fit: the widest column gives way first. Undefined when all fit as they are. */
function fit(natural: readonly number[], limit: number): readonly number[] | undefined {
  const room = limit - GAP.length * (natural.length - 1);
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  if (excess <= 0) return undefined;
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    const width = widths[widest] ?? 0;
    if (width <= NARROWEST) break;
    widths[widest] = width - 1;
    excess -= 1;
  }
  return widths;
}

/** One more row under a table whose columns are this wide. */
export const tableRow = (cells: readonly string[], widths: readonly number[]): string =>
  cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(GAP).trimEnd();
