const EIGHTHS = '▁▂▃▄▅▆▇█';

/**
 * A line of blocks, one for each value: the lowest stands for nothing, the highest for the most there is.
 *
 * @param values undefined where nothing is known, which stays blank
 * @param most what the highest block stands for
 */
export function sparkline(values: readonly (number | undefined)[], most: number): string {
  return values.map((value) => (value === undefined ? ' ' : (EIGHTHS[most <= 0 ? 0 : Math.min(EIGHTHS.length - 1, Math.floor((value / most) * EIGHTHS.length))] ?? ' '))).join('');
}

/** As many values as there is room for, each the mean of those that it stands for. */
export function condensed(values: readonly (number | undefined)[], room: number): readonly (number | undefined)[] {
  if (values.length <= room) return values;
  return Array.from({ length: room }, (_none, index) => {
    const part = values.slice(Math.floor((index * values.length) / room), Math.floor(((index + 1) * values.length) / room)).filter((value) => value !== undefined);
    return part.length === 0 ? undefined : part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}
