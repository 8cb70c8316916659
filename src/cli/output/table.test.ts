import { describe, expect, test } from '@jest/globals';
import { renderTable, type Column } from './table.js';

type Row = readonly [string, string, string];
const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', cell: ([name]) => name, isKey: true },
  { title: 'PORTS', cell: ([, ports]) => ports },
  { title: 'IMAGE', cell: ([, , image]) => image },
];
const ROWS: readonly Row[] = [['todo/web.1@13', '-', 'registry.example.com/todo:1.4'], ['todo/web.2@13', '-', 'x:1']];

describe('a table', () => {
  test.each<[string, number | undefined, readonly string[]]>([
    ['is whole where there is room', undefined, ['NAME            PORTS   IMAGE', 'todo/web.1@13   -       registry.example.com/todo:1.4', 'todo/web.2@13   -       x:1']],
    ['leaves out what says nothing of any row, where there is none', 50, ['NAME            IMAGE', 'todo/web.1@13   registry.example.com/todo:1.4', 'todo/web.2@13   x:1']],
    ['then cuts the widest', 36, ['NAME            IMAGE', 'todo/web.1@13   registry.example.co…', 'todo/web.2@13   x:1']],
    ['and the key at the very last, so that rows can be told apart', 24, ['NAME            IMAGE', 'todo/web.1@13   registr…', 'todo/web.2@13   x:1']],
  ])('%s', (_title, limit, lines) => {
    expect(renderTable(COLUMNS, ROWS, limit)).toEqual(lines);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(limit ?? Infinity);
  });
});
